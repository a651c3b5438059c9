// SPDX-License-Identifier: Apache-2.0
// Time: instants that only go forward (for waiting and measuring), wall time (for people), and the
// clock that tells both, as an interface, so that tests run in simulated time. The spellings of
// wall time that HTTP, logs and APIs use.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"

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
  explicit SimulatedClock(WallTime start = WallTime(std::chrono::seconds(1'700'000'000)))
      : start_(start) {}

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

// "Sun, 06 Nov 1994 08:49:37 GMT", as HTTP's Date, Last-Modified and Expires have it; fractions are
// cut off.
std::string http_date(WallTime time);
// That form alone; the two that HTTP gave up thirty years ago are refused. The name of the day is
// not compared.
Result<WallTime> parse_http_date(std::string_view text);

// "2026-11-21T15:34:00.250Z": RFC 3339 in UTC with milliseconds.
std::string rfc3339(WallTime time);
// Any RFC 3339 time of the years 1700 to 2200 (what nanoseconds can count): with or without
// fractions, any offset from UTC. A leap second reads as the second after it.
Result<WallTime> parse_rfc3339(std::string_view text);

}  // namespace mynah
