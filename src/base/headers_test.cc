// SPDX-License-Identifier: Apache-2.0
// Goal: Headers keeps order, folds case, and stays bounded under endless edits.
#include "base/headers.h"

#include <string>

#include <gtest/gtest.h>

namespace mynah {
namespace {

std::string shown(const Headers& headers) {
  std::string out;
  for (const auto& [name, value] : headers) out.append(name).append("=").append(value).append(";");
  return out;
}

TEST(Headers, KeepsOrderAndRepeatedNames) {
  Headers headers;
  headers.add("Accept", "a");
  headers.add("set-cookie", "1");
  headers.add("SET-COOKIE", "2");

  EXPECT_EQ(shown(headers), "accept=a;set-cookie=1;set-cookie=2;");
  EXPECT_EQ(headers.find("set-cookie"), "1");
  EXPECT_EQ(headers.count("set-cookie"), 2U);
}

TEST(Headers, PutsPseudoFieldsFirst) {
  Headers headers;
  headers.add(":method", "GET");
  headers.add("a", "1");
  headers.add(":path", "/");

  EXPECT_EQ(shown(headers), ":method=GET;:path=/;a=1;");
}

TEST(Headers, SetReplacesTheFirstAndDropsTheRest) {
  Headers headers;
  headers.add("a", "1");
  headers.add("b", "2");
  headers.add("a", "3");

  headers.set("A", "4");
  headers.set("c", "5");

  EXPECT_EQ(shown(headers), "a=4;b=2;c=5;");
  EXPECT_EQ(headers.text_bytes(), 6U);
}

TEST(Headers, SetTakesAViewOfItsOwnText) {
  Headers headers;
  headers.add("a", "first");
  headers.add("b", "second");

  headers.set("a", *headers.find("b"));

  EXPECT_EQ(shown(headers), "a=second;b=second;");
}

TEST(Headers, RemovesAllFieldsOfAName) {
  Headers headers;
  headers.add("a", "1");
  headers.add("b", "2");
  headers.add("a", "3");

  EXPECT_EQ(headers.remove("a"), 2U);
  EXPECT_EQ(headers.remove("a"), 0U);
  EXPECT_EQ(shown(headers), "b=2;");
}

TEST(Headers, ACopyOwnsItsText) {
  Headers copy;
  {
    Headers original;
    original.add("name", std::string(3000, 'x'));
    copy = original;
  }

  EXPECT_EQ(copy.find("name")->size(), 3000U);
}

TEST(Headers, StaysRightUnderEndlessEdits) {
  Headers headers;
  headers.add("stays", "here");
  for (int i = 0; i < 10'000; ++i) headers.set("changes", std::to_string(i));

  EXPECT_EQ(shown(headers), "stays=here;changes=9999;");
}

TEST(Headers, ForgetsEverythingOnClear) {
  Headers headers;
  headers.add("a", "1");
  headers.clear();

  EXPECT_TRUE(headers.empty());
  EXPECT_EQ(headers.text_bytes(), 0U);
}

}  // namespace
}  // namespace mynah
