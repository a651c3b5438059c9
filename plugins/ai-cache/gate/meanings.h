// SPDX-License-Identifier: Apache-2.0
// Tokens get the base form, or the meaning that the lexicon gives to them or to a phrase of them.
#pragma once

#include <vector>

#include "tokens.h"

namespace gate {

void give_meanings(std::vector<Token>& tokens);

}  // namespace gate
