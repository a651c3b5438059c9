// SPDX-License-Identifier: Apache-2.0
// Readable: waits until a descriptor that is no socket (inotify, signals) has something to read.
//
//   const bool came = co_await Readable(loop, readiness, deadline);
//
// Whoever then reads clears Readiness::readable when it finds the descriptor drained.
#pragma once

#include <coroutine>

#include "aio/loop.h"

namespace mynah {

class [[nodiscard]] Readable final : private ReadinessWaiter {
 public:
  Readable(Loop& loop, Readiness& readiness, Instant deadline)
      : loop_(loop), readiness_(readiness), deadline_(deadline), timer_(&Readable::expired, this) {}
  Readable(Readable&&) = delete;
  ~Readable() {
    if (readiness_.reader == this) readiness_.reader = nullptr;
  }

  bool await_ready() const { return readiness_.readable; }
  void await_suspend(std::coroutine_handle<> awaiter) {
    awaiter_ = awaiter;
    readiness_.reader = this;
    timer_.arm(loop_.timers(), deadline_);
  }
  // Whether it came before the deadline.
  bool await_resume() const { return readiness_.readable; }

 private:
  void on_ready() override {
    if (!readiness_.readable) return;
    readiness_.reader = nullptr;
    timer_.disarm();
    awaiter_.resume();
  }
  static void expired(void* self) { static_cast<Readable*>(self)->awaiter_.resume(); }

  Loop& loop_;
  Readiness& readiness_;
  Instant deadline_;
  Timer timer_;
  std::coroutine_handle<> awaiter_;
};

}  // namespace mynah
