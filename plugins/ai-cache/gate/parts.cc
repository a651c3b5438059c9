// SPDX-License-Identifier: Apache-2.0
// What parts.h declares, in its order.
#include "parts.h"

#include <algorithm>
#include <array>

namespace gate {

Token word(std::string_view text) {
  return {.text = std::string(text), .canon = std::string(text)};
}

bool has(const Token& token, std::uint32_t classes) {
  return (english().classes(token.text) & classes) != 0;
}

void erase(std::vector<Token>& tokens, std::size_t from, std::size_t to) {
  tokens.erase(tokens.begin() + static_cast<std::ptrdiff_t>(from),
               tokens.begin() + static_cast<std::ptrdiff_t>(to));
}

bool is_break(const Token& token) { return token.kind == Kind::comma || token.kind == Kind::stop; }

bool begins_question(const Token& token) { return has(token, kQuestion) || token.text == "if"; }

bool begins_any_question(std::span<const Token> tokens) {
  static constexpr std::array<std::string_view, 16> kVerbs = {
      "is",    "are",    "was",  "were",  "do",  "does", "did", "can",
      "could", "should", "will", "would", "has", "have", "am",  "may"};
  if (tokens.empty()) return false;
  return begins_question(tokens[0]) || std::ranges::find(kVerbs, tokens[0].text) != kVerbs.end();
}

bool fits(Tail tail, const std::vector<Token>& tokens, std::size_t at) {
  if (at >= tokens.size()) return false;
  const Token& next = tokens[at];
  switch (tail) {
    case Tail::anything:
      return true;
    case Tail::question:
      return begins_question(next) || (is_break(next) && at + 1 < tokens.size() &&
                                       begins_any_question(std::span(tokens).subspan(at + 1)));
    case Tail::gerund:
      return next.text.size() > 4 && next.text.ends_with("ing");
    case Tail::verb:
      return next.kind == Kind::word && !has(next, kPreposition | kQuestion | kSubject) &&
             next.text != "the" && next.text != "a" && next.text != "an" && next.text != "my" &&
             next.text != "your";
  }
  return false;
}

}  // namespace gate
