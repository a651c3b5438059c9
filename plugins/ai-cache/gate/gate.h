// SPDX-License-Identifier: Apache-2.0
// The gate of the semantic cache: may the answer that was given to one question be served for
// another one? Similarity of vectors cannot tell ("from A to B" and "from B to A" are as near as
// can be), so the gate accepts a neighbour only when it can explain every difference in the
// wording.
//
// canonical() brings a question into one spelling: width, script, case, contractions, number words,
// politeness, openings, abbreviations, function words. Questions whose canonical texts are equal
// ask the same, so key() serves as a second exact key that is found before anything is embedded.
//
// judge() aligns two forms: what stands on one side only has to be an inflection, a misspelling, an
// abbreviation or a word without weight, and what is left has to stand in an order that means the
// same. Everything else is refused, and the reason says which difference decided.
//
// English and Chinese have tables; of other languages only the spelling is unified. All functions
// are pure, take any bytes, and are bounded by the limits below. Questions that belong to a
// conversation are judged turn by turn: a form knows nothing of what was said before.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tokens.h"

namespace gate {

// Longer questions are compared as they stand.
inline constexpr std::size_t kQuestionBytesMax = 2048;
inline constexpr std::size_t kTokensMax = 96;

// Why a neighbour is not served, or that it is. The names are those of metrics and of `explain`.
enum class Reason : std::uint8_t {
  served,      // nothing speaks against it
  payload,     // a long text, or one that is to be worked on, differs
  code,        // program text, symbols or quotes differ
  anaphora,    // it points to something outside of itself
  number,      // numbers, versions or ordinals differ
  date,        // days, months or times differ
  unit,        // units or currencies differ
  negation,    // one of them denies
  antonym,     // words of opposite meaning
  comparison,  // more against less, first against last
  quantifier,  // all, any, one
  tense,       // past, present, future, perfect
  modal,       // can, should, must
  frame,       // another kind of question: how against why
  format,      // another shape or language of the answer
  name,        // a name differs
  scope,       // one says more than the other
  order,       // the same words in other roles
  wording,     // words that nothing explains
};
inline constexpr std::size_t kReasons = static_cast<std::size_t>(Reason::wording) + 1;

// "served", "antonym" and so on.
std::string_view name_of(Reason reason);

struct CanonicalForm {
  std::string text;                // equal for questions that ask the same
  std::vector<Token> tokens;       // what weighs, in its order
  std::string exact;               // what is compared byte by byte: code and payload
  std::vector<std::string> marks;  // tense, modality, negation: sorted
  std::string frame;               // the kind of question
  bool chinese = false;
  bool pointing = false;  // it cannot be understood without what was said before
  bool opaque = false;    // too long or no text: equal or nothing

  // A digest of the text, as 64 hexadecimal digits.
  [[nodiscard]] std::string key() const;
};

struct Verdict {
  Reason reason = Reason::served;
  std::string detail;  // the words that decided, for people

  [[nodiscard]] bool served() const { return reason == Reason::served; }
};

CanonicalForm canonical(std::string_view question);

Verdict judge(const CanonicalForm& asked, const CanonicalForm& stored);

}  // namespace gate
