// SPDX-License-Identifier: Apache-2.0
// Event: one coroutine waits until something else on the same loop has set it.
//
//   while (!chain.done()) co_await event.wait();
//
// The waiter resumes at the end of the turn, outside of whoever set the event, and finds the event
// cleared. Setting a set event changes nothing.
#pragma once

#include <coroutine>
#include <utility>

#include "aio/loop.h"

namespace mynah {

class Event final {
 public:
  explicit Event(Loop& loop) : loop_(loop), soon_(&Event::resume, this) {}
  Event(Event&&) = delete;

  void set() {
    set_ = true;
    if (awaiter_) soon_.schedule(loop_);
  }

  class [[nodiscard]] Wait final {
   public:
    Wait(Event& event, Instant deadline)
        : event_(event), deadline_(deadline), timer_(&Wait::expired, this) {}
    Wait(Wait&&) = delete;
    ~Wait() { event_.awaiter_ = nullptr; }

    bool await_ready() const { return event_.set_; }
    void await_suspend(std::coroutine_handle<> awaiter) {
      event_.awaiter_ = awaiter;
      timer_.arm(event_.loop_.timers(), deadline_);
    }
    // Whether the event was set before the deadline.
    bool await_resume() {
      timer_.disarm();
      return std::exchange(event_.set_, false);
    }

   private:
    static void expired(void* self) {
      auto& wait = *static_cast<Wait*>(self);
      wait.event_.soon_.cancel();
      resume(&wait.event_);
    }

    Event& event_;
    Instant deadline_;
    Timer timer_;
  };
  Wait wait(Instant deadline = kNever) { return {*this, deadline}; }

 private:
  static void resume(void* self) {
    if (auto awaiter = std::exchange(static_cast<Event*>(self)->awaiter_, nullptr))
      awaiter.resume();
  }

  Loop& loop_;
  bool set_ = false;
  std::coroutine_handle<> awaiter_;
  Soon soon_;
};

}  // namespace mynah
