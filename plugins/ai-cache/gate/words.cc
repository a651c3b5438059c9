// SPDX-License-Identifier: Apache-2.0
// Known words in an xor filter, base forms by rule, distance by dynamic programming over rows.
#include "words.h"

#include <algorithm>
#include <array>

#include "known_words.generated.h"

namespace gate {

namespace {

constexpr std::size_t kLettersMin = 5;      // shorter words are too near to each other
constexpr std::size_t kLettersForTwo = 8;   // from here on two slips are tolerated
constexpr std::size_t kLettersUnknown = 9;  // two words that do not exist, with one slip
constexpr std::size_t kLettersMax = 32;

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_vowel(char c) { return std::string_view("aeiouy").contains(c); }

bool has_vowel(std::string_view word) { return std::ranges::any_of(word, is_vowel); }

std::uint64_t hash_of(std::string_view word) {
  std::uint64_t value = 0xcbf29ce484222325ULL ^ kKnownWordsSeed;
  for (const char c : word) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  value = (value ^ (value >> 33)) * 0xff51afd7ed558ccdULL;
  value = (value ^ (value >> 33)) * 0xc4ceb9fe1a85ec53ULL;
  return value ^ (value >> 33);
}

std::uint64_t slot(std::uint64_t at) { return kKnownWords[at / 12] >> (at % 12 * 5) & 31; }

bool in_filter(std::string_view word) {
  if (word.size() < 3 || word.size() > 15) return false;
  const std::uint64_t value = hash_of(word);
  std::uint64_t found = 0;
  for (std::uint64_t i = 0; i < 3; ++i)
    found ^= slot((value >> (19 * i) & 0x7ffff) % kKnownWordsBlock + kKnownWordsBlock * i);
  return found == value >> 59;
}

// What is left of "running", "making" or "walking" without its ending, as the word that it is of.
std::string stem_of(std::string_view rest) {
  const std::size_t size = rest.size();
  std::string word(rest);
  const bool doubled = size > 2 && rest[size - 1] == rest[size - 2] && !is_vowel(rest.back());
  if (doubled) return in_filter(word) ? word : word.substr(0, size - 1);
  const bool closed = size > 2 && !is_vowel(rest[size - 1]) && rest[size - 1] != 'w' &&
                      rest[size - 1] != 'x' && is_vowel(rest[size - 2]) &&
                      !is_vowel(rest[size - 3]);
  if (in_filter(word + 'e') && (closed || !in_filter(word))) word += 'e';
  return word;
}

// Whether two neighbours changed places, and nothing else did.
bool exchanged(std::string_view a, std::string_view b) {
  std::size_t at = 0;
  while (at < a.size() && a[at] == b[at]) ++at;
  return at + 1 < a.size() && a[at] == b[at + 1] && a[at + 1] == b[at] &&
         a.substr(at + 2) == b.substr(at + 2);
}

bool ends_in_sibilant(std::string_view word) {
  return word.ends_with("sh") || word.ends_with("ch") || word.ends_with('x') ||
         word.ends_with("ss") || word.ends_with("zz");
}

}  // namespace

bool is_known(std::string_view word) {
  if (!std::ranges::all_of(word, is_lower)) return false;
  if (in_filter(word)) return true;
  const Base base = base_of(word);
  if (base.word != word && in_filter(base.word)) return true;
  return (word.ends_with("ly") && in_filter(word.substr(0, word.size() - 2))) ||
         (word.ends_with("ness") && in_filter(word.substr(0, word.size() - 4)));
}

Base base_of(std::string_view word) {
  const std::size_t size = word.size();
  if (size < 4 || size > kLettersMax || !std::ranges::all_of(word, is_lower))
    return {std::string(word), Inflection::none};
  if (word.ends_with("ing") && has_vowel(word.substr(0, size - 3)) && size > 5)
    return {stem_of(word.substr(0, size - 3)), Inflection::ing};
  if (word.ends_with("ied") && size > 4)
    return {std::string(word.substr(0, size - 3)) + 'y', Inflection::past};
  if (word.ends_with("ed") && !word.ends_with("eed") && has_vowel(word.substr(0, size - 2)) &&
      size > 4)
    return {stem_of(word.substr(0, size - 2)), Inflection::past};
  if (word.ends_with("ies") && size > 4 && !in_filter(word.substr(0, size - 1)))
    return {std::string(word.substr(0, size - 3)) + 'y', Inflection::none};
  const bool hissing = word.ends_with("ses") && !in_filter(word.substr(0, size - 1));
  if (word.ends_with("es") && (hissing || ends_in_sibilant(word.substr(0, size - 2))))
    return {std::string(word.substr(0, size - 2)), Inflection::none};
  if (word.ends_with("oes")) return {std::string(word.substr(0, size - 2)), Inflection::none};
  if (word.ends_with('s') && !word.ends_with("ss") && !word.ends_with("us") &&
      !word.ends_with("is"))
    return {std::string(word.substr(0, size - 1)), Inflection::none};
  return {std::string(word), Inflection::none};
}

int slips_between(std::u32string_view a, std::u32string_view b, int most) {
  if (a.size() > kLettersMax || b.size() > kLettersMax) return most + 1;
  std::array<std::array<int, kLettersMax + 1>, 3> rows;
  for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = static_cast<int>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto& row = rows[i % 3];
    const auto& above = rows[(i + 2) % 3];
    row[0] = static_cast<int>(i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], rows[(i + 1) % 3][j - 2] + 1);
    }
  }
  return std::min(rows[a.size() % 3][b.size()], most + 1);
}

bool is_misspelling(std::string_view a, std::string_view b) {
  if (!std::ranges::all_of(a, is_lower) || !std::ranges::all_of(b, is_lower)) return false;
  const std::size_t shorter = std::min(a.size(), b.size());
  const std::size_t longer = std::max(a.size(), b.size());
  if (shorter == longer && longer == kLettersMin - 1)
    return exchanged(a, b) && is_known(a) != is_known(b);
  if (longer < kLettersMin || shorter + 2 < longer || longer > kLettersMax) return false;
  const bool two =
      a[0] == b[0] && shorter >= kLettersForTwo - 2 &&
      (longer >= kLettersForTwo ? shorter >= kLettersForTwo - 1 || a.back() == b.back()
                                : longer == kLettersForTwo - 1 && a.back() == b.back());
  const std::u32string wide_a(a.begin(), a.end());
  const std::u32string wide_b(b.begin(), b.end());
  const int slips = slips_between(wide_a, wide_b, 2);
  if (slips > (two ? 2 : 1)) return false;
  const bool known_a = is_known(a);
  const bool known_b = is_known(b);
  if (known_a && known_b) return false;
  if (!known_a && !known_b) {
    return shorter >= kLettersUnknown && slips == 1 && a[0] == b[0] && a.back() == b.back();
  }
  return true;
}

}  // namespace gate
