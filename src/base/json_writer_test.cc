// SPDX-License-Identifier: Apache-2.0
// Goal: what the writer writes is JSON, whatever text it is given; misuse is caught.
#include "base/json_writer.h"

#include <cmath>
#include <cstdint>

#include <gtest/gtest.h>

namespace mynah {
namespace {

TEST(JsonWriter, SetsCommasByItself) {
  JsonWriter json;

  json.begin_object().member("a", 1).key("b").begin_array();
  json.value("x").value(true).null().begin_object().end_object().begin_array().end_array().value(2);
  json.end_array().member("c", 0.1).member("d", std::string("s")).end_object();

  EXPECT_EQ(std::move(json).take(), R"({"a":1,"b":["x",true,null,{},[],2],"c":0.1,"d":"s"})");
}

TEST(JsonWriter, WritesAScalar) {
  JsonWriter json;

  json.value(UINT64_MAX);

  EXPECT_EQ(std::move(json).take(), "18446744073709551615");
}

TEST(JsonWriter, EscapesAsJsonAsksAndNoFurther) {
  EXPECT_EQ(json_string("a\"\\/\b\f\n\r\t\x01\x7f\u4f60<"),
            "\"a\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\x7f\u4f60<\"");
  EXPECT_EQ(json_string(std::string_view("\0", 1)), "\"\\u0000\"");
}

TEST(JsonWriter, ReplacesWhatIsNotUtf8) {
  EXPECT_EQ(json_string("a\xFFz\xE4\xBD"), "\"a\uFFFDz\uFFFD\uFFFD\"");
}

TEST(JsonWriter, NumbersThatAreNotFiniteAreNull) {
  JsonWriter json;

  json.begin_array().value(std::nan("")).value(HUGE_VAL).value(-HUGE_VAL).end_array();

  EXPECT_EQ(std::move(json).take(), "[null,null,null]");
}

TEST(JsonWriter, TakesValuesOfADocumentAsTheyAre) {
  const auto document = Json::parse(R"({"n": 1.500, "o": {"k" : 1}})");
  JsonWriter json;

  json.begin_array()
      .value((*document)["n"])
      .value((*document)["o"])
      .value((*document)["x"])
      .end_array();

  EXPECT_EQ(std::move(json).take(), R"([1.500,{"k" : 1},null])");
}

TEST(JsonWriter, GoesOnFromTextThatIsThere) {
  JsonWriter json("data: ");

  json.begin_object().end_object();

  EXPECT_EQ(json.text(), "data: {}");
}

TEST(JsonWriterDeathTest, MisuseIsABug) {
  EXPECT_DEATH(JsonWriter().begin_object().value(1), "broken invariant");
  EXPECT_DEATH(JsonWriter().begin_array().key("a"), "broken invariant");
  EXPECT_DEATH(JsonWriter().begin_array().end_object(), "broken invariant");
  EXPECT_DEATH(JsonWriter().value(1).value(2), "broken invariant");
  EXPECT_DEATH((void)std::move(JsonWriter().begin_array()).take(), "broken invariant");
}

}  // namespace
}  // namespace mynah
