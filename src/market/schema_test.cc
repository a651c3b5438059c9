// SPDX-License-Identifier: Apache-2.0
// Configurations that do not fit their schema, by path and reason.
#include "market/schema.h"

#include <string>

#include <gtest/gtest.h>

#include "base/text.h"

namespace mynah::market {
namespace {

constexpr const char* kSchema = R"({"type":"object","additionalProperties":false,"required":["key"],
  "properties":{
    "key":{"type":"string","minLength":2,"maxLength":4,"x-aliases":["token"]},
    "mode":{"type":"string","enum":["on","off"]},
    "count":{"type":"integer","minimum":1,"maximum":9},
    "ratio":{"type":"number","exclusiveMinimum":0,"exclusiveMaximum":1},
    "list":{"type":"array","minItems":1,"items":{"type":"object","properties":{"n":{"type":"boolean"}}}},
    "named":{"type":"object","additionalProperties":{"type":"integer"}}}})";

std::string misfits(const char* config) {
  const auto schema = Json::parse(kSchema);
  const auto parsed = Json::parse(config);
  std::string text;
  for (const Misfit& misfit : check_config(parsed->root(), schema->root()))
    append(text, misfit.path, " ", misfit.reason, "; ");
  return text;
}

TEST(SchemaTest, WhatFitsHasNoMisfits) {
  EXPECT_EQ(misfits(R"({"key":"äöüß","mode":"on","count":9,"ratio":0.5,"list":[{"n":true}],
                        "named":{"a":1}})"),
            "");
  EXPECT_EQ(misfits(R"({"token":"ab"})"), "");
}

TEST(SchemaTest, EachMisfitHasItsPathAndReason) {
  EXPECT_EQ(misfits("[]"), " must be an object; ");
  EXPECT_EQ(misfits("{}"), "key is missing; ");
  EXPECT_EQ(misfits(R"({"key":7})"), "key must be string, not number; ");
  EXPECT_EQ(misfits(R"({"key":"a"})"), "key must be at least 2 characters; ");
  EXPECT_EQ(misfits(R"({"key":"abcde"})"), "key must be at most 4 characters; ");
  EXPECT_EQ(misfits(R"({"key":"ab","mode":"maybe"})"), "mode must be one of \"on\", \"off\"; ");
  EXPECT_EQ(misfits(R"({"key":"ab","cuont":1})"), "cuont is not known; did you mean \"count\"?; ");
  EXPECT_EQ(misfits(R"({"key":"ab","count":1.5})"), "count must be integer, not number; ");
  EXPECT_EQ(misfits(R"({"key":"ab","count":10})"), "count must be at most 9; ");
  EXPECT_EQ(misfits(R"({"key":"ab","ratio":1})"), "ratio must be less than 1; ");
  EXPECT_EQ(misfits(R"({"key":"ab","list":[]})"), "list must be at least 1 items; ");
  EXPECT_EQ(misfits(R"({"key":"ab","list":[{},{"n":1}]})"),
            "list[1].n must be boolean, not number; ");
  EXPECT_EQ(misfits(R"({"key":"ab","named":{"x":"y"}})"), "named.x must be integer, not string; ");
}

TEST(SchemaTest, RulesAreConfigurationsOfTheirOwn) {
  EXPECT_EQ(misfits(R"({"_rules_":[{"_match_route_":["a"],"key":"ab"}]})"), "");
  EXPECT_EQ(misfits(R"({"_rules_":[{"_match_route_":["a"],"key":1}]})"),
            "_rules_[0].key must be string, not number; ");
}

}  // namespace
}  // namespace mynah::market
