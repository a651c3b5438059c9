// SPDX-License-Identifier: Apache-2.0
// Goal: the reader takes JSON and nothing else, look-ups are total, and a change leaves all other
// bytes as they were.
#include "base/json.h"

#include <limits>

#include <gtest/gtest.h>

#include "base/text.h"

namespace mynah {
namespace {

Json parsed(std::string_view text) {
  auto json = Json::parse(std::string(text));
  EXPECT_TRUE(json) << text;
  return *std::move(json);
}

std::string refusal(std::string_view text) {
  const auto json = Json::parse(std::string(text));
  return json ? "taken" : json.error().what;
}

constexpr std::string_view kChat =
    R"({"model": "qwen", "stream": true, "temperature": 0.70, "messages": [)"
    R"({"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi \"you\"\n\u4f60"}],)"
    R"( "a.b": {"c": null}, "big": 12345678901234567890})";

TEST(Json, ADeleteCharacterIsPlainTextWhereverItStands) {
  EXPECT_EQ(Json::parse("[\"a\x7f\"]")->root().at(0).text(), "a\x7f");
  EXPECT_EQ(Json::parse("[\"a\x7f and more text behind it\"]")->root().at(0).text(),
            "a\x7f and more text behind it");
  EXPECT_FALSE(Json::parse("{\"name\x7f").ok());
}

TEST(Json, ReadsEveryKindOfValue) {
  const Json json = parsed(kChat);

  EXPECT_EQ(json["model"].text(), "qwen");
  EXPECT_TRUE(json["stream"].flag());
  EXPECT_EQ(json["temperature"].number(), 0.7);
  EXPECT_EQ(json["temperature"].raw(), "0.70");
  EXPECT_EQ(json["messages"].size(), 2U);
  EXPECT_EQ(json["messages"].at(1)["content"].text(), "Hi \"you\"\n\u4f60");
  EXPECT_TRUE(json["a.b"]["c"].is_null());
  EXPECT_EQ(json["big"].unsigned_integer(), 12345678901234567890U);
  EXPECT_FALSE(json["big"].integer());
}

TEST(Json, ReadsAScalarAndBlanksAroundIt) {
  EXPECT_EQ(parsed(" \r\n\t-0 ").root().integer(), 0);
  EXPECT_EQ(parsed("\"\"").root().text(), "");
  EXPECT_EQ(parsed("[]").root().size(), 0U);
  EXPECT_EQ(parsed("{ }").root().kind(), JsonKind::object);
}

TEST(Json, IteratesInTheOrderOfTheText) {
  const Json json = parsed(R"({"b": [1, [2], {"x": 3}], "a": {}})");
  std::string seen;

  for (const auto& [name, value] : json.root().members()) append(seen, name, "=", value.raw(), ";");
  for (const JsonView item : json["b"].items()) append(seen, item.raw(), ";");

  EXPECT_EQ(seen, "b=[1, [2], {\"x\": 3}];a={};1;[2];{\"x\": 3};");
}

TEST(Json, WhatIsNotThereIsMissingAllTheWayDown) {
  const Json json = parsed(R"({"a": [1]})");

  const JsonView view = json["x"]["y"].at(3)["z"];

  EXPECT_FALSE(view);
  EXPECT_EQ(view.kind(), JsonKind::missing);
  EXPECT_EQ(view.text(), "");
  EXPECT_EQ(view.raw(), "");
  EXPECT_FALSE(view.number());
  EXPECT_EQ(view.items().begin(), view.items().end());
  EXPECT_FALSE(json["a"].at(1));
  EXPECT_FALSE(json["a"]["a"]);
}

TEST(Json, TheLastOfTwoMembersOfOneNameCounts) {
  EXPECT_EQ(parsed(R"({"a": 1, "a": 2})")["a"].integer(), 2);
}

TEST(Json, EscapesAreResolvedInNamesToo) {
  const Json json = parsed(
      R"({"\u0061\/": "\b\f\n\r\t\\\"\u0000", "pair": "\uD83D\ude00", "lone": "\ud83dx\udc00"})");

  EXPECT_EQ(json["a/"].text(), std::string_view("\b\f\n\r\t\\\"\0", 8));
  EXPECT_EQ(json["pair"].text(), "\U0001F600");
  EXPECT_EQ(json["lone"].text(), "\uFFFDx\uFFFD");
}

