// SPDX-License-Identifier: Apache-2.0
// Goal: signals arrive on the loop instead of ending the process.
#include "aio/signals.h"

#include <signal.h>

#include <gtest/gtest.h>

#include "aio/scope.h"
#include "aio/testing.h"

namespace mynah {
namespace {

Task<> raise_after(Loop& loop, Duration wait, int number) {
  co_await Sleep(loop, wait);
  ::raise(number);
}

MYNAH_TEST_CO(Signals, ArriveOneByOne) {
  auto signals = *Signals::open(loop, {SIGUSR1, SIGUSR2});
  Scope scope(loop);
  scope.spawn(raise_after, std::ref(loop), 1s, SIGUSR1);
  scope.spawn(raise_after, std::ref(loop), 2s, SIGUSR2);

  EXPECT_EQ(co_await signals->next(), SIGUSR1);
  EXPECT_EQ(co_await signals->next(), SIGUSR2);
}

MYNAH_TEST_CO(Signals, ThatCameBeforeAnyoneWaitedAreKept) {
  auto signals = *Signals::open(loop, {SIGUSR1});
  ::raise(SIGUSR1);

  EXPECT_EQ(co_await signals->next(), SIGUSR1);
}

}  // namespace
}  // namespace mynah
