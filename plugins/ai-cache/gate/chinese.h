// SPDX-License-Identifier: Apache-2.0
// Chinese questions: phrases, politeness, openings, the kind of question, tense.
#pragma once

#include "gate.h"

namespace gate {

void read_chinese(Tokens&& read, CanonicalForm& form);

// Whether the text begins with a word that announces a text to be worked on.
bool chinese_task(std::string_view text);

}  // namespace gate
