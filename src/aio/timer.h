// SPDX-License-Identifier: Apache-2.0
// Timers of a loop. A Timer is a member of whoever waits; arming and disarming it cost a few
// pointer writes, because nearly every timer of a gateway is a time-out that never fires.
//
// The wheel has a resolution of one millisecond and never fires early. Timers of the same
// millisecond fire in the order in which they were armed. A timer that is armed for an instant that
// has come already fires in the next millisecond; what is to happen at once is Soon (aio/loop.h).
#pragma once

#include <array>
#include <cstdint>

#include "base/time.h"

namespace mynah {

class TimerWheel;

// Calls `fire(whom)` once when its time has come. Disarms itself when destroyed.
class Timer final {
 public:
  using Fire = void (*)(void* whom);

  Timer(Fire fire, void* whom) : fire_(fire), whom_(whom) {}
  Timer(Timer&&) = delete;
  ~Timer() { disarm(); }

  // Arming an armed timer moves it. An instant of kNever disarms.
  void arm(TimerWheel& wheel, Instant when);
  void disarm();
  [[nodiscard]] bool armed() const { return wheel_ != nullptr; }

 private:
  friend class TimerWheel;

  Fire fire_;
  void* whom_;
  TimerWheel* wheel_ = nullptr;
  std::uint64_t tick_ = 0;
  // Neighbours in the ring of the slot: the first one's previous is the last one.
  Timer* next_ = nullptr;
  Timer* previous_ = nullptr;
  std::uint8_t level_ = 0;
  std::uint8_t slot_ = 0;
};

class TimerWheel final {
 public:
  explicit TimerWheel(Instant now) : tick_(tick_of(now)) {}
  TimerWheel(TimerWheel&&) = delete;
  ~TimerWheel();

  // Fires what is due at `now`, in the order of time. A timer's call may arm, disarm and destroy
  // any timer; what it arms fires in a later advance.
  void advance(Instant now);
  // The earliest instant at which advance() may have something to do; kNever when no timer is
  // armed. It may be early for timers far ahead, never late.
  [[nodiscard]] Instant next() const;

 private:
  friend class Timer;
  // Each level has 64 slots, and a slot spans all the slots of the level below; a timer that lies
  // far ahead sinks a level each time its slot comes up.
  static constexpr int kLevels = 7;
  static constexpr int kBits = 6;
  static constexpr int kSlots = 1 << kBits;

  struct Level {
    std::uint64_t occupied = 0;  // One bit a slot.
    std::array<Timer*, kSlots> slots{};
  };
  struct Slot {
    int level;
    int index;
  };

  static std::uint64_t tick_of(Instant instant);

  void arm(Timer& timer, Instant when);
  void insert(Timer& timer);
  void unlink(Timer& timer);
  void fire_or_sink(Slot slot);
  // The earliest tick at which some slot comes up, or all ones.
  [[nodiscard]] std::uint64_t next_tick(Slot& found) const;

  std::uint64_t tick_;  // All timers due up to this tick have fired.
  std::array<Level, kLevels> levels_;
};

}  // namespace mynah
