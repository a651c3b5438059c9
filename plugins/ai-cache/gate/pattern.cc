// SPDX-License-Identifier: Apache-2.0
// One element after the other.
#include "pattern.h"

#include <algorithm>

namespace gate {

namespace {

std::string_view take(std::string_view& from, char until) {
  const std::size_t end = std::min(from.find(until), from.size());
  const std::string_view part = from.substr(0, end);
  from.remove_prefix(std::min(end + 1, from.size()));
  return part;
}

// Comparing first letters first spares most comparisons: this runs for every pattern.
bool fits(std::string_view alternatives, const Token& token) {
  const std::string_view text = token.text;
  for (std::size_t begin = 0; begin < alternatives.size();) {
    const std::size_t end = std::min(alternatives.find('|', begin), alternatives.size());
    const char first = alternatives[begin];
    if (!text.empty() && first == text[0]) {
      if (alternatives.substr(begin, end - begin) == text) return true;
    } else if (first == '@') {
      const std::string_view any = alternatives.substr(begin, end - begin);
      if (any == "@word" && token.kind == Kind::word) return true;
      if (any == "@ing" && text.size() > 4 && text.ends_with("ing")) return true;
    }
    begin = end + 1;
  }
  return false;
}

}  // namespace

std::size_t match(std::string_view pattern, std::span<const Token> tokens, std::size_t at) {
  while (!pattern.empty()) {
    std::string_view element = take(pattern, ' ');
    const bool optional = element.starts_with('?');
    const bool repeated = element.starts_with('*');
    if (optional || repeated) element.remove_prefix(1);
    if (at < tokens.size() && fits(element, tokens[at])) {
      ++at;
      while (repeated && at < tokens.size() && fits(element, tokens[at])) ++at;
    } else if (!optional && !repeated) {
      return kNoMatch;
    }
  }
  return at;
}

}  // namespace gate
