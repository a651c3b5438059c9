// SPDX-License-Identifier: Apache-2.0
// Goal: a line is one JSON object whatever it is told, secrets stay out, floods are held back and
// counted.
#include "base/log.h"

#include <atomic>
#include <cmath>
#include <thread>

#include <gtest/gtest.h>

#include "base/json.h"
#include "base/text.h"

namespace mynah {
namespace {

class LogTest : public testing::Test {
 protected:
  [[nodiscard]] Json line(std::size_t index = 0) const {
    auto json = Json::parse(sink_.lines().at(index));
    EXPECT_TRUE(json) << sink_.lines().at(index);
    return *std::move(json);
  }

  MemoryLog sink_;
  SimulatedClock clock_{WallTime(784'111'777s)};
  Log log_{sink_, clock_};
  Logger logger_{log_, "http"};
};

TEST_F(LogTest, ALineIsAnObjectOfMessageAndFields) {
  logger_.warn("upstream refused", {{"service", "llm"},
                                    {"port", 9000},
                                    {"bytes", std::size_t{5}},
                                    {"share", 0.5},
                                    {"open", true},
                                    {"none", std::nan("")},
                                    {"error", Error{Errc::timeout, "late"}}});

  ASSERT_EQ(sink_.lines().size(), 1U);
  EXPECT_EQ(
      sink_.lines()[0],
      R"({"time":"1994-11-06T08:49:37.000Z","level":"warn","layer":"http","message":"upstream refused",)"
      R"("service":"llm","port":9000,"bytes":5,"share":0.5,"open":true,"none":null,"error":"late"})");
}

TEST_F(LogTest, WhatIsBelowTheLevelIsNotWritten) {
  logger_.debug("quiet");
  log_.set_level(LogLevel::debug);
  logger_.debug("heard");
  log_.set_level(LogLevel::off);
  logger_.error("nothing");
  logger_.write(LogLevel::off, "never");

  ASSERT_EQ(sink_.lines().size(), 1U);
  EXPECT_EQ(line()["message"].text(), "heard");
}

TEST_F(LogTest, LevelsHaveNames) {
  EXPECT_EQ(*parse_log_level("WARN"), LogLevel::warn);
  EXPECT_EQ(name_of(LogLevel::trace), "trace");
  EXPECT_FALSE(parse_log_level("loud"));
}

TEST_F(LogTest, TextFromOutsideCannotForgeALineOrSteerATerminal) {
  logger_.info("got", {{"path", "/a\n{\"level\":\"error\"}\r\x1b[31m\x7f\xC2\x9b\u2028\xFF"}});

  EXPECT_NE(
      sink_.lines()[0].find(R"("path":"/a\n{\"level\":\"error\"}\r\u001b[31m\u007f\u009b\u2028)"),
      std::string::npos);
  EXPECT_EQ(line()["path"].text(), "/a\n{\"level\":\"error\"}\r\x1b[31m\x7f\xC2\x9b\u2028\uFFFD");
}

TEST_F(LogTest, SecretsStayOut) {
  logger_.info("calling with Bearer abcdefghi",
               {{"x-api-key", "k"}, {"url", "/?token=abc"}, {"token_count", 3}});

  EXPECT_EQ(line()["message"].text(), "calling with Bearer ***");
  EXPECT_EQ(line()["x-api-key"].text(), "***");
  EXPECT_EQ(line()["url"].text(), "/?token=***");
  EXPECT_EQ(line()["token_count"].integer(), 3);
}

TEST_F(LogTest, LongTextIsCutBetweenCharacters) {
  logger_.info("long", {{"body", "\u4f60" + std::string(5000, 'x')}});

  EXPECT_TRUE(line()["body"].text().ends_with("x… (2955 bytes more)"));
}

TEST_F(LogTest, ALineHasALimitAndSaysSo) {
  const std::string flood(2000, '\x01');
  Log log(sink_, clock_, {.line_bytes_max = 15'000});

  Logger(log, "x").info("many", {{"a", flood}, {"b", flood}, {"c", 1}});

  EXPECT_LE(sink_.lines()[0].size(), 15'000U);
  EXPECT_TRUE(line()["a"]);
  EXPECT_FALSE(line()["b"]);
  EXPECT_TRUE(line()["truncated"].flag());
}

TEST_F(LogTest, AFloodIsHeldBackAndCounted) {
  LogLimit limit(2, 1s);

  for (int i = 0; i < 5; ++i) limit.write(logger_, "plugin-a", LogLevel::warn, "fault", {{"i", i}});
  limit.write(logger_, "plugin-b", LogLevel::warn, "fault");
  clock_.advance(1s);
  limit.write(logger_, "plugin-a", LogLevel::warn, "fault", {{"i", 5}});

  ASSERT_EQ(sink_.lines().size(), 4U);
  EXPECT_FALSE(line(1)["suppressed"]);
  EXPECT_EQ(line(3)["i"].integer(), 5);
  EXPECT_EQ(line(3)["suppressed"].integer(), 3);
}

TEST_F(LogTest, WhatWasHeldBackIsToldWhenAKeyFallsSilent) {
  LogLimit limit(1, 1s);
  limit.write(logger_, "a", LogLevel::warn, "fault");
  limit.write(logger_, "a", LogLevel::warn, "fault");
  limit.report(logger_);
  ASSERT_EQ(sink_.lines().size(), 1U);

  clock_.advance(1s);
  limit.report(logger_);
  limit.report(logger_);

  ASSERT_EQ(sink_.lines().size(), 2U);
  EXPECT_EQ(line(1)["key"].text(), "a");
  EXPECT_EQ(line(1)["suppressed"].integer(), 1);
}

TEST_F(LogTest, KeysBeyondTheLimitShareOneCount) {
  LogLimit limit(1, 1s, 2);

  limit.write(logger_, "a", LogLevel::warn, "fault");
  limit.write(logger_, "b", LogLevel::warn, "fault");
  limit.write(logger_, "c", LogLevel::warn, "fault");
  limit.write(logger_, "d", LogLevel::warn, "fault");

  EXPECT_EQ(sink_.lines().size(), 3U);
}

class CountingSink final : public LogSink {
 public:
  void write(LogLevel, std::string_view) override { ++lines; }
  std::atomic<int> lines = 0;
};

TEST(LogThreads, ManyThreadsWriteAtOnce) {
  CountingSink sink;
  SimulatedClock clock;
  Log log(sink, clock);
  const auto writes = [&log] {
    const Logger logger(log, "worker");
    for (int i = 0; i < 500; ++i) logger.info("line", {{"i", i}});
  };

  std::thread a(writes);
  std::thread b(writes);
  log.set_level(LogLevel::debug);
  a.join();
  b.join();

  EXPECT_EQ(sink.lines, 1000);
}

}  // namespace
}  // namespace mynah
