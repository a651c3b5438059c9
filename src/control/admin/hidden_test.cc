// SPDX-License-Identifier: Apache-2.0
// Goal: no secret of a usual shape is shown, and what is none stays readable.
#include "control/admin/hidden.h"

#include <gtest/gtest.h>

namespace mynah::control {
namespace {

std::string shown(const std::string& json) { return without_secrets(json); }

TEST(Hidden, TextsUnderTellingNamesAreHidden) {
  EXPECT_EQ(
      shown(R"({"apiKey":"sk-1","api_tokens":["a","b"],"maxTokens":5,"model":"qwen"})"),
      R"j({"apiKey":"(hidden)","api_tokens":["(hidden)","(hidden)"],"maxTokens":5,"model":"qwen"})j");
  EXPECT_EQ(shown(R"({"set":{"Authorization":"Bearer x","x-a":"b"}})"),
            R"j({"set":{"Authorization":"(hidden)","x-a":"b"}})j");
  EXPECT_EQ(shown(R"({"environment":{"HOME":"/"}})"), R"j({"environment":{"HOME":"(hidden)"}})j");
}

TEST(Hidden, AUrlWithAPasswordIsHidden) {
  EXPECT_EQ(shown(R"(["redis://u:p@host/0","http://host/a@b"])"),
            R"j(["(hidden)","http://host/a@b"])j");
}

TEST(Hidden, WhatIsNoJsonIsHiddenWhole) {
  EXPECT_EQ(shown("password: x"), R"j("(hidden)")j");
  EXPECT_EQ(shown(""), "");
}

}  // namespace
}  // namespace mynah::control
