// SPDX-License-Identifier: Apache-2.0
// Goal: what is encoded decodes to the same, and what no encoder writes is refused.
#include "base/encoding.h"

#include <gtest/gtest.h>

namespace mynah {
namespace {

std::string every_byte() {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  return bytes;
}

TEST(Hex, GoesThereAndBack) {
  EXPECT_EQ(hex("\x01\xAB"), "01ab");
  EXPECT_EQ(*parse_hex("01aB"), "\x01\xAB");
  EXPECT_EQ(*parse_hex(hex(every_byte())), every_byte());
}

TEST(Hex, RefusesWhatIsNot) {
  EXPECT_FALSE(parse_hex("abc"));
  EXPECT_EQ(parse_hex("0g").error().what, "not hexadecimal at byte 1");
}

TEST(Base64, SpellsTheExamplesOfItsStandard) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64url("\xFB\xFF"), "-_8");
}

TEST(Base64, GoesThereAndBack) {
  EXPECT_EQ(*parse_base64(base64(every_byte())), every_byte());
  EXPECT_EQ(*parse_base64url(base64url(every_byte())), every_byte());
  EXPECT_EQ(*parse_base64(""), "");
}

TEST(Base64, RefusesWhatNoEncoderWrites) {
  EXPECT_FALSE(parse_base64("Zg"));     // no padding
  EXPECT_FALSE(parse_base64("Zg==="));  // too much
  EXPECT_FALSE(parse_base64("Z==="));
  EXPECT_FALSE(parse_base64("Zh=="));      // bits behind the end
  EXPECT_FALSE(parse_base64("Zg==Zg=="));  // padding in the middle
  EXPECT_FALSE(parse_base64("Zm 8="));
  EXPECT_FALSE(parse_base64("-_8="));
  EXPECT_FALSE(parse_base64url("Zg=="));
  EXPECT_FALSE(parse_base64url("+/8"));
  EXPECT_FALSE(parse_base64url("A"));
}

TEST(Percent, EncodesAllButTheUnreserved) {
  EXPECT_EQ(percent_encode("a-Z_0.~/ %\xE4"), "a-Z_0.~%2F%20%25%E4");
  EXPECT_EQ(*percent_decode(percent_encode(every_byte())), every_byte());
}

TEST(Percent, DecodesEitherCaseAndLeavesPlusAlone) { EXPECT_EQ(*percent_decode("%2f%2F+"), "//+"); }

TEST(Percent, RefusesAHalfEscape) {
  EXPECT_FALSE(percent_decode("%"));
  EXPECT_FALSE(percent_decode("%2"));
  EXPECT_EQ(percent_decode("ab%zz").error().what,
            "no two hexadecimal digits behind the % at byte 2");
}

}  // namespace
}  // namespace mynah
