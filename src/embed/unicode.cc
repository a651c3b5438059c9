// SPDX-License-Identifier: Apache-2.0
// Look-ups in sorted tables; ASCII, which most text consists of, is answered without them.
#include "embed/unicode.h"

#include <algorithm>
#include <iterator>
#include <span>

#include "base/text.h"
#include "embed/unicode_tables.generated.h"

namespace mynah::embed {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

constexpr CharacterRange kIdeographs[] = {
    {0x3400, 0x4DBF},   {0x4E00, 0x9FFF},   {0xF900, 0xFAFF},   {0x20000, 0x2A6DF},
    {0x2A700, 0x2B73F}, {0x2B740, 0x2B81F}, {0x2B920, 0x2CEAF}, {0x2F800, 0x2FA1F},
};

// Syllables of Hangul are taken apart by the arithmetic of the Unicode standard, section 3.12.
constexpr char32_t kHangulFirst = 0xAC00;
constexpr char32_t kHangulLast = 0xD7A3;
constexpr char32_t kLeads = 0x1100;
constexpr char32_t kVowels = 0x1161;
constexpr char32_t kTails = 0x11A7;
constexpr char32_t kVowelsPerLead = 21;
constexpr char32_t kTailsPerVowel = 28;

bool within(std::span<const CharacterRange> ranges, char32_t c) {
  const auto after = std::ranges::upper_bound(ranges, c, {}, &CharacterRange::first);
  return after != ranges.begin() && c <= std::prev(after)->last;
}

void append_mapped(std::span<const CharacterMapping> mappings, std::vector<char32_t>& to,
                   char32_t c) {
  const auto found = std::ranges::lower_bound(mappings, c, {}, &CharacterMapping::from);
  if (found == mappings.end() || found->from != c) return to.push_back(c);
  for (const char32_t each : found->to) {
    if (each != 0) to.push_back(each);
  }
}

}  // namespace

char32_t take_character(std::string_view& text) {
  const std::size_t length = utf8_length(text);
  if (length == 0) {
    text.remove_prefix(1);
    return kReplacement;
  }
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  char32_t c = length == 1 ? byte(0) : byte(0) & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) c = (c << 6U) | (byte(i) & 0x3FU);
  text.remove_prefix(length);
  return c;
}

bool is_dropped(char32_t c) {
  if (c >= 0x20 && c < 0x7F) return false;
  return c == 0 || c == kReplacement || within(kDropped, c);
}

bool is_blank(char32_t c) {
  return c == ' ' || (c < 0x7F ? c == '\t' || c == '\n' || c == '\r' : within(kBlanks, c));
}

bool is_punctuation(char32_t c) {
  if (c < 0x80) {
    const auto sign = static_cast<char>(c);
    return c > 0x20 && c < 0x7F && !is_digit(sign) && !is_alpha(sign);
  }
  return within(kPunctuation, c);
}

bool is_ideograph(char32_t c) { return c >= 0x3400 && within(kIdeographs, c); }

void append_without_marks(std::vector<char32_t>& to, char32_t c) {
  if (c < 0x80) return to.push_back(c);
  if (c >= kHangulFirst && c <= kHangulLast) {
    const char32_t index = c - kHangulFirst;
    to.push_back(kLeads + index / (kVowelsPerLead * kTailsPerVowel));
    to.push_back(kVowels + index / kTailsPerVowel % kVowelsPerLead);
    if (index % kTailsPerVowel != 0) to.push_back(kTails + index % kTailsPerVowel);
    return;
  }
  if (!within(kMarks, c)) append_mapped(kBases, to, c);
}

void append_lowered(std::vector<char32_t>& to, char32_t c) {
  if (c < 0x80) {
    to.push_back(static_cast<unsigned char>(lower(static_cast<char>(c))));
  } else {
    append_mapped(kLowered, to, c);
  }
}

}  // namespace mynah::embed
