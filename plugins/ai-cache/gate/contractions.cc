// SPDX-License-Identifier: Apache-2.0
// Contractions by rule, and a list of those that no rule finds.
#include "contractions.h"

#include <algorithm>
#include <array>

#include "parts.h"

namespace gate {

namespace {

struct Short {
  const char* written;
  const char* meant;
};

constexpr Short kShorts[] = {
    {"can't", "can not"},
    {"won't", "will not"},
    {"shan't", "shall not"},
    {"ain't", "is not"},
    {"cannot", "can not"},
    {"cant", "can not"},
    {"wont", "will not"},
    {"dont", "do not"},
    {"doesnt", "does not"},
    {"didnt", "did not"},
    {"isnt", "is not"},
    {"arent", "are not"},
    {"wasnt", "was not"},
    {"werent", "were not"},
    {"couldnt", "could not"},
    {"shouldnt", "should not"},
    {"wouldnt", "would not"},
    {"hasnt", "has not"},
    {"havent", "have not"},
    {"hadnt", "had not"},
    {"im", "i am"},
    {"ive", "i have"},
    {"youre", "you are"},
    {"theyre", "they are"},
    {"whats", "what is"},
    {"whos", "who is"},
    {"wheres", "where is"},
    {"hows", "how is"},
    {"thats", "that is"},
    {"theres", "there is"},
    {"let's", "let us"},
    {"lets", "let us"},
    {"y'all", "you all"},
    {"gonna", "going to"},
    {"wanna", "want to"},
    {"gotta", "have to"},
    {"lemme", "let me"},
    {"gimme", "give me"},
    {"dunno", "do not know"},
    {"u", "you"},
    {"ur", "your"},
    {"r", "are"},
    {"wats", "what is"},
    {"wat", "what"},
    {"hw", "how"},
    {"&", "and"},
    {"vs", "versus"},
    {"w/", "with"},
    {"w/o", "without"},
    {"coz", "because"},
    {"cuz", "because"},
    {"thru", "through"},
    {"teh", "the"},
    {"hwo", "how"},
    {"wht", "what"},
    {"whta", "what"},
    {"adn", "and"},
    {"2day", "today"},
    {"how'd", "how did"},
    {"dose", "does"},
};

bool takes_is(std::string_view stem) {
  static constexpr std::array<std::string_view, 15> kStems = {
      "what",  "who",  "where", "when", "how",  "why",        "it",   "that",
      "there", "here", "he",    "she",  "this", "everything", "which"};
  return std::ranges::find(kStems, stem) != kStems.end();
}

void push_words(std::vector<Token>& to, std::string_view text, const Token& like) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    Token token = word(text.substr(0, end));
    token.quoted = like.quoted;
    token.capital = like.capital;
    to.push_back(std::move(token));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void expand(std::vector<Token>& out, Token&& token) {
  const std::string& text = token.text;
  if (token.kind != Kind::word) return out.push_back(std::move(token));
  const auto known = std::ranges::find_if(kShorts, [&](const Short& each) {
    return each.written[0] == text[0] && text == each.written;
  });
  // "dose" is a slip for "does" only after a question word; "r" and "u" are letters in capitals.
  const bool slip = text != "dose" || (!out.empty() && has(out.back(), kQuestion));
  if (text == "too" && !out.empty() && out.back().text == "how") return out.push_back(word("to"));
  if (known != std::end(kShorts) && slip && !(text.size() == 1 && token.capital))
    return push_words(out, known->meant, token);
  const std::size_t mark = text.rfind('\'');
  if (mark == std::string::npos || mark == 0) return out.push_back(std::move(token));
  const std::string stem = text.substr(0, mark);
  const std::string ending = text.substr(mark);
  if (ending == "'t" && stem.ends_with('n')) {
    push_words(out, stem.substr(0, stem.size() - 1) + " not", token);
  } else if (ending == "'m" || ending == "'re") {
    push_words(out, stem + (ending == "'m" ? " am" : " are"), token);
  } else if (ending == "'ve" || ending == "'ll" || ending == "'d") {
    push_words(out,
               stem + (ending == "'ve"   ? " have"
                       : ending == "'ll" ? " will"
                                         : " would"),
               token);
  } else if (ending == "'s" || ending == "'") {
    push_words(out, stem, token);
    if (ending == "'s") out.push_back(word(takes_is(stem) ? "is" : "'s"));
  } else {
    out.push_back(std::move(token));
  }
}

}  // namespace

void expand_contractions(std::vector<Token>& tokens) {
  std::vector<Token> out;
  out.reserve(tokens.size() + 4);
  for (Token& token : tokens) expand(out, std::move(token));
  tokens = std::move(out);
}

}  // namespace gate
