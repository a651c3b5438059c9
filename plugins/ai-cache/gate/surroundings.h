// SPDX-License-Identifier: Apache-2.0
// What stands around an English question and says nothing about what is asked.
#pragma once

#include <vector>

#include "tokens.h"

namespace gate {

// A slip in "what" or "difference" would hide what kind of question it is.
void correct_question_words(std::vector<Token>& tokens);

// Takes away greetings, politeness, remarks and what leads to the question.
void drop_surroundings(std::vector<Token>& tokens);

// Moves a part that may stand anywhere to the end: "in Texas, …", "…, as a student, …".
void move_parts(std::vector<Token>& tokens);

}  // namespace gate
