// SPDX-License-Identifier: Apache-2.0
// Goal: a pool returns what was computed elsewhere, drops what nobody waits for, and refuses what
// is too much. Method: functions that wait for the test hold the pool's thread.
#include "aio/pool.h"

#include <latch>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "aio/scope.h"
#include "aio/testing.h"

namespace mynah {
namespace {

MYNAH_TEST_CO(BlockingPool, ReturnsWhatAFunctionReturnsOnAnotherThread) {
  BlockingPool pool({});
  const std::thread::id home = std::this_thread::get_id();

  const auto other = co_await pool.run(loop, [] { return std::this_thread::get_id(); });

  MYNAH_CO_ASSERT(other.ok());
  EXPECT_NE(*other, home);
  EXPECT_EQ(std::this_thread::get_id(), home);
}

MYNAH_TEST_CO(BlockingPool, PassesErrorsAndNothingOn) {
  BlockingPool pool({});

  const Status nothing = co_await pool.run(loop, [] {});
  const Result<int> error =
      co_await pool.run(loop, []() -> Result<int> { return Error{Errc::not_found, "no"}; });

  EXPECT_TRUE(nothing.ok());
  MYNAH_CO_ASSERT(!error.ok());
  EXPECT_EQ(error.error().what, "no");
}

MYNAH_TEST_CO(BlockingPool, LetsNoTimePassMeanwhile) {
  BlockingPool pool({});
  const Instant begin = loop.now();
  std::latch opened(1);
  loop.post([&] { opened.count_down(); });

  auto winner = co_await any(
      [](BlockingPool& on, Loop& home, std::latch& wait) -> Task<> {
        (co_await on.run(home, [&wait] { wait.wait(); })).ignore();
      }(pool, loop, opened),
      [](Loop& home) -> Task<> { co_await Sleep(home, 1s); }(loop));

  EXPECT_EQ(winner.index(), 0u);
  EXPECT_EQ(loop.now(), begin);
}

// A pool of one thread that is held until the hold is released.
struct Held {
  explicit Held(Loop& loop, std::size_t queue_max = 10)
      : pool({.name = "held", .threads = 1, .queue_max = queue_max}), scope(loop) {
    scope.spawn(
        [](Held& self, Loop& home) -> Task<> {
          (co_await self.pool.run(home, [&self] {
            self.begun.count_down();
            self.hold.wait();
          })).ignore();
        },
        std::ref(*this), std::ref(loop));
    begun.wait();
  }
  std::latch begun{1};
  std::latch hold{1};
  BlockingPool pool;
  Scope scope;
};

Task<> run_counted(Loop& loop, BlockingPool& pool, std::shared_ptr<const int> token,
                   std::atomic<int>& ran, std::optional<Status>& outcome) {
  outcome = co_await pool.run(loop, [token, &ran] { ++ran; });
}

MYNAH_TEST_CO(BlockingPool, RefusesMoreThanItsQueueHolds) {
  Held held(loop, 1);
  std::atomic<int> ran = 0;
  std::optional<Status> first;
  std::optional<Status> second;
  Scope scope(loop);
  scope.spawn(run_counted, std::ref(loop), std::ref(held.pool), std::make_shared<const int>(),
              std::ref(ran), std::ref(first));
  scope.spawn(run_counted, std::ref(loop), std::ref(held.pool), std::make_shared<const int>(),
              std::ref(ran), std::ref(second));
  MYNAH_CO_ASSERT(second.has_value() && !second->ok());
  EXPECT_EQ(second->error().code, Errc::exhausted);
  EXPECT_EQ(second->error().what, "too much work waits for the threads of held");

  held.hold.count_down();
  co_await scope.join();

  EXPECT_TRUE(first->ok());
  EXPECT_EQ(ran, 1);
}

MYNAH_TEST_CO(BlockingPool, DoesNotRunWhatWasDroppedWhileItWaited) {
  Held held(loop);
  std::atomic<int> ran = 0;
  std::optional<Status> outcome;
  auto token = std::make_shared<const int>();
  {
    Scope scope(loop);
    scope.spawn(run_counted, std::ref(loop), std::ref(held.pool), token, std::ref(ran),
                std::ref(outcome));
  }
  held.hold.count_down();
  (co_await held.pool.run(loop, [] {})).ignore();

  EXPECT_EQ(ran, 0);
  EXPECT_FALSE(outcome.has_value());
  EXPECT_EQ(token.use_count(), 1);
}

MYNAH_TEST_CO(BlockingPool, AbandonsTheResultOfWhatWasDroppedWhileItRan) {
  std::latch begun(1);
  std::latch hold(1);
  BlockingPool pool({.threads = 1});
  {
    Scope scope(loop);
    scope.spawn(
        [](BlockingPool& on, Loop& home, std::latch& begin, std::latch& end) -> Task<> {
          (co_await on.run(home, [&] {
            begin.count_down();
            end.wait();
            return std::string(1000, 'x');
          })).ignore();
          ADD_FAILURE() << "it was dropped";
        },
        std::ref(pool), std::ref(loop), std::ref(begun), std::ref(hold));
    begun.wait();
  }
  hold.count_down();

  EXPECT_TRUE((co_await pool.run(loop, [] {})).ok());
}

TEST(BlockingPool, CancelsWhatWaitsWhenItEnds) {
  SimulatedClock clock;
  auto loop = *Loop::create(clock);
  std::atomic<int> ran = 0;
  std::optional<Status> outcome;
  Scope scope(*loop);
  {
    Held held(*loop);
    scope.spawn(run_counted, std::ref(*loop), std::ref(held.pool), std::make_shared<const int>(),
                std::ref(ran), std::ref(outcome));
    held.scope.cancel();
    held.hold.count_down();
  }

  loop->run_until_idle();

  // Whether the function came to its turn before the end is a matter of luck; it is told either
  // way.
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome->ok(), ran == 1);
}

}  // namespace
}  // namespace mynah
