// SPDX-License-Identifier: Apache-2.0
// What the gate knows of single Chinese characters: their simplified form, and which sound alike.
#pragma once

namespace gate {

bool is_han(char32_t c);

// The simplified form of a common traditional character; any other one as it is.
char32_t simplified(char32_t c);

// Whether two different common characters have the same reading and tone.
bool sound_alike(char32_t a, char32_t b);

}  // namespace gate
