// SPDX-License-Identifier: Apache-2.0
// Versions and their order.
#include "market/version.h"

#include <string>

#include <gtest/gtest.h>

namespace mynah::market {
namespace {

bool before(const char* a, const char* b) { return *Version::parse(a) < *Version::parse(b); }

TEST(VersionTest, NumbersCountByValueAndReleasesComeAfterTheirCandidates) {
  EXPECT_TRUE(before("1.9.0", "1.10.0"));
  EXPECT_TRUE(before("1.0.0-alpha", "1.0.0-alpha.1"));
  EXPECT_TRUE(before("1.0.0-alpha.2", "1.0.0-alpha.10"));
  EXPECT_TRUE(before("1.0.0-alpha.10", "1.0.0-alpha.beta"));
  EXPECT_TRUE(before("1.0.0-rc.1", "1.0.0"));
}

TEST(VersionTest, WhatIsLeftOutIsZeroAndBuildsAreEqual) {
  EXPECT_EQ(*Version::parse("1"), *Version::parse("1.0.0"));
  EXPECT_EQ(*Version::parse("1.2+linux.7"), *Version::parse("1.2.0"));
}

TEST(VersionTest, WhatIsNoVersionIsRefused) {
  for (const char* text : {"", "v1", "1.", ".1", "1.2.3.4", "01.2.3", "1.2.3-", "1.2.3-a..b",
                           "1.2.3+", "-1", "1.2.x", "1 ", "99999999999999999999"}) {
    EXPECT_FALSE(Version::parse(text).ok()) << text;
  }
  EXPECT_FALSE(Version::parse(std::string(65, '1')).ok());
}

}  // namespace
}  // namespace mynah::market
