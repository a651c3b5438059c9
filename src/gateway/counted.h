// SPDX-License-Identifier: Apache-2.0
// Counted: counts something for as long as it lives, also when the coroutine that it belongs to is
// dropped.
#pragma once

namespace mynah {

// The count, a number or an atomic one, outlives it.
template <class Count>
class Counted final {
 public:
  explicit Counted(Count& count) : count_(count) { ++count_; }
  Counted(Counted&&) = delete;
  ~Counted() { --count_; }

 private:
  Count& count_;
};

}  // namespace mynah