TEST(Json, IntegersAreExactHoweverTheyAreSpelt) {
  EXPECT_EQ(parsed("-9223372036854775808").root().integer(),
            std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(parsed("9223372036854775807.0").root().integer(),
            std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(parsed("1.5e1").root().integer(), 15);
  EXPECT_EQ(parsed("1200E-2").root().integer(), 12);
  EXPECT_EQ(parsed("-0.0").root().unsigned_integer(), 0U);
  EXPECT_EQ(parsed("0e99999999999999999999").root().integer(), 0);
  EXPECT_FALSE(parsed("1.5").root().integer());
  EXPECT_FALSE(parsed("1e99999999999999999999").root().integer());
  EXPECT_FALSE(parsed("1e-99999999999999999999").root().integer());
  EXPECT_FALSE(parsed("9223372036854775808").root().integer());
  EXPECT_FALSE(parsed("-1").root().unsigned_integer());
  EXPECT_FALSE(parsed("\"1\"").root().integer());
}

TEST(Json, ADoubleBeyondTheDoublesIsNone) {
  EXPECT_EQ(parsed("1e308").root().number(), 1e308);
  EXPECT_FALSE(parsed("1e309").root().number());
}

TEST(Json, RefusesWhatIsNotJsonAndSaysWhere) {
  EXPECT_EQ(refusal("{\"a\": 1,\n  \"b\" 2}"), "line 2, column 7: expected ':'");
  EXPECT_EQ(refusal("[1, 2"), "line 1, column 6: the text ends early");
  EXPECT_EQ(refusal(""), "line 1, column 1: the text ends early");
  EXPECT_EQ(refusal("[1 2]"), "line 1, column 4: expected ',' or ']'");
  EXPECT_EQ(refusal("{\"a\":1 ]"), "line 1, column 8: expected ',' or '}'");
  EXPECT_EQ(refusal("[1,]"), "line 1, column 4: expected a value");
  EXPECT_EQ(refusal("{\"a\":1,}"), "line 1, column 8: expected a member's name");
  EXPECT_EQ(refusal("{} x"), "line 1, column 4: text after the value");
  EXPECT_EQ(refusal("// no"), "line 1, column 1: expected a value");
  EXPECT_EQ(refusal("\"a"), "line 1, column 3: the text ends early");
  EXPECT_EQ(refusal("\"a\nb\""), "line 1, column 3: a control character must be escaped");
  EXPECT_EQ(refusal("\"\\x\""), "line 1, column 3: no such escape");
  EXPECT_EQ(refusal("\"\\u12g4\""), "line 1, column 4: expected four hexadecimal digits");
  EXPECT_EQ(refusal("\"12345678\xC0\x80\""), "line 1, column 10: not UTF-8");
  EXPECT_EQ(refusal("\"\xED\xA0\x80\""), "line 1, column 2: not UTF-8");
}

TEST(Json, RefusesNumbersThatOtherLanguagesTake) {
  EXPECT_EQ(refusal("01"), "line 1, column 2: a number must not begin with 0");
  EXPECT_EQ(refusal("NaN"), "line 1, column 1: expected a value");
  EXPECT_EQ(refusal("-Infinity"), "line 1, column 2: expected a digit");
  EXPECT_EQ(refusal("+1"), "line 1, column 1: expected a value");
  EXPECT_EQ(refusal(".5"), "line 1, column 1: expected a value");
  EXPECT_EQ(refusal("1. "), "line 1, column 3: expected a digit");
  EXPECT_EQ(refusal("1e+ "), "line 1, column 4: expected a digit");
  EXPECT_EQ(refusal("tru"), "line 1, column 1: expected a value");
  EXPECT_EQ(refusal("\xEF\xBB\xBF{}"), "line 1, column 1: expected a value");
  EXPECT_EQ(refusal(std::string_view("1\0", 2)), "line 1, column 2: text after the value");
}

TEST(Json, DepthHasALimit) {
  const std::string deepest = std::string(100, '[') + std::string(100, ']');
  const std::string deeper = std::string(101, '[') + std::string(101, ']');

  EXPECT_TRUE(Json::parse(deepest));
  EXPECT_EQ(Json::parse(deeper).error().code, Errc::too_large);
  EXPECT_EQ(refusal(deeper), "line 1, column 101: nested too deeply");
  EXPECT_FALSE(Json::parse("[[1]]", {.depth_max = 1}));
}

TEST(Json, SizeHasALimit) {
  EXPECT_EQ(Json::parse("[1,2]", {.bytes_max = 4}).error().code, Errc::too_large);
}

TEST(Json, ViewsOutliveAMoveOfTheDocument) {
  Json json = parsed("[\"short\"]");
  const JsonView view = json.root().at(0);

  const Json moved = std::move(json);

  EXPECT_EQ(view.text(), "short");
}

TEST(JsonSet, ReplacesAValueAndKeepsAllOtherBytes) {
  Json json = parsed("{ \"n\": 1.50,\n  \"model\" : \"old\" , \"z\": 1e2 }");

  ASSERT_TRUE(json.set_text("model", "new \"one\""));

  EXPECT_EQ(json.dump(), "{ \"n\": 1.50,\n  \"model\" : \"new \\\"one\\\"\" , \"z\": 1e2 }");
  EXPECT_EQ(json["model"].text(), "new \"one\"");
}

TEST(JsonSet, AddsWhatIsMissingWithTheWayToIt) {
  Json json = parsed("{ }");

  ASSERT_TRUE(json.set_integer("a.b", -3));
  ASSERT_TRUE(json.set_flag("a.list.0", true));
  ASSERT_TRUE(json.set_text("a.list.-1", "x"));
  ASSERT_TRUE(json.set_number("a.list.2.y", 0.5));
  ASSERT_TRUE(json.set_raw("c\\.d", "[1, 2]"));

  EXPECT_EQ(json.dump(), R"({"a":{"b":-3,"list":[true,"x",{"y":0.5}]},"c.d":[1, 2] })");
}

TEST(JsonSet, NullGivesWay) {
  Json json = parsed(R"({"a": null})");

  ASSERT_TRUE(json.set_text("a.b", "x"));

  EXPECT_EQ(json.dump(), R"({"a": {"b":"x"}})");
}

TEST(JsonSet, CopiesAValueOfTheSameDocument) {
  Json json = parsed(R"({"a": [1.0]})");

  ASSERT_TRUE(json.set("b", json["a"]));

  EXPECT_EQ(json.dump(), R"({"a": [1.0],"b":[1.0]})");
}

TEST(JsonSet, AFailedChangeChangesNothing) {
  Json json = parsed(R"({"a": "x", "l": [1]})");

  EXPECT_EQ(json.set_text("a.b", "y").error().what,
            "JSON path \"a.b\": no \"b\" in a value that is string");
  EXPECT_FALSE(json.set_text("l.5", "y"));
  EXPECT_FALSE(json.set_text("l.x", "y"));
  EXPECT_FALSE(json.set_text("m.7", "y"));
  EXPECT_FALSE(json.set_raw("l.0", "1,2"));
  EXPECT_FALSE(json.set_raw("l.0", ""));

  EXPECT_EQ(json.dump(), R"({"a": "x", "l": [1]})");
}

TEST(JsonSet, MayNotNestBeyondTheLimit) {
  auto json = Json::parse("[1]", {.depth_max = 2});

  EXPECT_TRUE(json->set_raw("0", "[2]"));
  EXPECT_FALSE(json->set_raw("0.0", "[3]"));
  EXPECT_EQ(json->dump(), "[[2]]");
}

TEST(JsonRemove, TakesTheCommaAlong) {
  Json json = parsed(R"({"a": 1, "b": 2, "c": [1, 2, 3]})");

  ASSERT_TRUE(json.remove("a"));
  EXPECT_EQ(json.dump(), R"({"b": 2, "c": [1, 2, 3]})");
  ASSERT_TRUE(json.remove("c.2"));
  EXPECT_EQ(json.dump(), R"({"b": 2, "c": [1, 2]})");
  ASSERT_TRUE(json.remove("c"));
  EXPECT_EQ(json.dump(), R"({"b": 2})");
  ASSERT_TRUE(json.remove("b"));
  EXPECT_EQ(json.dump(), "{}");
}

TEST(JsonRemove, TakesEveryMemberOfTheName) {
  Json json = parsed(R"({"a": 1, "b": 2, "a": 3, "c": 4, "a": 5})");

  ASSERT_TRUE(json.remove("a"));

  EXPECT_EQ(json.dump(), R"({"b": 2, "c": 4})");
}

TEST(JsonRemove, WhatIsNotThereIsNoError) {
  Json json = parsed(R"({"a": [1]})");

  EXPECT_TRUE(json.remove("b.c"));
  EXPECT_TRUE(json.remove("a.1"));
  EXPECT_TRUE(json.remove("a.0.x"));

  EXPECT_EQ(json.dump(), R"({"a": [1]})");
}

}  // namespace
}  // namespace mynah
