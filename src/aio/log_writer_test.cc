// SPDX-License-Identifier: Apache-2.0
// Goal: lines arrive whole and in order, a full queue costs lines and no time, rotation loses
// nothing.
#include "aio/log_writer.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/stat.h>
#include <thread>

#include <gtest/gtest.h>

#include "base/json.h"

namespace mynah {
namespace {

namespace fs = std::filesystem;

class LogWriterTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "mynah-log-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { fs::remove_all(folder_); }

  [[nodiscard]] std::string path(std::string_view name) const { return (folder_ / name).string(); }
  [[nodiscard]] std::string content(std::string_view name) const {
    std::ifstream file(path(name));
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }

  fs::path folder_;
};

TEST_F(LogWriterTest, WritesWhatIsQueuedBeforeItEnds) {
  {
    auto writer = LogWriter::open({.path = path("a.log")});
    ASSERT_TRUE(writer);
    (*writer)->write(LogLevel::info, "one");
    (*writer)->write(LogLevel::info, "two");
  }

  EXPECT_EQ(content("a.log"), "one\ntwo\n");
}

TEST_F(LogWriterTest, AppendsToAFileThatIsThere) {
  {
    std::ofstream(path("a.log")) << "old\n";
  }

  auto writer = LogWriter::open({.path = path("a.log")});
  (*writer)->write(LogLevel::info, "new");
  (*writer)->flush();

  EXPECT_EQ(content("a.log"), "old\nnew\n");
}

TEST_F(LogWriterTest, AFileThatCannotBeOpenedIsAnError) {
  const auto writer = LogWriter::open({.path = path("none/a.log")});

  ASSERT_FALSE(writer);
  EXPECT_EQ(writer.error().what,
            "open the log " + path("none/a.log") + ": No such file or directory");
}

TEST_F(LogWriterTest, ReopensAfterRotation) {
  auto writer = LogWriter::open({.path = path("a.log")});
  (*writer)->write(LogLevel::info, "before");
  (*writer)->flush();
  fs::rename(path("a.log"), path("a.log.1"));

  (*writer)->reopen();
  (*writer)->write(LogLevel::info, "after");
  (*writer)->flush();

  EXPECT_EQ(content("a.log.1"), "before\n");
  EXPECT_EQ(content("a.log"), "after\n");
}

TEST_F(LogWriterTest, KeepsTheOldFileWhenTheNewOneCannotBeOpened) {
  fs::create_directory(folder_ / "sub");
  auto writer = LogWriter::open({.path = path("sub/a.log")});
  fs::rename(folder_ / "sub", folder_ / "moved");

  (*writer)->reopen();
  (*writer)->write(LogLevel::info, "after");
  (*writer)->flush();

  EXPECT_NE(content("moved/a.log").find("the log could not be opened anew"), std::string::npos);
  EXPECT_TRUE(content("moved/a.log").ends_with("after\n"));
}

TEST_F(LogWriterTest, AFullQueueDropsAndTells) {
  const std::string line(100, 'x');
  auto writer = LogWriter::open({.path = path("a.log"), .queue_bytes_max = 50});

  (*writer)->write(LogLevel::info, line);
  (*writer)->write(LogLevel::info, line);
  (*writer)->write(LogLevel::info, "short");
  (*writer)->flush();

  EXPECT_EQ((*writer)->dropped(), 2U);
  const std::string text = content("a.log");
  ASSERT_TRUE(text.starts_with("short\n"));
  const auto told = Json::parse(text.substr(6));
  ASSERT_TRUE(told);
  EXPECT_EQ((*told)["message"].text(), "lines of the log were lost");
  EXPECT_EQ((*told)["lines"].integer(), 2);
}

// Nobody reads this pipe, and it is soon full.
TEST_F(LogWriterTest, AReaderThatSleepsHoldsNobodyUp) {
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  std::FILE* reader = std::fopen(path("pipe").c_str(), "r+");
  ASSERT_NE(reader, nullptr);
  auto writer = LogWriter::open({.path = path("pipe"), .queue_bytes_max = 100'000});
  ASSERT_TRUE(writer);
  const std::string line(1000, 'x');

  for (int i = 0; i < 1000; ++i) (*writer)->write(LogLevel::info, line);

  EXPECT_GT((*writer)->dropped(), 0U);
  writer->reset();
  std::fclose(reader);
}

TEST_F(LogWriterTest, LinesOfManyThreadsAreNotMixed) {
  auto writer = LogWriter::open({.path = path("a.log")});
  const auto write = [&writer](std::string_view line) {
    for (int i = 0; i < 200; ++i) (*writer)->write(LogLevel::info, line);
  };

  std::thread a(write, "aaaaaaaaaaaaaaaaaaaa");
  std::thread b(write, "bbbbbbbbbbbbbbbbbbbb");
  a.join();
  b.join();
  (*writer)->flush();

  std::istringstream lines(content("a.log"));
  int whole = 0;
  for (std::string line; std::getline(lines, line);) {
    whole += line == std::string(20, 'a') || line == std::string(20, 'b') ? 1 : 0;
  }
  EXPECT_EQ(whole, 400);
}

}  // namespace
}  // namespace mynah
