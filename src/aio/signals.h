// SPDX-License-Identifier: Apache-2.0
// Signals as events of a loop.
//
//   auto signals = *Signals::open(loop, {SIGTERM, SIGHUP});
//   const int number = co_await signals->next();
//
// Opened on the main thread before other threads start, since it blocks the signals there and
// threads inherit that; where a signal is not blocked it still has its usual effect.
#pragma once

#include <initializer_list>
#include <memory>

#include "aio/loop.h"
#include "base/result.h"
#include "base/task.h"

namespace mynah {

class Signals final {
 public:
  static Result<std::unique_ptr<Signals>> open(Loop& loop, std::initializer_list<int> numbers);
  ~Signals();
  Signals(Signals&&) = delete;

  // The next signal that comes; several of the same number may come as one. One waits at a time.
  Task<int> next();

 private:
  Signals(Loop& loop, int descriptor) : loop_(loop), descriptor_(descriptor) {}

  Loop& loop_;
  int descriptor_;
  Readiness readiness_;
};

}  // namespace mynah
