// SPDX-License-Identifier: Apache-2.0
// Goal: a scope keeps what was spawned until it ends, and drops it when it is cancelled.
#include "aio/scope.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "aio/testing.h"

namespace mynah {
namespace {

using Token = std::shared_ptr<const int>;

Token make_token() { return std::make_shared<const int>(0); }

Task<> keep_for(Loop& loop, Token, Duration duration) { co_await Sleep(loop, duration); }

MYNAH_TEST_CO(Scope, JoinsWhatWasSpawned) {
  const Token token = make_token();
  Scope scope(loop);
  const Instant begin = loop.now();
  scope.spawn(keep_for, std::ref(loop), token, 3s);
  scope.spawn(keep_for, std::ref(loop), token, 1s);

  co_await scope.join();

  EXPECT_EQ(loop.now() - begin, 3s);
  EXPECT_EQ(scope.size(), 0u);
  EXPECT_EQ(token.use_count(), 1);
}

MYNAH_TEST_CO(Scope, JoinOfNothingDoesNotWait) {
  Scope scope(loop);
  co_await scope.join();
}

MYNAH_TEST_CO(Scope, DropsWhatWaitsWhenItIsDestroyed) {
  const Token token = make_token();
  {
    Scope scope(loop);
    scope.spawn(keep_for, std::ref(loop), token, 3s);
    scope.spawn(keep_for, std::ref(loop), token, 5s);
    EXPECT_EQ(scope.size(), 2u);
    EXPECT_GT(token.use_count(), 2);
  }

  EXPECT_EQ(token.use_count(), 1);
  co_await Sleep(loop, 10s);
}

Task<> spawn_another(Scope& scope, Loop& loop, Token token) {
  co_await Sleep(loop, 1s);
  scope.spawn(keep_for, std::ref(loop), std::move(token), 1s);
}

MYNAH_TEST_CO(Scope, JoinsWhatTheSpawnedSpawn) {
  Scope scope(loop);
  const Instant begin = loop.now();
  scope.spawn(spawn_another, std::ref(scope), std::ref(loop), make_token());

  co_await scope.join();

  EXPECT_EQ(loop.now() - begin, 2s);
}

// Spawns in the same turn in which the last one ends, after the joiner is told.
struct Respawn {
  Scope& scope;
  Loop& loop;
  Soon soon{[](void* self) {
              auto& respawn = *static_cast<Respawn*>(self);
              respawn.scope.spawn(keep_for, std::ref(respawn.loop), make_token(), 5s);
            },
            this};
};

MYNAH_TEST_CO(Scope, GoesOnJoiningWhenSomethingIsSpawnedBeforeTheJoinerRuns) {
  Scope scope(loop);
  Respawn respawn{scope, loop};
  const Instant begin = loop.now();
  Timer last(
      [](void* self) {
        auto& r = *static_cast<Respawn*>(self);
        r.soon.schedule(r.loop);
      },
      &respawn);
  // Fires before the sleep does, so that what it schedules runs before the joiner is resumed.
  last.arm(loop.timers(), loop.in(1s));
  scope.spawn(keep_for, std::ref(loop), make_token(), 1s);

  co_await scope.join();

  EXPECT_EQ(loop.now() - begin, 6s);
}

MYNAH_TEST_CO(Scope, TakesAFunctionObjectThatOwnsItsData) {
  Scope scope(loop);
  std::string told;
  auto tell = [&told](std::string what) -> Task<> {
    told = std::move(what);
    co_return;
  };
  scope.spawn(tell, std::string(100, 'x'));

  co_await scope.join();

  EXPECT_EQ(told, std::string(100, 'x'));
}

}  // namespace
}  // namespace mynah
