// SPDX-License-Identifier: Apache-2.0
// The longest phrase first, as it is written before its base form.
#include "meanings.h"

#include <algorithm>

#include "parts.h"

namespace gate {

namespace {

std::string phrase_of(const std::vector<Token>& tokens, std::size_t at, std::size_t size,
                      bool based) {
  std::string phrase;
  for (std::size_t i = at; i < at + size; ++i) {
    if (i > at) phrase += '_';
    phrase += based && tokens[i].kind == Kind::word ? base_of(tokens[i].text).word : tokens[i].text;
  }
  return phrase;
}

}  // namespace

void give_meanings(std::vector<Token>& tokens) {
  std::vector<Token> kept;
  kept.reserve(tokens.size());
  for (std::size_t at = 0; at < tokens.size();) {
    Token& token = tokens[at];
    if ((token.kind != Kind::word && token.kind != Kind::number) || token.quoted) {
      kept.push_back(std::move(token));
      ++at;
      continue;
    }
    // "IT" is a trade, "it" is not.
    if (token.text == "it" && token.upper) token.text = "information_technology";
    const Base base = token.kind == Kind::word ? base_of(token.text) : Base{token.text};
    const std::size_t longest =
        std::min({std::max(english().longest(token.text), english().longest(base.word)),
                  std::size_t{5}, tokens.size() - at});
    std::size_t taken = 0;
    for (std::size_t size = longest; size > 0 && taken == 0; --size) {
      for (const bool based : {false, true}) {
        const Meaning* meaning = english().find(phrase_of(tokens, at, size, based));
        if (meaning == nullptr) continue;
        // That a word occurs in chat says nothing of its meaning.
        if (!based && size == 1 && meaning->classes == kChat &&
            english().canon_of(*meaning) == token.text)
          continue;
        // "us" is the country in capitals or after "the" only.
        if (size == 1 && token.text == "us" && !token.upper) continue;
        token.canon = english().canon_of(*meaning);
        const bool past = (meaning->classes & kPast) != 0;
        token.inflection = past ? Inflection::past : based ? base.inflection : Inflection::none;
        if (past) {
          if (const Meaning* again = english().find(token.canon))
            token.canon = english().canon_of(*again);
        }
        taken = size;
        break;
      }
    }
    if (taken == 0) {
      taken = 1;
      if (token.kind == Kind::word) {
        token.canon = base.word;
        token.inflection = base.inflection;
      }
    }
    const bool verbal = !kept.empty() && (english().classes(kept.back().text) & kGerund) != 0;
    const bool auxiliary = kept.empty() || (at > 0 && has(kept.back(), kLight));
    if (token.inflection == Inflection::ing && (verbal || auxiliary))
      token.inflection = Inflection::none;
    if (taken > 1) token.text = phrase_of(tokens, at, taken, false);
    kept.push_back(std::move(token));
    at += taken;
  }
  tokens = std::move(kept);
}

}  // namespace gate
