// SPDX-License-Identifier: Apache-2.0
//   version := number [ "." number [ "." number ] ] [ "-" word *( "." word ) ] [ "+" words ]
//   word    := 1*( letter | digit | "-" )
#include "market/version.h"

#include <algorithm>

#include "base/text.h"

namespace mynah::market {
namespace {

bool is_word(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char c) { return is_alpha(c) || is_digit(c) || c == '-'; });
}

bool are_words(std::string_view text) { return std::ranges::all_of(split(text, '.'), is_word); }

// Numbers by value and before words, words by their characters.
std::weak_ordering compare_words(const std::string& a, const std::string& b) {
  const auto a_number = parse_unsigned(a);
  const auto b_number = parse_unsigned(b);
  if (a_number && b_number) return *a_number <=> *b_number;
  if (a_number.ok() != b_number.ok()) {
    return a_number ? std::weak_ordering::less : std::weak_ordering::greater;
  }
  return a <=> b;
}

}  // namespace

Result<Version> Version::parse(std::string_view text) {
  const Error wrong{Errc::invalid_argument,
                    cat("\"", text.substr(0, kBytesMax), "\" is not a version")};
  if (text.size() > kBytesMax) return wrong;
  const Halves build = cut(text, "+");
  if (build.found && !are_words(build.after)) return wrong;
  const Halves parts = cut(build.before, "-");
  Version version;
  std::size_t place = 0;
  for (const std::string_view part : split(parts.before, '.')) {
    const auto number = parse_unsigned(part);
    const bool padded = part.size() > 1 && part.front() == '0';
    if (!number || padded || place == version.numbers.size()) return wrong;
    version.numbers[place++] = *number;
  }
  if (!parts.found) return version;
  if (!are_words(parts.after)) return wrong;
  for (const std::string_view word : split(parts.after, '.')) version.pre.emplace_back(word);
  return version;
}

std::weak_ordering Version::operator<=>(const Version& other) const {
  if (const auto order = numbers <=> other.numbers; order != 0) return order;
  if (pre.empty() || other.pre.empty()) return pre.empty() <=> other.pre.empty();
  return std::lexicographical_compare_three_way(pre.begin(), pre.end(), other.pre.begin(),
                                                other.pre.end(), compare_words);
}

}  // namespace mynah::market
