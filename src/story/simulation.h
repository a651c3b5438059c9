// SPDX-License-Identifier: Apache-2.0
// Simulation: simulated time and what happens in it, one thing after the other.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <utility>

#include "base/time.h"

namespace mynah::story {

class Simulation final {
 public:
  using Event = std::map<std::pair<Instant, std::size_t>, std::function<void()>>::key_type;

  [[nodiscard]] const SimulatedClock& clock() const { return clock_; }
  [[nodiscard]] Instant now() const { return clock_.now(); }

  // Things at the same moment happen in the order in which they were said.
  Event at(Instant when, std::function<void()> what) {
    const Event event(std::max(when, now()), next_++);
    events_.emplace(event, std::move(what));
    return event;
  }
  Event after(Duration delay, std::function<void()> what) {
    return at(now() + delay, std::move(what));
  }
  void forget(const Event& event) { events_.erase(event); }
  void clear() { events_.clear(); }

  // Lets the next thing happen; false when there is none.
  bool step() {
    if (events_.empty()) return false;
    auto first = events_.extract(events_.begin());
    clock_.advance_to(first.key().first);
    first.mapped()();
    return true;
  }

 private:
  SimulatedClock clock_;
  std::map<std::pair<Instant, std::size_t>, std::function<void()>> events_;
  std::size_t next_ = 0;
};

}  // namespace mynah::story
