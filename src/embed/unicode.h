// SPDX-License-Identifier: Apache-2.0
// What BERT's normalizer and word splitter ask about a character. The answers are those of the
// implementation that the models were trained with (unicode_tables.generated.h).
#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

namespace mynah::embed {

struct CharacterRange {
  char32_t first;
  char32_t last;
};

// What a character becomes: up to three, the rest zeros.
struct CharacterMapping {
  char32_t from;
  std::array<char32_t, 3> to;
};

// Takes the first character of well-formed UTF-8, which must not be empty, off the text. Each byte
// that is part of no character yields U+FFFD.
char32_t take_character(std::string_view& text);

// Control and format characters, U+0000 and U+FFFD, which a cleaned text does not have.
bool is_dropped(char32_t c);
bool is_blank(char32_t c);
// Signs that stand for a word each, among them all ASCII signs.
bool is_punctuation(char32_t c);
// The ideographs of Chinese, which stand for a word each too.
bool is_ideograph(char32_t c);

// Appends the character without its accents; nothing for an accent itself.
void append_without_marks(std::vector<char32_t>& to, char32_t c);
// Appends the small letters of a capital one; the character itself when it is none.
void append_lowered(std::vector<char32_t>& to, char32_t c);

}  // namespace mynah::embed
