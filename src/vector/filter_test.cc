// SPDX-License-Identifier: Apache-2.0
// Conditions on fields, and what is refused as one.
#include "vector/filter.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "base/text.h"

namespace mynah::vector {
namespace {

constexpr const char* kFields =
    R"({"name": "zhangsan", "age": 30, "weight": 70.5, "male": true, "empty": null, "quote": "it's"})";

// "yes", "no", or what is wrong with the filter.
std::string asked(std::string_view filter, const char* fields = kFields) {
  const auto parsed = Filter::parse(filter);
  if (!parsed) return parsed.error().what;
  const auto json = Json::parse(fields);
  return parsed->matches(*pack_fields(json->root())) ? "yes" : "no";
}

TEST(Filter, compares_numbers_texts_and_flags) {
  EXPECT_EQ(asked("age = 30"), "yes");
  EXPECT_EQ(asked("age == 30.0"), "yes");
  EXPECT_EQ(asked("age != 30"), "no");
  EXPECT_EQ(asked("age <> 31"), "yes");
  EXPECT_EQ(asked("age > 29.5 and age < 30.5"), "yes");
  EXPECT_EQ(asked("weight >= 70.5 and weight <= 7.05e1"), "yes");
  EXPECT_EQ(asked("weight > 70"), "yes");
  EXPECT_EQ(asked("age > -1"), "yes");
  EXPECT_EQ(asked("name = 'zhangsan'"), "yes");
  EXPECT_EQ(asked("name = \"lisi\""), "no");
  EXPECT_EQ(asked("name > 'z' and name < 'zz'"), "yes");
  EXPECT_EQ(asked("male = true"), "yes");
  EXPECT_EQ(asked("male = false"), "no");
}

TEST(Filter, large_whole_numbers_are_compared_exactly) {
  const char* fields = R"({"n": 9007199254740993})";
  EXPECT_EQ(asked("n = 9007199254740993", fields), "yes");
  EXPECT_EQ(asked("n = 9007199254740992", fields), "no");
  EXPECT_EQ(asked("n > 9007199254740992.0", fields), "yes");
  EXPECT_EQ(asked("n < 1e300 and n > -1e300", fields), "yes");
}

TEST(Filter, joins_with_and_before_or_and_obeys_parentheses) {
  EXPECT_EQ(asked("age = 1 and age = 2 or age = 30"), "yes");
  EXPECT_EQ(asked("age = 1 and (age = 2 or age = 30)"), "no");
  EXPECT_EQ(asked("AGE = 1 OR NOT (name LIKE 'li%' AND male = TRUE)"), "yes");
  EXPECT_EQ(asked("not not age = 30"), "yes");
  EXPECT_EQ(asked("(age > 18 and weight = 70.5) or (name like \"zhang%\" and male = false)"),
            "yes");
}

TEST(Filter, like_has_any_run_and_any_character) {
  EXPECT_EQ(asked("name like 'zhang%'"), "yes");
  EXPECT_EQ(asked("name like '%san'"), "yes");
  EXPECT_EQ(asked("name like '%ang%'"), "yes");
  EXPECT_EQ(asked("name like 'zhang_an'"), "yes");
  EXPECT_EQ(asked("name like 'zhang'"), "no");
  EXPECT_EQ(asked("name not like 'li%'"), "yes");
  EXPECT_EQ(asked("age like '3%'"), "no");
  EXPECT_TRUE(matches_like("h\u00e9llo", "h_llo"));
  EXPECT_TRUE(matches_like("aXbXc", "a%b%c"));
  EXPECT_FALSE(matches_like("", "_"));
  EXPECT_TRUE(matches_like("", "%%"));
}

TEST(Filter, in_is_one_of_a_list) {
  EXPECT_EQ(asked("age in (10, 20, 30)"), "yes");
  EXPECT_EQ(asked("age not in (10, 20)"), "yes");
  EXPECT_EQ(asked("name in ('a', 'zhangsan')"), "yes");
  EXPECT_EQ(asked("name in ('a')"), "no");
}

TEST(Filter, what_is_missing_is_neither_equal_nor_unequal) {
  EXPECT_EQ(asked("height = 1"), "no");
  EXPECT_EQ(asked("height != 1"), "no");
  EXPECT_EQ(asked("not height = 1"), "no");
  EXPECT_EQ(asked("height = 1 or age = 30"), "yes");
  EXPECT_EQ(asked("empty != 1"), "no");
  EXPECT_EQ(asked("age = '30'"), "no");
  EXPECT_EQ(asked("height is null and empty is null and age is not null"), "yes");
}

TEST(Filter, quotes_inside_of_texts_are_doubled_or_escaped) {
  EXPECT_EQ(asked("quote = 'it''s'"), "yes");
  EXPECT_EQ(asked(R"(quote = 'it\'s')"), "yes");
  EXPECT_EQ(asked("quote = \"it's\""), "yes");
  EXPECT_EQ(asked("`age` = 30"), "yes");
}

TEST(Filter, says_what_is_wrong_and_where) {
  EXPECT_EQ(asked(""), "filter, character 1: expected the name of a field");
  EXPECT_EQ(asked("age ="),
            "filter, character 6: expected a text in quotes, a number, true or false");
  EXPECT_EQ(asked("age = 30 name = 'a'"),
            "filter, character 10: expected the end, or `and` or `or`");
  EXPECT_EQ(asked("(age = 30"), "filter, character 10: expected `)`");
  EXPECT_EQ(asked("name = 'a"), "filter, character 10: a text is not closed");
  EXPECT_EQ(asked("age in 30"), "filter, character 8: expected `(`");
  EXPECT_EQ(asked("and = 1"), "filter, character 1: expected the name of a field");
  EXPECT_EQ(asked("age ~ 1"), "filter, character 5: expected a comparison, `in`, `like` or `is`");
}

TEST(Filter, has_limits) {
  const std::string deep = std::string(40, '(') + "a = 1" + std::string(40, ')');
  std::string many = "a in (0";
  for (int i = 1; i < 1100; ++i) many += ", 1";
  const std::string nots = [] {
    std::string text;
    for (int i = 0; i < 10'000; ++i) text += "not ";
    return text + "a = 1";
  }();

  EXPECT_EQ(Filter::parse(std::string(50'000, ' ')).error().code, Errc::too_large);
  EXPECT_FALSE(Filter::parse(deep).ok());
  EXPECT_FALSE(Filter::parse(many + ")").ok());
  EXPECT_FALSE(Filter::parse(nots).ok());
}

TEST(Fields, say_which_name_and_which_value_is_no_field) {
  const auto refused = [](const char* json) {
    return pack_fields(Json::parse(json)->root()).error().what;
  };
  EXPECT_EQ(refused(R"({"a b": 1})"),
            "\"a b\" is no name of a field: 1 to 32 letters, digits, _ or -");
  EXPECT_EQ(refused(R"({"a": [1]})"),
            "field a is an array; fields are texts, numbers, true, false or null");
  EXPECT_EQ(refused("[]"), "fields are not an object");
}

TEST(Fields, are_written_as_they_were_given) {
  const auto json = Json::parse(kFields);
  JsonWriter all;
  write_fields(*pack_fields(json->root()), {}, std::nullopt, all);
  JsonWriter some;
  write_fields(*pack_fields(json->root()), {{"tall", FieldType::boolean}},
               std::vector<std::string>{"age", "tall"}, some);

  EXPECT_EQ(
      std::move(all).take(),
      R"({"name":"zhangsan","age":30,"weight":70.5,"male":true,"empty":null,"quote":"it's"})");
  EXPECT_EQ(std::move(some).take(), R"({"tall":null,"age":30})");
}

}  // namespace
}  // namespace mynah::vector
