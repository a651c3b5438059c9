// SPDX-License-Identifier: Apache-2.0
// Time: instants that only go forward (for waiting and measuring), wall time (for people), and the clock that tells
// both, as an interface, so that tests run in simulated time.
#pragma once

#include <chrono>

namespace mynah {

using Duration = std::chrono::nanoseconds;
using namespace std::chrono_literals;

// The line of time that Instant counts on: since some unspecified start, never backwards.
struct MonotonicTime {
  using rep = Duration::rep;
  using period = Duration::period;
  using duration = Duration;
  using time_point = std::chrono::time_point<MonotonicTime>;
  static constexpr bool is_steady = true;
};

using Instant = MonotonicTime::time_point;
using WallTime = std::chrono::time_point<std::chrono::system_clock, Duration>;

// A moment that never comes: the deadline of what may take any time.
inline constexpr Instant kNever = Instant::max();

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Instant now() const = 0;
  [[nodiscard]] virtual WallTime wall_now() const = 0;
};

// A clock that stands still until it is told to go on.
class SimulatedClock final : public Clock {
 public:
  explicit SimulatedClock(WallTime start = WallTime(std::chrono::seconds(1'700'000'000))) : start_(start) {}

  [[nodiscard]] Instant now() const override { return Instant(elapsed_); }
  [[nodiscard]] WallTime wall_now() const override { return start_ + elapsed_; }

  void advance(Duration by) { elapsed_ += by; }
  void advance_to(Instant then) {
    if (then > now()) elapsed_ = then.time_since_epoch();
  }

 private:
  WallTime start_;
  Duration elapsed_{};
};

}  // namespace mynah
