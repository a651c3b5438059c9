// SPDX-License-Identifier: Apache-2.0
// Goal: tasks run, wait, join and are cancelled as their header promises. Method: a hand-turned
// queue of handles stands in for an event loop, and an object that counts its living copies shows
// that frames are destroyed.
#include "base/task.h"

#include <deque>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/result.h"

namespace mynah {
namespace {

std::deque<std::coroutine_handle<>> ready;

struct Turn {
  bool await_ready() { return false; }
  void await_suspend(std::coroutine_handle<> handle) { ready.push_back(handle); }
  void await_resume() {}
};

void turn() {
  auto handle = ready.front();
  ready.pop_front();
  handle.resume();
}

void turn_until_idle() {
  while (!ready.empty()) turn();
}

struct Live {
  static inline int count = 0;
  Live() { ++count; }
  Live(const Live&) { ++count; }
  ~Live() { --count; }
};

Task<int> length_after_a_turn(std::string_view text) {
  const Live live;
  co_await Turn{};
  co_return static_cast<int>(text.size());
}

Task<int> length_at_once(std::string_view text) { co_return static_cast<int>(text.size()); }

Task<> never() {
  const Live live;
  co_await Turn{};
  co_await Turn{};
  co_await Turn{};
}

Task<int> sum_of_two_lengths() {
  const Live live;
  const int a = co_await length_after_a_turn(std::string(40, 'a'));
  const int b = co_await length_at_once("bb");
  co_return a + b;
}

Task<Result<int>> fails_in_the_middle() {
  MYNAH_CO_LET(const int a, Result<int>(1));
  MYNAH_CO_OK(Status(Error{Errc::timeout, "too late"}));
  co_return a;
}

Task<int> waits_many_times_without_waiting(int times) {
  int sum = 0;
  for (int i = 0; i < times; ++i) sum += co_await length_at_once("x");
  co_return sum;
}

Task<int> sum_of_all() {
  auto [a, b, c] = co_await all(length_after_a_turn("one"), length_at_once("four"), never());
  co_return a + b;
}

Task<std::size_t> index_of_any() {
  const auto first = co_await any(never(), length_after_a_turn("abc"));
  co_return first.index();
}

Task<int&> a_reference(int& number) {
  co_await Turn{};
  co_return number;
}

Task<> adds_one(int& number) {
  int& same = co_await a_reference(number);
  ++same;
}

class TaskTest : public testing::Test {
 protected:
  void SetUp() override { ready.clear(); }
  void TearDown() override { EXPECT_EQ(Live::count, 0); }
};

TEST_F(TaskTest, DoesNothingUntilStarted) {
  auto task = sum_of_two_lengths();

  EXPECT_EQ(Live::count, 0);
  EXPECT_TRUE(ready.empty());
}

TEST_F(TaskTest, ResumesItsParentWithAResult) {
  auto task = sum_of_two_lengths();
  task.start();
  ASSERT_FALSE(task.done());

  turn_until_idle();

  ASSERT_TRUE(task.done());
  EXPECT_EQ(task.result(), 42);
}

TEST_F(TaskTest, DroppedWhileItWaitsRunsTheDestructorsOfTheWholeChain) {
  {
    auto task = sum_of_two_lengths();
    task.start();
    EXPECT_EQ(Live::count, 2);
  }

  EXPECT_EQ(Live::count, 0);
  ready.clear();
}

TEST_F(TaskTest, LeavesAtTheFirstError) {
  auto task = fails_in_the_middle();
  task.start();

  EXPECT_EQ(task.result().error().what, "too late");
}

TEST_F(TaskTest, UsesNoStackForAwaitsThatNeverWait) {
  auto task = waits_many_times_without_waiting(300'000);
  task.start();

  EXPECT_EQ(task.result(), 300'000);
}

TEST_F(TaskTest, ReturnsAReference) {
  int number = 1;
  auto task = adds_one(number);
  task.start();

  turn_until_idle();

  EXPECT_EQ(number, 2);
}

TEST_F(TaskTest, AllWaitsForTheSlowest) {
  auto task = sum_of_all();
  task.start();
  turn();
  EXPECT_FALSE(task.done());

  turn_until_idle();

  ASSERT_TRUE(task.done());
  EXPECT_EQ(task.result(), 7);
}

TEST_F(TaskTest, AllDroppedHalfWayDestroysItsMembers) {
  {
    auto task = sum_of_all();
    task.start();
    EXPECT_GT(Live::count, 0);
  }

  EXPECT_EQ(Live::count, 0);
  ready.clear();
}

TEST_F(TaskTest, AnyResumesWithTheFirstAndCancelsTheRest) {
  auto task = index_of_any();
  task.start();
  turn();
  ASSERT_FALSE(task.done());
  turn();

  ASSERT_TRUE(task.done());
  EXPECT_EQ(task.result(), 1U);
  EXPECT_EQ(Live::count, 0);
  ready.clear();
}

TEST_F(TaskTest, TellsItsRootOfItsEnd) {
  bool told = false;
  auto task = never();
  task.start([](void* flag) { *static_cast<bool*>(flag) = true; }, &told);
  EXPECT_FALSE(told);

  turn_until_idle();

  EXPECT_TRUE(told);
}

}  // namespace
}  // namespace mynah
