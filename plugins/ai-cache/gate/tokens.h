// SPDX-License-Identifier: Apache-2.0
// Token: a word, a number, a Chinese character, a piece of code or a stop of a question. Reading a
// question into tokens unifies width, script and case and takes apart what is code.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "words.h"

namespace gate {

enum class Kind : std::uint8_t { word, number, han, code, comma, stop };

struct Token {
  Kind kind = Kind::word;
  std::string text;   // as it was read, in lower case
  std::string canon;  // what it is compared as
  Inflection inflection = Inflection::none;
  bool capital = false;  // began with a capital letter
  bool upper = false;    // all of it was capital
  bool quoted = false;   // stood in quotation marks
};

struct Tokens {
  std::vector<Token> list;
  std::string exact;  // the code of the question, blanks and quotes unified only where they may
  bool has_han = false;
  bool valid = true;  // it is UTF-8 and within the limits
};

Tokens read_tokens(std::string_view question, std::size_t tokens_max);

// The code points of UTF-8; each byte that belongs to none is U+FFFD.
std::u32string decoded(std::string_view text);
void append_utf8(std::string& to, char32_t c);

}  // namespace gate
