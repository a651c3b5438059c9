// SPDX-License-Identifier: Apache-2.0
// Goal: secrets do not come through, and ordinary text does.
#include "base/redact.h"

#include <gtest/gtest.h>

namespace mynah {
namespace {

std::string redacted(std::string_view text) { return Redactor().redact(text); }

TEST(Redactor, KnowsSecretNames) {
  const Redactor redactor;

  EXPECT_TRUE(redactor.is_secret_name("Authorization"));
  EXPECT_TRUE(redactor.is_secret_name("x-api-key"));
  EXPECT_TRUE(redactor.is_secret_name("API_KEY"));
  EXPECT_TRUE(redactor.is_secret_name("set-cookie"));
  EXPECT_TRUE(redactor.is_secret_name("providers.0.apiTokens.secret"));
  EXPECT_FALSE(redactor.is_secret_name("max_tokens"));
  EXPECT_FALSE(redactor.is_secret_name("route"));
  EXPECT_FALSE(redactor.is_secret_name(""));
}

TEST(Redactor, HidesCredentialsByTheirBeginning) {
  EXPECT_EQ(redacted("got Bearer abc.def-123 from"), "got Bearer *** from");
  EXPECT_EQ(redacted("key sk-0123456789abcdef!"), "key sk-***!");
  EXPECT_EQ(redacted("(AKIAIOSFODNN7EXAMPLE)"), "(AKIA***)");
}

TEST(Redactor, HidesTheValuesOfSecretNames) {
  EXPECT_EQ(redacted("authorization: Bearer abcdefgh, host: a"),
            "authorization: Bearer ***, host: a");
  EXPECT_EQ(redacted("/login?password=hunter2&x=1"), "/login?password=***&x=1");
  EXPECT_EQ(redacted(R"({"api_key": "abc", "model": "m"})"), R"({"api_key": "***", "model": "m"})");
  EXPECT_EQ(redacted(R"("{\"token\":\"abc\"}")"), R"("{\"token\":\"***\"}")");
  EXPECT_EQ(redacted("cookie: a=b"), "cookie: ***");
}

TEST(Redactor, HidesPasswordsInAddresses) {
  EXPECT_EQ(redacted("redis://user:pa:ss@host:6379/0"), "redis://user:***@host:6379/0");
  EXPECT_EQ(redacted("redis://:pass@host"), "redis://:***@host");
}

TEST(Redactor, LeavesOrdinaryTextAlone) {
  EXPECT_EQ(redacted("POST http://a:80/v1 in 5 ms: max_tokens=100"),
            "POST http://a:80/v1 in 5 ms: max_tokens=100");
  EXPECT_EQ(redacted("the bearer of a token said sk-"), "the bearer of a token said sk-");
  EXPECT_EQ(redacted("desk-ornaments-catalogue"), "desk-ornaments-catalogue");
  EXPECT_EQ(redacted(""), "");
}

TEST(Redactor, StopsAtTheEndOfTheText) {
  EXPECT_EQ(redacted("password="), "password=");
  EXPECT_EQ(redacted("password:\\\""), "password:\\\"");
  EXPECT_EQ(redacted("//"), "//");
  EXPECT_EQ(redacted("//a:"), "//a:");
}

TEST(Redactor, TakesRulesOfOnesOwn) {
  const Redactor redactor({.names = {"Recipe"}, .beginnings = {"MINE-"}});

  EXPECT_EQ(redactor.redact("recipe=x password=y mine-12345678"), "recipe=*** password=y mine-***");
}

}  // namespace
}  // namespace mynah
