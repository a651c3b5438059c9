// SPDX-License-Identifier: Apache-2.0
// Patterns over tokens: words apart by blanks; "a|b" is either, a "?" in front makes an element
// optional, a "*" lets it stand any number of times, "@ing" is any form in -ing,
// "@word" any word. A pattern matches
// greedily and never goes back, so it costs its length.
#pragma once

#include <span>
#include <string_view>

#include "tokens.h"

namespace gate {

// Where the match that begins at `at` ends, or npos.
std::size_t match(std::string_view pattern, std::span<const Token> tokens, std::size_t at);
inline constexpr std::size_t kNoMatch = static_cast<std::size_t>(-1);

}  // namespace gate
