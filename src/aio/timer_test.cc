// SPDX-License-Identifier: Apache-2.0
// Goal: timers fire in time and in order, whatever is armed, moved and destroyed meanwhile. Method:
// examples, and a long random walk beside an ordered map that does the same in the obvious way.
#include "aio/timer.h"

#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace mynah {
namespace {

// A timer that does what the test says.
struct Alarm {
  explicit Alarm(std::function<void()> work) : work(std::move(work)) {}
  std::function<void()> work;
  Timer timer{[](void* self) { static_cast<Alarm*>(self)->work(); }, this};
};

Instant at(Duration time) { return Instant(time); }

TEST(Timer, FiresOnceWhenItsTimeHasCome) {
  TimerWheel wheel(at(10s));
  int fired = 0;
  Alarm alarm([&] { ++fired; });
  alarm.timer.arm(wheel, at(10s + 5ms));

  wheel.advance(at(10s + 4ms + 999us));
  EXPECT_EQ(fired, 0);
  wheel.advance(at(10s + 5ms));
  EXPECT_EQ(fired, 1);
  wheel.advance(at(11s));
  EXPECT_EQ(fired, 1);
  EXPECT_FALSE(alarm.timer.armed());
}

TEST(Timer, IsNeverEarlyForAPartOfAMillisecond) {
  TimerWheel wheel(at(0s));
  int fired = 0;
  Alarm alarm([&] { ++fired; });
  alarm.timer.arm(wheel, at(1ms + 1us));

  wheel.advance(at(1ms + 999us));
  EXPECT_EQ(fired, 0);
  wheel.advance(at(2ms));
  EXPECT_EQ(fired, 1);
}

TEST(Timer, OfTheSameMillisecondFireInTheOrderOfArming) {
  TimerWheel wheel(at(0s));
  std::string order;
  Alarm a([&] { order += 'a'; });
  Alarm b([&] { order += 'b'; });
  Alarm c([&] { order += 'c'; });
  a.timer.arm(wheel, at(5s));
  b.timer.arm(wheel, at(5s));
  c.timer.arm(wheel, at(5s));

  wheel.advance(at(10s));

  EXPECT_EQ(order, "abc");
}

TEST(Timer, ArmedForThePastFiresAtTheNextMillisecond) {
  TimerWheel wheel(at(10s));
  int fired = 0;
  Alarm alarm([&] { ++fired; });
  alarm.timer.arm(wheel, at(3s));

  wheel.advance(at(10s));
  EXPECT_EQ(fired, 0);
  wheel.advance(at(10s + 1ms));
  EXPECT_EQ(fired, 1);
}

TEST(Timer, ThatArmsItselfForNowDoesNotHoldUpTheWheel) {
  TimerWheel wheel(at(0s));
  int fired = 0;
  Alarm alarm([] {});
  alarm.work = [&] {
    ++fired;
    alarm.timer.arm(wheel, at(0s));
  };
  alarm.timer.arm(wheel, at(1ms));

  wheel.advance(at(1ms));

  EXPECT_EQ(fired, 1);
  EXPECT_TRUE(alarm.timer.armed());
}

TEST(Timer, MayDestroyOthersOfItsOwnMillisecond) {
  TimerWheel wheel(at(0s));
  int fired = 0;
  auto last = std::make_unique<Alarm>([&] { ++fired; });
  auto middle = std::make_unique<Alarm>([&] { ++fired; });
  Alarm first([&] {
    last.reset();
    middle.reset();
  });
  first.timer.arm(wheel, at(7ms));
  middle->timer.arm(wheel, at(7ms));
  last->timer.arm(wheel, at(7ms));

  wheel.advance(at(7ms));

  EXPECT_EQ(fired, 0);
  EXPECT_EQ(wheel.next(), kNever);
}

TEST(Timer, MayDestroyItself) {
  TimerWheel wheel(at(0s));
  std::unique_ptr<Alarm> alarm;
  alarm = std::make_unique<Alarm>([&] { alarm.reset(); });
  alarm->timer.arm(wheel, at(7ms));

  wheel.advance(at(1s));

  EXPECT_EQ(alarm, nullptr);
}

TEST(Timer, ArmedForNeverIsDisarmed) {
  TimerWheel wheel(at(0s));
  Alarm alarm([] {});
  alarm.timer.arm(wheel, at(7ms));
  alarm.timer.arm(wheel, kNever);

  EXPECT_FALSE(alarm.timer.armed());
  EXPECT_EQ(wheel.next(), kNever);
}

TEST(Timer, BeyondTheReachOfTheWheelComesAllTheSame) {
  TimerWheel wheel(at(5s));
  int fired = 0;
  Alarm alarm([&] { ++fired; });
  const Instant far = at(std::chrono::hours(24 * 365 * 200));
  alarm.timer.arm(wheel, far);
  Alarm last([&] { ++fired; });
  last.timer.arm(wheel, kNever - Duration(1));

  wheel.advance(far - 1ms);
  EXPECT_EQ(fired, 0);
  wheel.advance(far);
  EXPECT_EQ(fired, 1);
}

TEST(Timer, OutlivesItsWheelDisarmed) {
  Alarm alarm([] {});
  {
    TimerWheel wheel(at(0s));
    alarm.timer.arm(wheel, at(7ms));
  }

  EXPECT_FALSE(alarm.timer.armed());
}

// The wheel beside an ordered map. A timer that fires arms a random one anew or destroys one.
class RandomWalk {
 public:
  explicit RandomWalk(std::uint32_t seed) : random_(seed) {
    for (std::size_t i = 0; i < kTimers; ++i) make(i);
  }

