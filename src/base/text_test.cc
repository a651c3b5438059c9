// SPDX-License-Identifier: Apache-2.0
// Goal: text helpers do what their header says, at the edges and on malformed input too.
#include "base/text.h"

#include <array>

#include <gtest/gtest.h>

namespace mynah {
namespace {

using Parts = std::vector<std::string_view>;

TEST(Cat, JoinsTextCharactersAndNumbers) {
  EXPECT_EQ(cat("port ", 8080, '/', std::string("tcp"), " ", -1, " ", 0.5), "port 8080/tcp -1 0.5");
  EXPECT_EQ(cat(), "");
  EXPECT_EQ(cat(std::uint64_t{18446744073709551615U}), "18446744073709551615");
  EXPECT_EQ(cat(1e300), "1e+300");
}

TEST(Cat, AppendsToAStringThatIsThere) {
  std::string line = "a";

  append(line, "b", 3);

  EXPECT_EQ(line, "ab3");
}

TEST(Join, PutsTheSeparatorBetweenOnly) {
  const std::array<std::string, 3> items = {"a", "", "c"};

  EXPECT_EQ(join(items, ", "), "a, , c");
  EXPECT_EQ(join({}, ", "), "");
}

TEST(Ascii, CaseOfLettersOnlyIsDropped) {
  EXPECT_EQ(lower("Content-TYPE\xC3\x84"), "content-type\xC3\x84");
  EXPECT_TRUE(iequals("Host", "hOST"));
  EXPECT_FALSE(iequals("a[", "A{"));
  EXPECT_FALSE(iequals("a", "ab"));
}

TEST(Ascii, TrimTakesBlanksAtBothEnds) {
  EXPECT_EQ(trim(" \t a b\r\n"), "a b");
  EXPECT_EQ(trim(" \n "), "");
}

TEST(Split, KeepsEmptyParts) {
  EXPECT_EQ(split("a,,b", ','), (Parts{"a", "", "b"}));
  EXPECT_EQ(split("", ','), (Parts{""}));
  EXPECT_EQ(split("a,b,c", ',', 2), (Parts{"a", "b,c"}));
}

TEST(Split, CutTellsWhetherThereWasASeparator) {
  EXPECT_EQ(cut("k=v=w", "=").before, "k");
  EXPECT_EQ(cut("k=v=w", "=").after, "v=w");
  EXPECT_FALSE(cut("k", "=").found);
  EXPECT_EQ(cut("k", "=").before, "k");
}

TEST(Glob, StarsTakeAnyRunAndQuestionMarksOneByte) {
  EXPECT_TRUE(matches_glob("api.example.com", "*.example.com"));
  EXPECT_TRUE(matches_glob("abc", "a?c"));
  EXPECT_TRUE(matches_glob("aXbXc", "a*b*c**"));
  EXPECT_TRUE(matches_glob("", "*"));
  EXPECT_FALSE(matches_glob("example.com", "*.example.com"));
  EXPECT_FALSE(matches_glob("ab", "a?c"));
}

TEST(Numbers, AreReadWholeOrNotAtAll) {
  EXPECT_EQ(*parse_int("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(*parse_unsigned("18446744073709551615"), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(*parse_number<std::uint16_t>("65535"), 65535);
  EXPECT_EQ(parse_number<std::uint16_t>("65536").error().what, "\"65536\" is out of range");
  EXPECT_EQ(parse_int("12a").error().what, "\"12a\" is not a whole number");
  EXPECT_FALSE(parse_int(""));
  EXPECT_FALSE(parse_int("+1"));
  EXPECT_FALSE(parse_int(" 1"));
  EXPECT_FALSE(parse_unsigned("-1"));
}

TEST(Numbers, DoublesAreFinite) {
  EXPECT_EQ(*parse_double("-0.25e2"), -25.0);
  EXPECT_EQ(*parse_double("1e-400"), 0.0);
  EXPECT_FALSE(parse_double("1e400"));
  EXPECT_FALSE(parse_double("inf"));
  EXPECT_FALSE(parse_double("nan"));
  EXPECT_FALSE(parse_double("0x10"));
  EXPECT_FALSE(parse_double("1e"));
  EXPECT_FALSE(parse_double("."));
  EXPECT_FALSE(parse_double(""));
}

TEST(Utf8, KnowsWellFormedText) {
  EXPECT_TRUE(is_utf8("plain"));
  EXPECT_TRUE(is_utf8("\u00e9 \u4f60\u597d \U0001F600"));
  EXPECT_TRUE(is_utf8("\xF4\x8F\xBF\xBF"));
}

TEST(Utf8, FindsTheFirstByteThatIsWrong) {
  EXPECT_EQ(find_invalid_utf8("abcdefgh\xFFx"), 8U);
  EXPECT_EQ(find_invalid_utf8("\xC0\x80"), 0U);          // overlong
  EXPECT_EQ(find_invalid_utf8("a\xE0\x80\x80"), 1U);     // overlong
  EXPECT_EQ(find_invalid_utf8("\xED\xA0\x80"), 0U);      // surrogate
  EXPECT_EQ(find_invalid_utf8("\xF4\x90\x80\x80"), 0U);  // beyond the last character
  EXPECT_EQ(find_invalid_utf8("ab\xE4\xBD"), 2U);        // cut off
}

TEST(Utf8, APrefixEndsBetweenCharacters) {
  EXPECT_EQ(utf8_prefix("a\u4f60b", 3), "a");
  EXPECT_EQ(utf8_prefix("a\u4f60b", 4), "a\u4f60");
  EXPECT_EQ(utf8_prefix("abc", 9), "abc");
  EXPECT_EQ(utf8_prefix("\u4f60", 0), "");
}

TEST(Utf8, APrefixOfWhatIsNotUtf8IsCutWhereItIs) {
  EXPECT_EQ(utf8_prefix("\x80\x80\x80\x80\x80\x80", 5).size(), 5U);
}

TEST(Utf8, SpellsCharacters) {
  std::string text;

  append_utf8(text, U'a');
  append_utf8(text, 0xE9);
  append_utf8(text, 0x4F60);
  append_utf8(text, 0x1F600);
  append_utf8(text, 0xD800);

  EXPECT_EQ(text, "a\u00e9\u4f60\U0001F600\uFFFD");
}

TEST(Nearest, FindsTheMisspeltName) {
  const std::array<std::string_view, 4> names = {"address", "tls", "workers", "cacheKeyFrom"};

  EXPECT_EQ(nearest("adress", names), "address");
  EXPECT_EQ(nearest("tsl", names), "tls");
  EXPECT_EQ(nearest("cache_key_from", names), "cacheKeyFrom");
}

TEST(Nearest, DoesNotGuessWhenNothingIsNear) {
  const std::array<std::string_view, 2> names = {"address", "tls"};

  EXPECT_EQ(nearest("priority", names), "");
  EXPECT_EQ(nearest("", names), "");
  EXPECT_EQ(nearest(std::string(100, 'a'), names), "");
  EXPECT_EQ(nearest("x", {}), "");
}

}  // namespace
}  // namespace mynah
