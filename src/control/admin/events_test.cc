// SPDX-License-Identifier: Apache-2.0
// Goal: who listens hears what it may, in order; who does not listen costs nothing and is cut.
#include "control/admin/events.h"

#include <gtest/gtest.h>

#include "aio/testing.h"

namespace mynah::control {
namespace {

class EventsTest : public testing::Test {
 protected:
  std::string next(ApiStream& stream) {
    auto task = stream.next();
    task.start();
    loop_->run_until([&task] { return task.done(); });
    return task.result().value_or("the end");
  }

  SimulatedClock clock_;
  std::unique_ptr<Loop> loop_ = *Loop::create(clock_);
  Events events_{*loop_};
  const Principal user_{.name = "u"};
  const Principal owner_{.name = "o", .role = Role::owner};
};

TEST_F(EventsTest, WhatIsToldComesInOrder) {
  const auto stream = *events_.listen(user_);
  EXPECT_EQ(next(*stream), ": listening\n\n");

  events_.tell("object", R"({"a":1})");
  events_.tell("object", R"({"a":2})");

  EXPECT_EQ(next(*stream),
            "id: 1\nevent: object\ndata: {\"a\":1}\n\n"
            "id: 2\nevent: object\ndata: {\"a\":2}\n\n");
}

TEST_F(EventsTest, OnlyThoseHearAnEventWhoMay) {
  const auto user = *events_.listen(user_);
  const auto owner = *events_.listen(owner_);
  next(*user);
  next(*owner);

  events_.tell("publishing", "1", Access::manager);

  EXPECT_EQ(next(*user), ": still here\n\n");
  EXPECT_EQ(next(*owner), "id: 1\nevent: publishing\ndata: 1\n\n");
}

TEST_F(EventsTest, WhoDoesNotTakeItsEventsIsCut) {
  const auto stream = *events_.listen(user_);
  next(*stream);

  events_.tell("big", std::string(Events::kWaitingBytesMax - 100, 'a'));
  events_.tell("big", std::string(1000, 'b'));
  events_.tell("small", "1");

  EXPECT_EQ(next(*stream).substr(0, 22), "id: 1\nevent: big\ndata:");
  EXPECT_EQ(next(*stream), "the end");
}

TEST_F(EventsTest, ListenersAreLimitedAndForgottenWhenTheyGo) {
  std::vector<std::unique_ptr<ApiStream>> streams;
  for (std::size_t i = 0; i < Events::kListenersMax; ++i) {
    streams.push_back(*events_.listen(user_));
  }

  EXPECT_EQ(events_.listen(user_).error().code, Errc::exhausted);
  streams.pop_back();
  EXPECT_TRUE(events_.listen(user_).ok());
}

}  // namespace
}  // namespace mynah::control
