// SPDX-License-Identifier: Apache-2.0
// Breaker: whether a service that has failed is worth asking again. After a few failures in a row
// it is left alone for a while; then one more failure closes it off again, and one success makes it
// whole.
#pragma once

#include <mynah/wait.h>

class Breaker final {
 public:
  static constexpr int kFailuresMax = 3;
  static constexpr std::chrono::seconds kRest{5};

  [[nodiscard]] bool is_open() const {
    return failures_ >= kFailuresMax && mynah::now() < resting_until_;
  }
  void succeeded() { failures_ = 0; }
  void failed() {
    if (failures_ < kFailuresMax) ++failures_;
    resting_until_ = mynah::now() + kRest;
  }

 private:
  int failures_ = 0;
  mynah::WallTime resting_until_{};
};
