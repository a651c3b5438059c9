// SPDX-License-Identifier: Apache-2.0
// Waiters: several coroutines wait for one thing to happen.
//
//   while (!ready) MYNAH_CO_OK(co_await waiters.wait(deadline));     // Status: in time, or too
//   many
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "aio/event.h"
#include "base/result.h"
#include "base/task.h"

namespace mynah::redis {

class Waiters final {
 public:
  Waiters(Loop& loop, std::size_t limit) : loop_(loop), limit_(limit) {}
  Waiters(Waiters&&) = delete;

  void wake() {
    for (Event* event : waiting_) event->set();
  }

  // Until wake(). `for_what` is the text of the errors; it is a constant.
  Task<Status> wait(Instant deadline, const char* for_what) {
    if (waiting_.size() >= limit_)
      co_return Error{Errc::exhausted, std::string("too many wait for ") + for_what};
    Event woken(loop_);
    const Place place(waiting_, woken);
    if (co_await woken.wait(deadline)) co_return ok();
    co_return Error{Errc::timeout, std::string("no time left to wait for ") + for_what};
  }

 private:
  struct Place {
    Place(std::vector<Event*>& all, Event& mine) : waiting(all), event(mine) {
      waiting.push_back(&event);
    }
    Place(Place&&) = delete;
    ~Place() { std::erase(waiting, &event); }

    std::vector<Event*>& waiting;
    Event& event;
  };

  Loop& loop_;
  const std::size_t limit_;
  std::vector<Event*> waiting_;
};

}  // namespace mynah::redis
