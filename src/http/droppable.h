// SPDX-License-Identifier: Apache-2.0
// Runs a task that may be dropped from outside while it waits: how a handler ends when its client
// goes away.
//
//   Droppable work(handler.serve(stream));
//   co_await work;     // resumes when the task has ended or was dropped
//   work.dropped();
#pragma once

#include <coroutine>
#include <utility>

#include "base/task.h"

namespace mynah::http {

class Droppable final {
 public:
  explicit Droppable(Task<> task) : frame_(task.release()) {}
  Droppable(const Droppable&) = delete;
  Droppable& operator=(const Droppable&) = delete;
  ~Droppable() { frame_.destroy(); }

  // Ends the wait; whoever awaited destroys the task. Not from inside the task. Nothing happens
  // when nobody waits.
  void drop() {
    if (!awaiter_) return;
    dropped_ = true;
    std::exchange(awaiter_, {}).resume();
  }
  [[nodiscard]] bool dropped() const { return dropped_; }

  bool await_ready() {
    frame_.promise().continuation = {&Droppable::ended, this};
    frame_.resume();
    return frame_.done();
  }
  void await_suspend(std::coroutine_handle<> awaiter) { awaiter_ = awaiter; }
  void await_resume() const {}

 private:
  static void ended(void* self) {
    if (auto& work = *static_cast<Droppable*>(self); work.awaiter_)
      std::exchange(work.awaiter_, {}).resume();
  }

  Task<>::Handle frame_;
  std::coroutine_handle<> awaiter_;
  bool dropped_ = false;
};

// co_await signal: resumes at the next notify(). One coroutine waits at a time; dropping it takes
// it away.
class Signal final {
 public:
  Signal() = default;
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;

  class Wait final {
   public:
    explicit Wait(Signal& signal) : signal_(signal) {}
    Wait(const Wait&) = delete;
    Wait& operator=(const Wait&) = delete;
    ~Wait() {
      if (signal_.waiting_ == this) signal_.waiting_ = nullptr;
    }
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> awaiter) {
      awaiter_ = awaiter;
      signal_.waiting_ = this;
    }
    void await_resume() const {}

   private:
    friend class Signal;
    Signal& signal_;
    std::coroutine_handle<> awaiter_;
  };

  Wait operator co_await() { return Wait(*this); }
  void notify() {
    if (waiting_ != nullptr) std::exchange(waiting_, nullptr)->awaiter_.resume();
  }
  [[nodiscard]] bool awaited() const { return waiting_ != nullptr; }

 private:
  Wait* waiting_ = nullptr;
};

}  // namespace mynah::http
