// SPDX-License-Identifier: Apache-2.0
// Small questions about the tokens of an English question, which several steps ask.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "lexicon.h"
#include "openings.h"
#include "tokens.h"

namespace gate {

Token word(std::string_view text);

bool has(const Token& token, std::uint32_t classes);

void erase(std::vector<Token>& tokens, std::size_t from, std::size_t to);

// A comma, or the end of a sentence.
bool is_break(const Token& token);

// Whether a question begins here: with a question word, or with an auxiliary as well.
bool begins_question(const Token& token);
bool begins_any_question(std::span<const Token> tokens);

// Whether that follows at this place which a pattern asks for.
bool fits(Tail tail, const std::vector<Token>& tokens, std::size_t at);

}  // namespace gate