  void step() {
    const std::size_t which = random_() % kTimers;
    switch (random_() % 4) {
      case 0:
        disarm(which);
        break;
      case 1:
        remake(which);
        break;
      default:
        arm(which);
    }
    if (random_() % 3 != 0) return;
    now_ += some_time() / 4;
    wheel_.advance(now_);
    // All that is due has fired, and nothing else.
    if (!expected_.empty()) EXPECT_GT(expected_.begin()->first.first, ticks(now_));
    const Instant next = wheel_.next();
    if (expected_.empty()) {
      EXPECT_EQ(next, kNever);
    } else {
      EXPECT_LE(ticks(next), expected_.begin()->first.first);
      EXPECT_GT(ticks(next), ticks(now_));
    }
  }

 private:
  static constexpr std::size_t kTimers = 60;
  using Key = std::pair<std::int64_t, std::uint64_t>;  // The tick, and when it was armed.

  static std::int64_t ticks(Instant instant) { return instant.time_since_epoch() / 1ms; }
  static std::int64_t ceiling(Instant instant) {
    return (instant.time_since_epoch() + 1ms - 1ns) / 1ms;
  }

  // From nanoseconds to years, each order of magnitude equally often.
  Duration some_time() {
    return Duration((std::int64_t{1} << (random_() % 56)) + static_cast<std::int64_t>(random_()));
  }

  void make(std::size_t which) {
    alarms_[which] = std::make_unique<Alarm>([this, which] { fired(which); });
  }
  void remake(std::size_t which) {
    disarm(which);
    make(which);
  }
  void disarm(std::size_t which) {
    alarms_[which]->timer.disarm();
    std::erase_if(expected_, [&](const auto& entry) { return entry.second == which; });
  }
  void arm(std::size_t which) {
    disarm(which);
    const Instant when = now_ + some_time();
    alarms_[which]->timer.arm(wheel_, when);
    expected_[{std::max(ceiling(when), base_ + 1), ++armed_}] = which;
  }
  void fired(std::size_t which) {
    ASSERT_FALSE(expected_.empty());
    const Key key = expected_.begin()->first;
    EXPECT_EQ(expected_.begin()->second, which);
    expected_.erase(expected_.begin());
    EXPECT_LE(key.first, ticks(now_));
    base_ = key.first;
    const std::size_t other = random_() % kTimers;
    if (other == which) return;
    if (random_() % 2 == 0) arm(other);
    if (random_() % 4 == 0) remake(other);
  }

  std::mt19937 random_;
  Instant now_{3s};
  std::int64_t base_ = ticks(now_);
  std::uint64_t armed_ = 0;
  TimerWheel wheel_{now_};
  std::array<std::unique_ptr<Alarm>, kTimers> alarms_;
  std::map<Key, std::size_t> expected_;
};

TEST(Timer, DoesAsAnOrderedMapDoesOnALongRandomWalk) {
  for (std::uint32_t seed = 1; seed <= 8; ++seed) {
    RandomWalk walk(seed);
    for (int i = 0; i < 5000 && !::testing::Test::HasFailure(); ++i) walk.step();
  }
}

}  // namespace
}  // namespace mynah
