// SPDX-License-Identifier: Apache-2.0
// Goal: paths lead where configurations of plug-ins expect, and a senseless one leads nowhere.
#include <gtest/gtest.h>

#include "base/json.h"

namespace mynah {
namespace {

class JsonPath : public testing::Test {
 protected:
  [[nodiscard]] std::string at(std::string_view path) const { return json_->text(path); }

  Result<Json> json_ = Json::parse(R"({
    "model": "qwen", "n": 1.50, "on": true, "nothing": null, "a.b": {"c|d": "dotted"}, "0": "zero",
    "messages": [
      {"role": "system", "content": "rules"},
      {"role": "user", "content": "first"},
      {"role": "assistant", "content": "answer", "score": 7},
      {"role": "user", "content": "last", "parts": [{"text": "p"}, {"text": "q"}]}
    ],
    "nested": [[1, 2], [3]]
  })");
};

TEST_F(JsonPath, WalksMembersAndElements) {
  EXPECT_EQ(at("model"), "qwen");
  EXPECT_EQ(at("messages.1.content"), "first");
  EXPECT_EQ(at("messages.3.parts.1.text"), "q");
  EXPECT_EQ(at("nested.1.0"), "3");
  EXPECT_EQ(at("0"), "zero");
}

TEST_F(JsonPath, SpellsEveryKindAsText) {
  EXPECT_EQ(at("n"), "1.50");
  EXPECT_EQ(at("on"), "true");
  EXPECT_EQ(at("nothing"), "");
  EXPECT_EQ(at("nested"), "[[1, 2], [3]]");
}

TEST_F(JsonPath, ReverseReadsAnArrayBackwards) {
  EXPECT_EQ(at("messages.@reverse.0.content"), "last");
  EXPECT_EQ(at("messages.@reverse.@reverse.0.content"), "rules");
  EXPECT_EQ(at("nested.@reverse"), "[[3],[1, 2]]");
  EXPECT_EQ(at("messages.@reverse.#.content"), R"(["last","answer","first","rules"])");
  EXPECT_EQ(at("model.@reverse"), "qwen");
  EXPECT_EQ(at("@this.model"), "qwen");
}

TEST_F(JsonPath, CountsAndCollects) {
  EXPECT_EQ(at("messages.#"), "4");
  EXPECT_EQ(at("messages.#.role"), R"(["system","user","assistant","user"])");
  EXPECT_EQ(at("messages.#.score"), "[7]");
  EXPECT_EQ(at("messages.#.parts.#.text"), R"(["p","q"])");
  EXPECT_EQ(at("messages.#.none"), "[]");
  EXPECT_EQ(json_->find_all("messages.#.role").size(), 4U);
  EXPECT_EQ(json_->find("messages.#.role").text(), "system");
  EXPECT_EQ(at("model.#"), "");
}

TEST_F(JsonPath, APipeTakesWhatWasFoundAsOneArray) {
  EXPECT_EQ(at("messages.#.content|0"), "rules");
  EXPECT_EQ(at("messages.#.content|@reverse|0"), "last");
  EXPECT_EQ(at("messages.#.score|#"), "1");
  EXPECT_EQ(at("messages|1.content"), "first");
}

TEST_F(JsonPath, ConditionsChooseElements) {
  EXPECT_EQ(at(R"(messages.#(role=="user").content)"), "first");
  EXPECT_EQ(at(R"(messages.#(role=="user")#.content)"), R"(["first","last"])");
  EXPECT_EQ(at(R"(messages.@reverse.#(role=="user").content)"), "last");
  EXPECT_EQ(at(R"(messages.#(role != "user")#.content)"), R"(["rules","answer"])");
  EXPECT_EQ(at(R"(messages.#(content%"l*").role)"), "user");
  EXPECT_EQ(at(R"(messages.#(content!%"*r*").content)"), "last");
  EXPECT_EQ(at("messages.#(score>=7).content"), "answer");
  EXPECT_EQ(at("messages.#(score>7).content"), "");
  EXPECT_EQ(at("messages.#(parts).content"), "last");
  EXPECT_EQ(at(R"(messages.#(parts.#(text=="q")).content)"), "last");
  EXPECT_EQ(at("nested.0.#(>1)"), "2");
}

TEST_F(JsonPath, EscapesAndPatternsInNames) {
  EXPECT_EQ(at(R"(a\.b.c\|d)"), "dotted");
  EXPECT_EQ(at("mod*"), "qwen");
  EXPECT_EQ(at("?"), "1.50");
  EXPECT_EQ(at(R"(\0)"), "zero");
  EXPECT_EQ(at(R"(mod\*)"), "");
}

TEST_F(JsonPath, ASenselessPathFindsNothing) {
  EXPECT_EQ(at(""), "");
  EXPECT_EQ(at("."), "");
  EXPECT_EQ(at("messages."), "");
  EXPECT_EQ(at("messages.-1"), "");
  EXPECT_EQ(at("messages.99999999999999999999"), "");
  EXPECT_EQ(at("messages.#(role==\"user\""), "");
  EXPECT_EQ(at("messages.#(role==user)"), "");
  EXPECT_EQ(at("messages.#x"), "");
  EXPECT_EQ(at("messages.@nosuch"), "");
  EXPECT_EQ(at("\\"), "");
  EXPECT_EQ(at("messages.#(\\"), "");
  EXPECT_EQ(at(std::string(2000, '.')), "");
}

}  // namespace
}  // namespace mynah
