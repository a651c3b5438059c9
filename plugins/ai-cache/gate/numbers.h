// SPDX-License-Identifier: Apache-2.0
// Numbers in one spelling: "twenty-five", "25", "两百" and "200", "half an hour" and "30 minutes",
// "$5" and "5 dollars". Lengths of time are told in minutes, days or months.
#pragma once

#include <vector>

#include "tokens.h"

namespace gate {

void unify_english_numbers(std::vector<Token>& tokens);
void unify_chinese_numbers(std::vector<Token>& tokens);

}  // namespace gate
