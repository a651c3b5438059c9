// SPDX-License-Identifier: Apache-2.0
// Events of a machine. In a file of its own: a module that knows no events does not carry the code
// that wakes who waits for them.
#include "mynah/event.h"

#include <utility>

#include "runtime.h"

namespace mynah {
inline namespace plugin {

namespace inner {

void EventWait::await_suspend(std::coroutine_handle<> waiter) {
  waiter_ = waiter;
  exchange_ = &Runtime::here().current();
  link_ = std::exchange(event_.end_, &next_);
  *link_ = this;
}

void EventWait::unlink() {
  if (link_ == nullptr) return;
  *link_ = next_;
  if (next_ != nullptr) next_->link_ = link_;
  if (event_.end_ == &next_) event_.end_ = link_;
  link_ = nullptr;
}

void Runtime::wake(EventWait* waiting) {
  EventWait** end = &woken_;
  while (*end != nullptr) end = &(*end)->next_;
  *end = waiting;
  waiting->link_ = end;
  resume_woken_ = [](Runtime& runtime) {
    while (runtime.woken_ != nullptr) {
      EventWait& first = *runtime.woken_;
      first.unlink();
      runtime.resume_from_outside(*first.exchange_, first.waiter_);
    }
  };
}

}  // namespace inner

void Event::notify() {
  if (waiting_ == nullptr) return;
  end_ = &waiting_;
  inner::Runtime::here().wake(std::exchange(waiting_, nullptr));
}

}  // namespace plugin
}  // namespace mynah
