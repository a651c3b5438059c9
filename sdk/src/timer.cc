// SPDX-License-Identifier: Apache-2.0
// Timers: the host's tick as the soonest deadline of the machine. In a file of its own: a module
// that never sleeps has no tick.
#include <utility>

#include "abi/imports.h"
#include "callbacks.h"
#include "runtime.h"

namespace mynah {
inline namespace plugin {

namespace inner {

void Runtime::start_timer(Timer& timer) {
  Timer** link = &timers_;
  while (*link != nullptr && (*link)->deadline_ <= timer.deadline_) link = &(*link)->next_;
  timer.next_ = *link;
  timer.link_ = link;
  if (timer.next_ != nullptr) timer.next_->link_ = &timer.next_;
  *link = &timer;
  if (timers_ == &timer) set_tick();
}

void Runtime::stop_timer(Timer& timer) {
  *timer.link_ = timer.next_;
  if (timer.next_ != nullptr) timer.next_->link_ = timer.link_;
  timer.link_ = nullptr;
  if (timers_ == nullptr) set_tick();
}

void Runtime::on_tick() {
  const WallTime time = now();
  while (timers_ != nullptr && timers_->deadline_ <= time) {
    Timer& due = *timers_;
    stop_timer(due);
    resume_from_outside(*due.exchange_, due.waiter_);
    settle_woken();
  }
  set_tick();
}

void Runtime::set_tick() {
  std::uint32_t wanted = 0;
  if (timers_ != nullptr) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(timers_->deadline_ - now()).count();
    wanted = left < 1 ? 1 : static_cast<std::uint32_t>(left);
  }
  if (wanted == tick_ms_) return;
  tick_ms_ = wanted;
  proxy_set_tick_period_milliseconds(wanted);
}

void Timer::start(Duration duration, std::coroutine_handle<> waiter) {
  Runtime& runtime = Runtime::here();
  deadline_ = now() + duration;
  exchange_ = &runtime.current();
  waiter_ = waiter;
  runtime.start_timer(*this);
}

void Timer::stop() {
  if (link_ != nullptr) Runtime::here().stop_timer(*this);
}

}  // namespace inner
}  // namespace plugin
}  // namespace mynah

void proxy_on_tick(std::uint32_t) { mynah::inner::Runtime::here().on_tick(); }
