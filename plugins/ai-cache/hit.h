// SPDX-License-Identifier: Apache-2.0
// Hit: an answer that is given without asking the model, and how it was come by.
#pragma once

#include <cstddef>
#include <cstdint>

#include "answer.h"

enum class HitKind : std::uint8_t {
  exact,      // the same request
  canonical,  // the same question but for spelling
  semantic,   // a near question that the gate lets pass
  joined,     // the model was being asked this already
};
inline constexpr std::size_t kHitKinds = static_cast<std::size_t>(HitKind::joined) + 1;

struct Hit {
  HitKind kind = HitKind::exact;
  Answer answer;
  double similarity = 1;
  bool stale = false;  // past its time
};
