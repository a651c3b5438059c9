// SPDX-License-Identifier: Apache-2.0
// Contractions in full: "don't", "dont" and "do not" are the same words. What is left of an "'s"
// that is no "is" marks a possessive.
#pragma once

#include <vector>

#include "tokens.h"

namespace gate {

void expand_contractions(std::vector<Token>& tokens);

}  // namespace gate
