// SPDX-License-Identifier: Apache-2.0
// English questions: contractions, politeness, openings, the kind of question, tense and modality.
#pragma once

#include "gate.h"

namespace gate {

void read_english(Tokens&& read, CanonicalForm& form);

}  // namespace gate
