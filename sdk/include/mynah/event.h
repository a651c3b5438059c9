// SPDX-License-Identifier: Apache-2.0
// Event: coroutines of one machine, whichever exchanges they serve, wait until one of them says
// that something has changed.
//
//   while (!flight.landed()) co_await flight.changed.wait();      // in the exchanges that wait
//   flight.land(answer), flight.changed.notify();                  // in the one that knows
//
// Whoever waits at the time of notify() resumes when the callback that runs has been answered, on
// behalf of its own exchange; what has changed it looks up itself. An event that nobody waits for
// changes nothing. It outlives those who wait for it.
#pragma once

#include <coroutine>

namespace mynah {
inline namespace plugin {

class Event;
class Exchange;

namespace inner {

class [[nodiscard]] EventWait final {
 public:
  explicit EventWait(Event& event) : event_(event) {}
  EventWait(EventWait&&) = delete;
  ~EventWait() { unlink(); }
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> waiter);
  void await_resume() const {}

 private:
  friend class mynah::plugin::Event;
  friend class Runtime;
  void unlink();

  Event& event_;
  EventWait* next_ = nullptr;
  EventWait** link_ = nullptr;  // where the pointer to this one stands; null: in no list
  Exchange* exchange_ = nullptr;
  std::coroutine_handle<> waiter_;
};

}  // namespace inner

class Event final {
 public:
  Event() = default;
  Event(Event&&) = delete;

  [[nodiscard]] inner::EventWait wait() { return inner::EventWait(*this); }
  void notify();

 private:
  friend class inner::EventWait;
  inner::EventWait* waiting_ = nullptr;  // in the order in which they came
  inner::EventWait** end_ = &waiting_;
};

}  // namespace plugin
}  // namespace mynah
