// SPDX-License-Identifier: Apache-2.0
// Goal: a loop runs what is posted, put off and timed, in simulated time and in real time.
#include "aio/loop.h"

#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "aio/event.h"
#include "aio/scope.h"
#include "aio/testing.h"

namespace mynah {
namespace {

TEST(Loop, RunsAllThatSeveralThreadsPost) {
  auto loop = *Loop::create();
  int ran = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) loop->post([&] { ++ran; });
    });
  }

  loop->run_until([&] { return ran == 4000; });

  EXPECT_EQ(ran, 4000);
  for (std::thread& thread : threads) thread.join();
}

TEST(Loop, StopsWhenAnotherThreadSaysSo) {
  auto loop = *Loop::create();
  std::thread other([&] { loop->stop(); });

  loop->run();

  other.join();
}

TEST(Loop, RunsWhatPostedWorkPostsInALaterTurn) {
  auto loop = *Loop::create();
  std::vector<std::uint64_t> turns;
  loop->post([&] {
    turns.push_back(loop->turn_number());
    loop->post([&] {
      turns.push_back(loop->turn_number());
      loop->stop();
    });
  });

  loop->run();

  ASSERT_EQ(turns.size(), 2u);
  EXPECT_LT(turns[0], turns[1]);
}

TEST(Loop, DestroysWorkThatNeverRan) {
  auto token = std::make_shared<const int>(1);
  {
    auto loop = *Loop::create();
    loop->post([token] {});
    auto [ours, theirs] = connection_pair(*loop);
    loop->post([kept = std::move(ours)] {});
    EXPECT_EQ(token.use_count(), 2);
    theirs.reset();
  }

  EXPECT_EQ(token.use_count(), 1);
}

TEST(Loop, SaysWhenItIsIdleInSimulatedTime) {
  SimulatedClock clock;
  auto loop = *Loop::create(clock);

  EXPECT_FALSE(loop->run_until([] { return false; }));
}

TEST(Loop, WaitsForWorkThatIsAwayInsteadOfLettingTimeJump) {
  SimulatedClock clock;
  auto loop = *Loop::create(clock);
  std::string order;
  Timer timer([](void* text) { *static_cast<std::string*>(text) += "timer "; }, &order);
  timer.arm(loop->timers(), loop->in(1s));
  auto away = std::make_unique<Loop::Away>(*loop);
  std::thread worker([&] {
    loop->post([&] {
      order += "mail ";
      away.reset();
    });
  });

  loop->run_until_idle();

  worker.join();
  EXPECT_EQ(order, "mail timer ");
}

TEST(Loop, MeasuresTurnsThatOnlyFireTimers) {
  SimulatedClock clock;
  auto loop = *Loop::create(clock);
  Timer slow([](void* self) { static_cast<SimulatedClock*>(self)->advance(70ms); }, &clock);
  slow.arm(loop->timers(), loop->in(1s));

  loop->run_until_idle();

  EXPECT_EQ(loop->take_longest_turn(), 70ms);
  EXPECT_EQ(loop->take_longest_turn(), 0ms);
}

TEST(Loop, CutsAnInstantBeyondAllTimeToNever) {
  SimulatedClock clock;
  auto loop = *Loop::create(clock);

  EXPECT_EQ(loop->in(Duration::max()), kNever);
  EXPECT_EQ(loop->in(1s), loop->now() + 1s);
}

Task<> append_after(Loop& loop, Duration duration, std::string& order, char mark) {
  co_await Sleep(loop, duration);
  order += mark;
}

MYNAH_TEST_CO(Sleep, ResumesInTheOrderOfTime) {
  std::string order;
  const Instant begin = loop.now();

  co_await all(append_after(loop, 30h, order, 'c'), append_after(loop, 1ms, order, 'a'),
               append_after(loop, 70s, order, 'b'));

  EXPECT_EQ(order, "abc");
  EXPECT_EQ(loop.now() - begin, 30h);
}

MYNAH_TEST_CO(Sleep, OfNothingDoesNotWait) {
  const std::uint64_t turn = loop.turn_number();
  co_await Sleep(loop, 0s);
  EXPECT_EQ(loop.turn_number(), turn);
}

Task<> yield_and_append(Loop& loop, std::string& order, char mark) {
  for (int i = 0; i < 3; ++i) {
    co_await Yield(loop);
    order += mark;
  }
}

MYNAH_TEST_CO(Yield, LetsTheOthersHaveATurnAndTakesNoTime) {
  std::string order;
  const Instant begin = loop.now();

  co_await all(yield_and_append(loop, order, 'a'), yield_and_append(loop, order, 'b'));

  EXPECT_EQ(order, "ababab");
  EXPECT_EQ(loop.now(), begin);
}

struct Mark {
  std::string& order;
  char what;
  Soon soon{[](void* self) { static_cast<Mark*>(self)->order += static_cast<Mark*>(self)->what; },
            this};
};

MYNAH_TEST_CO(Soon, RunsInOrderAndOnce) {
  std::string order;
  Mark a{order, 'a'};
  Mark b{order, 'b'};
  b.soon.schedule(loop);
  a.soon.schedule(loop);
  b.soon.schedule(loop);

  co_await Yield(loop);
  co_await Yield(loop);

  EXPECT_EQ(order, "ba");
}

MYNAH_TEST_CO(Soon, IsForgottenWhenDestroyed) {
  std::string order;
  {
    Mark a{order, 'a'};
    a.soon.schedule(loop);
  }

  co_await Yield(loop);

  EXPECT_EQ(order, "");
}

Task<> set_after(Loop& loop, Event& event, Duration duration) {
  co_await Sleep(loop, duration);
  event.set();
}

MYNAH_TEST_CO(Event, WakesWhoeverWaitsAndIsClearAfterwards) {
  Event event(loop);
  Scope scope(loop);
  scope.spawn(set_after, std::ref(loop), std::ref(event), 5s);

  EXPECT_TRUE(co_await event.wait());
  EXPECT_FALSE(co_await event.wait(loop.in(1s)));
}

MYNAH_TEST_CO(Event, ThatIsSetAlreadyDoesNotWait) {
  Event event(loop);
  event.set();

  EXPECT_TRUE(co_await event.wait(loop.now()));
}

}  // namespace
}  // namespace mynah
