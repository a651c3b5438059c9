// SPDX-License-Identifier: Apache-2.0
// The hierarchical timing wheel. A timer due at tick t, seen from the wheel's tick n, lies on the
// level of the highest group of six bits in which t and n differ, in the slot that t's bits of that
// group name. So within a level every timer lies ahead of n's own slot, and nothing is ever put
// into the slot that is being emptied.
#include "aio/timer.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

#include "base/check.h"

namespace mynah {
namespace {

constexpr Duration kTick = std::chrono::milliseconds(1);

}  // namespace

void Timer::arm(TimerWheel& wheel, Instant when) {
  disarm();
  if (when != kNever) wheel.arm(*this, when);
}

void Timer::disarm() {
  if (wheel_ == nullptr) return;
  wheel_->unlink(*this);
  wheel_ = nullptr;
}

std::uint64_t TimerWheel::tick_of(Instant instant) {
  const auto ticks = instant.time_since_epoch() / kTick;
  return ticks > 0 ? static_cast<std::uint64_t>(ticks) : 0;
}

TimerWheel::~TimerWheel() {
  for (Level& level : levels_) {
    for (Timer*& first : level.slots) {
      while (first != nullptr) first->disarm();
    }
  }
}

void TimerWheel::arm(Timer& timer, Instant when) {
  timer.wheel_ = this;
  // Rounded up, so that a timer never fires early, and at least a tick ahead, so that one that arms
  // itself anew in its call does not hold advance() up.
  const std::uint64_t tick = tick_of(when > kNever - kTick ? when : when + kTick - Duration(1));
  timer.tick_ = std::max(tick, tick_ + 1);
  insert(timer);
}

void TimerWheel::insert(Timer& timer) {
  constexpr std::uint64_t kReach = std::uint64_t{1} << (kBits * kLevels - 1);
  // What lies beyond the wheel's reach waits in its last slot and is put in anew from there.
  const std::uint64_t seen = timer.tick_ - tick_ > kReach ? tick_ + kReach : timer.tick_;
  const int highest = (63 - std::countl_zero(seen ^ tick_)) / kBits;
  const int number = highest < kLevels ? highest : kLevels - 1;
  const auto slot = static_cast<std::size_t>((seen >> (number * kBits)) % kSlots);
  Level& level = levels_[static_cast<std::size_t>(number)];
  timer.level_ = static_cast<std::uint8_t>(number);
  timer.slot_ = static_cast<std::uint8_t>(slot);
  timer.next_ = nullptr;
  if (Timer* first = level.slots[slot]; first != nullptr) {
    timer.previous_ = std::exchange(first->previous_, &timer);
    timer.previous_->next_ = &timer;
    return;
  }
  timer.previous_ = &timer;
  level.slots[slot] = &timer;
  level.occupied |= std::uint64_t{1} << slot;
}

void TimerWheel::unlink(Timer& timer) {
  Level& level = levels_[timer.level_];
  Timer*& first = level.slots[timer.slot_];
  (timer.next_ != nullptr ? timer.next_ : first)->previous_ = timer.previous_;
  (first == &timer ? first : timer.previous_->next_) = timer.next_;
  if (first == nullptr) level.occupied &= ~(std::uint64_t{1} << timer.slot_);
}

std::uint64_t TimerWheel::next_tick(Slot& found) const {
  std::uint64_t earliest = std::numeric_limits<std::uint64_t>::max();
  for (int i = 0; i < kLevels; ++i) {
    const Level& level = levels_[static_cast<std::size_t>(i)];
    if (level.occupied == 0) continue;
    // Slots are looked at from the wheel's own one onwards, since on the last level they wrap.
    const std::uint64_t own = tick_ >> (i * kBits);
    const int ahead = std::countr_zero(std::rotr(level.occupied, static_cast<int>(own % kSlots)));
    const std::uint64_t slot = own + static_cast<std::uint64_t>(ahead);
    const std::uint64_t tick = slot << (i * kBits);
    if (tick < earliest) {
      earliest = tick;
      found = {i, static_cast<int>(slot % kSlots)};
    }
  }
  return earliest;
}

Instant TimerWheel::next() const {
  Slot slot{};
  const std::uint64_t tick = next_tick(slot);
  constexpr auto kLast = static_cast<std::uint64_t>(kNever.time_since_epoch() / kTick);
  if (tick > kLast) return kNever;
  return Instant(kTick * static_cast<Duration::rep>(tick));
}

// Fires the slot's timers that are due at the wheel's tick and puts the others in anew, a level
// lower or more. Timers leave the slot one by one, since a timer's call may destroy any other.
void TimerWheel::fire_or_sink(Slot slot) {
  Timer*& first =
      levels_[static_cast<std::size_t>(slot.level)].slots[static_cast<std::size_t>(slot.index)];
  while (first != nullptr) {
    Timer& timer = *first;
    unlink(timer);
    if (timer.tick_ > tick_) {
      insert(timer);
      continue;
    }
    timer.wheel_ = nullptr;
    timer.fire_(timer.whom_);  // May destroy the timer.
  }
}

void TimerWheel::advance(Instant now) {
  const std::uint64_t target = tick_of(now);
  while (true) {
    Slot slot{};
    const std::uint64_t tick = next_tick(slot);
    if (tick > target) break;
    tick_ = tick;
    fire_or_sink(slot);
  }
  tick_ = std::max(tick_, target);
}

}  // namespace mynah
