// SPDX-License-Identifier: Apache-2.0
// Goal: amounts read as people write them, and only so.
#include "base/units.h"

#include <gtest/gtest.h>

namespace mynah {
namespace {

TEST(Durations, AreWholeNumbersWithUnits) {
  EXPECT_EQ(*parse_duration("30s"), 30s);
  EXPECT_EQ(*parse_duration("250ms"), 250ms);
  EXPECT_EQ(*parse_duration("1h30m"), 90min);
  EXPECT_EQ(*parse_duration("2d"), 48h);
  EXPECT_EQ(*parse_duration("0"), 0s);
}

TEST(Durations, RefuseWhatIsNotOne) {
  EXPECT_EQ(parse_duration("30").error().what,
            "\"30\" is not a duration such as \"30s\", \"250ms\" or \"1h30m\"");
  EXPECT_FALSE(parse_duration(""));
  EXPECT_FALSE(parse_duration("s"));
  EXPECT_FALSE(parse_duration("-1s"));
  EXPECT_FALSE(parse_duration("1.5s"));
  EXPECT_FALSE(parse_duration("1 s"));
  EXPECT_FALSE(parse_duration("1w"));
  EXPECT_EQ(parse_duration("36526d").error().what, "\"36526d\" is longer than a hundred years");
  EXPECT_FALSE(parse_duration("36525d1ns"));
  EXPECT_FALSE(parse_duration("99999999999999999999s"));
}

TEST(Durations, AreSpeltInTheLargestUnits) {
  EXPECT_EQ(spell(90s), "1m30s");
  EXPECT_EQ(spell(1500us), "1ms500us");
  EXPECT_EQ(spell(0s), "0s");
  EXPECT_EQ(spell(-2h), "-2h");
  EXPECT_EQ(spell(Duration::min()).front(), '-');
}

TEST(Sizes, AreWholeNumbersOfBytes) {
  EXPECT_EQ(*parse_bytes("4096"), 4096U);
  EXPECT_EQ(*parse_bytes("64KiB"), 65536U);
  EXPECT_EQ(*parse_bytes("10MB"), 10'000'000U);
  EXPECT_EQ(*parse_bytes("0B"), 0U);
}

TEST(Sizes, RefuseWhatIsNotOne) {
  EXPECT_FALSE(parse_bytes(""));
  EXPECT_FALSE(parse_bytes("MB"));
  EXPECT_FALSE(parse_bytes("10mb"));
  EXPECT_FALSE(parse_bytes("10 MB"));
  EXPECT_FALSE(parse_bytes("-1"));
  EXPECT_FALSE(parse_bytes("1.5MB"));
  EXPECT_EQ(parse_bytes("99999999999TiB").error().what, "\"99999999999TiB\" is too large");
}

TEST(Sizes, AreSpeltInTheLargestExactUnit) {
  EXPECT_EQ(spell_bytes(65536), "64KiB");
  EXPECT_EQ(spell_bytes(1000), "1000B");
  EXPECT_EQ(spell_bytes(0), "0B");
}

}  // namespace
}  // namespace mynah
