// SPDX-License-Identifier: Apache-2.0
// The hierarchical timing wheel. A timer due at tick t, seen from the wheel's tick n, lies on the level of the highest
// group of six bits in which t and n differ, in the slot that t's bits of that group name. So within a level every timer
// lies ahead of n's own slot, and the lowest occupied slot of the lowest occupied level holds the earliest timers.
#include "aio/timer.h"

#include <bit>
#include <limits>
#include <utility>

#include "base/check.h"

namespace mynah {

void Timer::arm(TimerWheel& wheel, Instant when) {
  disarm();
  if (when == kNever) return;
  // Rounded up: a timer never fires early.
  tick_ = TimerWheel::tick_of(when + std::chrono::milliseconds(1) - Duration(1));
  wheel_ = &wheel;
  wheel.insert(*this);
}

void Timer::disarm() {
  if (wheel_ == nullptr) return;
  wheel_->unlink(*this);
  wheel_ = nullptr;
}

std::uint64_t TimerWheel::tick_of(Instant instant) {
  const auto ticks = std::chrono::duration_cast<std::chrono::milliseconds>(instant.time_since_epoch()).count();
  return ticks > 0 ? static_cast<std::uint64_t>(ticks) : 0;
}

TimerWheel::~TimerWheel() {
  for (Level& level : levels_) {
    for (Timer*& head : level.slots) {
      while (head != nullptr) head->disarm();
    }
  }
}

void TimerWheel::insert(Timer& timer) {
  constexpr std::uint64_t kReach = (std::uint64_t{1} << (kBits * kLevels)) - 1;
  // What is armed by a timer's call fires in a later turn, so that a call that arms itself for now ends.
  const std::uint64_t soonest = advancing_ ? tick_ + 1 : tick_;
  if (timer.tick_ < soonest) timer.tick_ = soonest;
  // What lies beyond the wheel's reach waits in its last slot and is put in anew from there.
  const std::uint64_t seen = timer.tick_ - tick_ > kReach / 2 ? tick_ + kReach / 2 : timer.tick_;
  const std::uint64_t differing = seen ^ tick_;
  const int highest = differing == 0 ? 0 : (63 - std::countl_zero(differing)) / kBits;
  const int level = highest < kLevels ? highest : kLevels - 1;
  const int slot = static_cast<int>((seen >> (level * kBits)) & (kSlots - 1));
  timer.level_ = static_cast<std::uint8_t>(level);
  timer.slot_ = static_cast<std::uint8_t>(slot);
  Timer*& head = levels_[static_cast<std::size_t>(level)].slots[static_cast<std::size_t>(slot)];
  timer.next_ = head;
  timer.link_ = &head;
  if (head != nullptr) head->link_ = &timer.next_;
  head = &timer;
  levels_[static_cast<std::size_t>(level)].occupied |= std::uint64_t{1} << slot;
}

void TimerWheel::unlink(Timer& timer) {
  *timer.link_ = timer.next_;
  if (timer.next_ != nullptr) timer.next_->link_ = timer.link_;
  Level& level = levels_[timer.level_];
  // A timer of a slot that is being emptied is linked from a local list; the slot's own head is then null already.
  if (level.slots[timer.slot_] == nullptr) level.occupied &= ~(std::uint64_t{1} << timer.slot_);
}

std::uint64_t TimerWheel::next_tick(int& level, int& slot) const {
  std::uint64_t earliest = std::numeric_limits<std::uint64_t>::max();
  for (int i = 0; i < kLevels; ++i) {
    const Level& candidate = levels_[static_cast<std::size_t>(i)];
    if (candidate.occupied == 0) continue;
    const int own = static_cast<int>((tick_ >> (i * kBits)) & (kSlots - 1));
    const int first = std::countr_zero(std::rotr(candidate.occupied, own));
    const int found = (own + first) & (kSlots - 1);
    const std::uint64_t slot_start = ((tick_ >> (i * kBits)) + static_cast<std::uint64_t>(first)) << (i * kBits);
    const std::uint64_t at = slot_start > tick_ ? slot_start : tick_;
    if (at < earliest) {
      earliest = at;
      level = i;
      slot = found;
    }
  }
  return earliest;
}

Instant TimerWheel::next() const {
  int level = 0;
  int slot = 0;
  const std::uint64_t tick = next_tick(level, slot);
  if (tick == std::numeric_limits<std::uint64_t>::max()) return kNever;
  return Instant(std::chrono::milliseconds(tick));
}

Timer* TimerWheel::take_slot(int level, int slot) {
  Level& from = levels_[static_cast<std::size_t>(level)];
  from.occupied &= ~(std::uint64_t{1} << slot);
  return std::exchange(from.slots[static_cast<std::size_t>(slot)], nullptr);
}

// Fires the slot's timers that are due at the wheel's tick and puts the others in anew, a level lower or more.
void TimerWheel::fire_or_sink(int level, int slot) {
  Timer* list = take_slot(level, slot);
  if (list != nullptr) list->link_ = &list;
  while (list != nullptr) {
    Timer& timer = *list;
    unlink(timer);
    if (timer.tick_ > tick_) {
      insert(timer);
      continue;
    }
    timer.wheel_ = nullptr;
    timer.fire_(timer.whom_);  // May destroy the timer, and change the list through it.
  }
}

void TimerWheel::advance(Instant now) {
  const std::uint64_t target = tick_of(now);
  advancing_ = true;
  while (true) {
    int level = 0;
    int slot = 0;
    const std::uint64_t tick = next_tick(level, slot);
    if (tick > target) break;
    tick_ = tick;
    fire_or_sink(level, slot);
  }
  if (target > tick_) tick_ = target;
  advancing_ = false;
}

}  // namespace mynah
