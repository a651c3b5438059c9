// SPDX-License-Identifier: Apache-2.0
// What the gate knows of single words: whether they exist, their base form, and whether one is a
// slip of the pen for another. A word is lower-case ASCII; anything else is unknown and has no
// form.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gate {

// Whether it is an English word or a name that is often written. One in thirty of the words that do
// not exist is known nevertheless.
bool is_known(std::string_view word);

enum class Inflection : std::uint8_t { none, past, ing };

struct Base {
  std::string word;
  Inflection inflection = Inflection::none;
};

// The regular base form: plurals and third persons lose their ending without a trace.
Base base_of(std::string_view word);

// Insertions, losses, replacements and exchanges of neighbours between the two, at most `most` + 1.
int slips_between(std::u32string_view a, std::u32string_view b, int most);

// Whether the two differ as a word differs from its misspelling: exactly one of them exists.
bool is_misspelling(std::string_view a, std::string_view b);

}  // namespace gate
