// SPDX-License-Identifier: Apache-2.0
// Goal: guessing gets slower and slower, for the one who guesses only, and the memory has a bound.
#include "control/admin/login_throttle.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace mynah::control {
namespace {

void fail(LoginThrottle& throttle, const std::string& ip, int times) {
  for (int i = 0; i < times; ++i) throttle.failed(ip);
}

TEST(LoginThrottle, SomeFailuresAreFreeThenTheWaitDoubles) {
  SimulatedClock clock;
  LoginThrottle throttle(clock);

  fail(throttle, "192.0.2.1", 4);
  EXPECT_EQ(throttle.wait("192.0.2.1"), 0s);
  fail(throttle, "192.0.2.1", 1);
  EXPECT_EQ(throttle.wait("192.0.2.1"), 1s);
  fail(throttle, "192.0.2.1", 2);
  EXPECT_EQ(throttle.wait("192.0.2.1"), 4s);
  clock.advance(3s);
  EXPECT_EQ(throttle.wait("192.0.2.1"), 1s);
  clock.advance(1s);
  EXPECT_EQ(throttle.wait("192.0.2.1"), 0s);
}

TEST(LoginThrottle, TheWaitHasAnEnd) {
  SimulatedClock clock;
  LoginThrottle throttle(clock);

  fail(throttle, "192.0.2.1", 100);

  EXPECT_EQ(throttle.wait("192.0.2.1"), LoginThrottle::kWaitMax);
}

TEST(LoginThrottle, OthersAreNotHeldUp) {
  SimulatedClock clock;
  LoginThrottle throttle(clock);

  fail(throttle, "192.0.2.1", 100);

  EXPECT_EQ(throttle.wait("192.0.2.2"), 0s);
}

TEST(LoginThrottle, AHouseholdOfIpv6IsOnePlace) {
  SimulatedClock clock;
  LoginThrottle throttle(clock);

  fail(throttle, "2001:db8:1:2::1", 100);

  EXPECT_GT(throttle.wait("2001:db8:1:2:ffff::9"), 0s);
  EXPECT_EQ(throttle.wait("2001:db8:1:3::1"), 0s);
}

TEST(LoginThrottle, ASuccessAndAnHourForget) {
  SimulatedClock clock;
  LoginThrottle throttle(clock);
  fail(throttle, "192.0.2.1", 5);
  fail(throttle, "192.0.2.2", 5);

  throttle.succeeded("192.0.2.1");
  clock.advance(LoginThrottle::kForgottenAfter + 1s);
  fail(throttle, "192.0.2.2", 1);

  EXPECT_EQ(throttle.wait("192.0.2.1"), 0s);
  EXPECT_EQ(throttle.wait("192.0.2.2"), 0s);
}

TEST(LoginThrottle, WhenThereAreTooManyPlacesTheOldestGoes) {
  SimulatedClock clock;
  LoginThrottle throttle(clock);
  fail(throttle, "198.51.100.1", 100);
  for (std::size_t i = 0; i < LoginThrottle::kPlacesMax; ++i) {
    clock.advance(1us);
    throttle.failed(cat("10.", i / 65536, ".", i / 256 % 256, ".", i % 256));
  }

  EXPECT_EQ(throttle.wait("198.51.100.1"), 0s);
}

}  // namespace
}  // namespace mynah::control
