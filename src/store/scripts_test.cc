// SPDX-License-Identifier: Apache-2.0
// Scripts: what they can do, what they are told when they fail, and what they cannot do.
#include <gtest/gtest.h>

#include "base/text.h"
#include "store/store_testing.h"

namespace mynah::store {
namespace {

class ScriptTest : public testing::Test {
 protected:
  std::string eval(const std::string& script) { return shown(store.ask({"EVAL", script, "0"})); }

  TestStore store;
};

// What cluster-key-rate-limit asks of the store at each request.
constexpr const char* kRateLimit = R"(
    local threshold = tonumber(ARGV[1])
    local window = tonumber(ARGV[2])
    local ttl = redis.call('ttl', KEYS[1])
    local current = tonumber(redis.call('get', KEYS[1]) or "0")
    if ttl < 0 then ttl = window end
    if current > threshold then return {threshold, current, ttl} end
    current = redis.call('incr', KEYS[1])
    if current == 1 then redis.call('expire', KEYS[1], window) end
    return {threshold, current, ttl})";

TEST_F(ScriptTest, a_rate_limit_counts_up_to_its_threshold_in_a_window) {
  const std::vector<std::string> call = {"EVAL", kRateLimit, "1", "limit", "2", "60"};
  EXPECT_EQ(shown(store.ask(call)), "[2 1 60]");
  EXPECT_EQ(shown(store.ask(call)), "[2 2 60]");
  EXPECT_EQ(shown(store.ask(call)), "[2 3 60]");
  EXPECT_EQ(shown(store.ask(call)), "[2 3 60]");
  store.clock.advance(60s);
  EXPECT_EQ(shown(store.ask(call)), "[2 1 60]");
}

TEST_F(ScriptTest, values_are_converted_as_redis_converts_them) {
  EXPECT_EQ(eval("return {1, 2.9, 'a', false, true, nil, 3}"), "[1 2 'a' nil 1]");
  EXPECT_EQ(eval("return redis.status_reply('FINE')"), "+FINE");
  EXPECT_EQ(eval("return redis.error_reply('hey')"), "-ERR hey");
  EXPECT_EQ(eval("return redis.call('get', 'none') == false"), "1");
  EXPECT_EQ(eval("return {KEYS[1] or 'none', #ARGV}"), "['none' 0]");
}

TEST_F(ScriptTest, errors_name_the_script_and_the_line) {
  store.run("SET s abc");
  EXPECT_EQ(eval("return redis.call('incr','s')"),
            "-ERR value is not an integer or out of range script: "
            "c243b9f46db13ba8f69da41b45a77708832babed, on @user_script:1.");
  EXPECT_EQ(eval("return redis.pcall('incr','s')"), "-ERR value is not an integer or out of range");
  EXPECT_EQ(
      eval("return x"),
      "-ERR user_script:1: Script attempted to access nonexistent global variable 'x' script: "
      "03c387736bb5cc009ff35151572cee04677aa374, on @user_script:1.");
  EXPECT_EQ(eval("x=1"),
            "-ERR user_script:1: Attempt to modify a readonly table script: "
            "7caf6056913504f0508c65faf2dc3f94ff65bcfd, on @user_script:1.");
  EXPECT_EQ(eval("error({err='My thing'})"),
            "-My thing script: c99930cd7ba7710d9efbc228aa51e3ebc9618209, on @user_script:1.");
  EXPECT_EQ(eval("foo bar"),
            "-ERR Error compiling script (new function): user_script:1: '=' expected near 'bar'");
}

TEST_F(ScriptTest, a_loaded_script_runs_by_its_hash) {
  const std::string hash = shown(store.ask({"SCRIPT", "LOAD", "return ARGV[1]"})).substr(1, 40);
  EXPECT_EQ(store.run(cat("EVALSHA ", hash, " 0 hello")), "'hello'");
  EXPECT_EQ(store.run(cat("SCRIPT EXISTS ", hash, " abc")), "[1 0]");
  store.run("SCRIPT FLUSH");
  EXPECT_EQ(store.run(cat("EVALSHA ", hash, " 0")),
            "-NOSCRIPT No matching script. Please use EVAL.");
}

TEST_F(ScriptTest, a_script_that_does_not_end_is_ended) {
  EXPECT_NE(eval("while true do end").find("takes too long"), std::string::npos);
  EXPECT_NE(
      eval("while true do pcall(function() while true do end end) end").find("takes too long"),
      std::string::npos);
  EXPECT_EQ(eval("return 1"), "1");
}

TEST_F(ScriptTest, a_script_that_wants_all_memory_does_not_get_it) {
  EXPECT_NE(eval("return #string.rep('x', 1e9)").find("not enough memory"), std::string::npos);
  EXPECT_NE(eval("local t = {} while true do t[#t + 1] = ('x'):rep(1000) .. #t end")
                .find("not enough memory"),
            std::string::npos);
  EXPECT_EQ(eval("return 1"), "1");
}

TEST_F(ScriptTest, what_reaches_outside_or_to_other_scripts_is_not_there) {
  for (const char* name :
       {"print", "loadstring", "load", "dofile", "require", "setfenv", "getfenv", "collectgarbage",
        "newproxy", "coroutine", "io", "os", "debug", "package"}) {
    EXPECT_NE(eval(cat("return ", name)).find("nonexistent global"), std::string::npos) << name;
  }
  EXPECT_NE(eval("string.rep = nil").find("readonly"), std::string::npos);
  EXPECT_NE(eval("rawset(string, 'rep', nil)").find("readonly"), std::string::npos);
  EXPECT_NE(eval("rawset(_G, 'x', 1)").find("readonly"), std::string::npos);
  EXPECT_NE(eval("setmetatable(_G, {})").find("protected"), std::string::npos);
  EXPECT_EQ(eval("return tostring(getmetatable(''))"), "'false'");
  EXPECT_NE(eval("redis.call = 1").find("readonly"), std::string::npos);
  EXPECT_NE(shown(store.ask({"EVAL", "\x1bLua", "0"})).find("not text"), std::string::npos);
}

TEST_F(ScriptTest, random_numbers_begin_anew_with_each_script) {
  const std::string first = eval("return math.random(1000)");
  EXPECT_EQ(eval("return math.random(1000)"), first);
}

TEST_F(ScriptTest, a_table_that_holds_itself_is_refused) {
  EXPECT_NE(eval("local t = {} t[1] = t return t").find("lua stack limit"), std::string::npos);
}

TEST_F(ScriptTest, commands_of_scripts_and_of_the_server_are_not_allowed_inside) {
  EXPECT_NE(eval("return redis.call('eval', 'return 1', 0)").find("not allowed from script"),
            std::string::npos);
  EXPECT_NE(eval("return redis.call('nosuch')").find("Unknown Redis command"), std::string::npos);
}

}  // namespace
}  // namespace mynah::store
