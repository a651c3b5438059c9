// SPDX-License-Identifier: Apache-2.0
// What the right answer to a question hangs on beside its words. "What is the weather like today?"
// has another answer tomorrow, "Where is the nearest pharmacy to me?" elsewhere, "Where is my
// order?" for somebody else.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include <mynah/config.h>

enum class HangsOn : std::uint8_t { words, time, place, person };

// `text` is a question and `canonical` the text of its canonical form, without remarks such as "my
// son asked me this today", which say nothing of the question, and without such words as "my".
HangsOn hangs_on(std::string_view text, std::string_view canonical);

// How long answers are kept that hang on more than words: seconds, 0 for not at all, -1 for as long
// as others.
struct Volatility {
  std::int32_t time = 60;
  std::int32_t place = 0;
  std::int32_t person = 0;

  static void describe(mynah::Schema<Volatility>& schema);
  [[nodiscard]] std::int32_t life(HangsOn what) const;
};
