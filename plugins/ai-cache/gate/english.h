// SPDX-License-Identifier: Apache-2.0
// English questions: contractions, politeness, openings, the kind of question, tense and modality.
#pragma once

#include "gate.h"

namespace gate {

void read_english(Tokens&& read, CanonicalForm& form);

// Tokens get the base form, or the meaning that the lexicon gives to them or to a phrase of them.
void give_meanings(std::vector<Token>& tokens);

}  // namespace gate
