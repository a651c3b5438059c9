// SPDX-License-Identifier: Apache-2.0
// Goal: simulated time goes on when told, and wall time survives being written and read.
#include "base/time.h"

#include <gtest/gtest.h>

namespace mynah {
namespace {

constexpr WallTime kExample = WallTime(784'111'777s);  // RFC 9110's example

TEST(SimulatedClock, GoesOnWhenTold) {
  SimulatedClock clock(kExample);
  const Instant before = clock.now();

  clock.advance(250ms);
  clock.advance_to(before);  // not backwards

  EXPECT_EQ(clock.now() - before, 250ms);
  EXPECT_EQ(clock.wall_now(), kExample + 250ms);
}

TEST(HttpDate, IsWrittenAndReadAsHttpHasIt) {
  EXPECT_EQ(http_date(kExample + 999ms), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(*parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), kExample);
  EXPECT_EQ(http_date(WallTime(-1s)), "Wed, 31 Dec 1969 23:59:59 GMT");
}

TEST(HttpDate, RefusesWhatIsNotOne) {
  EXPECT_FALSE(parse_http_date(""));
  EXPECT_FALSE(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT"));
  EXPECT_FALSE(parse_http_date("Sun Nov  6 08:49:37 1994"));
  EXPECT_FALSE(parse_http_date("Sun, 31 Feb 1994 08:49:37 GMT"));
  EXPECT_FALSE(parse_http_date("Sun, 06 Nov 1994 24:00:00 GMT"));
  EXPECT_FALSE(parse_http_date("Sun, 06 Nov 9999 08:49:37 GMT"));
  EXPECT_FALSE(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT "));
  EXPECT_FALSE(parse_http_date("Sun, 06 Nov 1994 08:49:37 UTC"));
}

TEST(Rfc3339, IsWrittenInUtcWithMilliseconds) {
  EXPECT_EQ(rfc3339(kExample + 250'999us), "1994-11-06T08:49:37.250Z");
  EXPECT_EQ(rfc3339(WallTime(-1ms)), "1969-12-31T23:59:59.999Z");
}

TEST(Rfc3339, ReadsFractionsAndOffsets) {
  EXPECT_EQ(*parse_rfc3339("1994-11-06T08:49:37Z"), kExample);
  EXPECT_EQ(*parse_rfc3339("1994-11-06 10:19:37.5+01:30"), kExample + 500ms);
  EXPECT_EQ(*parse_rfc3339("1994-11-06t03:49:37.1234567899-05:00"), kExample + 123'456'789ns);
  EXPECT_EQ(*parse_rfc3339("2016-12-31T23:59:60Z"), *parse_rfc3339("2017-01-01T00:00:00Z"));
  EXPECT_EQ(rfc3339(*parse_rfc3339("2024-02-29T00:00:00z")), "2024-02-29T00:00:00.000Z");
}

TEST(Rfc3339, RefusesWhatIsNotOne) {
  EXPECT_EQ(parse_rfc3339("yesterday").error().what,
            "\"yesterday\" is not a time such as \"2026-11-21T15:34:00Z\"");
  EXPECT_FALSE(parse_rfc3339("1994-11-06T08:49:37"));
  EXPECT_FALSE(parse_rfc3339("1994-11-06T08:49:37."));
  EXPECT_FALSE(parse_rfc3339("1994-11-06T08:49:37.Z"));
  EXPECT_FALSE(parse_rfc3339("1994-13-06T08:49:37Z"));
  EXPECT_FALSE(parse_rfc3339("2023-02-29T08:49:37Z"));
  EXPECT_FALSE(parse_rfc3339("1994-11-06T08:60:37Z"));
  EXPECT_FALSE(parse_rfc3339("1994-11-06T08:49:37+24:00"));
  EXPECT_FALSE(parse_rfc3339("0000-00-00T00:00:00Z"));
  EXPECT_FALSE(parse_rfc3339("9999-12-31T23:59:59Z"));
}

}  // namespace
}  // namespace mynah
