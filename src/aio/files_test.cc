// SPDX-License-Identifier: Apache-2.0
// Goal: small files are read, replaced and extended whole, and errors name the file.
#include "aio/files.h"

#include <filesystem>
#include <string>
#include <sys/stat.h>

#include <gtest/gtest.h>

#include "aio/testing.h"

namespace mynah {
namespace {

TEST(Files, ReadsWhatWasWritten) {
  const TempFolder folder;
  const std::string bytes = std::string(200'000, 'x') + '\0' + "end";

  ASSERT_TRUE(write_file_atomically(folder.file("a"), bytes).ok());

  EXPECT_TRUE(*read_file(folder.file("a"), 1 << 20) == bytes);
}

TEST(Files, ReplacesAFileAndLeavesNothingElseBehind) {
  const TempFolder folder;
  ASSERT_TRUE(write_file_atomically(folder.file("a"), "old", 0600).ok());
  ASSERT_TRUE(write_file_atomically(folder.file("a"), "new", 0600).ok());

  EXPECT_EQ(*read_file(folder.file("a"), 100), "new");
  struct stat info{};
  ASSERT_EQ(::stat(folder.file("a").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  const auto entries = std::filesystem::directory_iterator(folder.path());
  EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);
}

TEST(Files, KeepsTheLimit) {
  const TempFolder folder;
  ASSERT_TRUE(write_file_atomically(folder.file("a"), "12345").ok());

  EXPECT_EQ(*read_file(folder.file("a"), 5), "12345");
  const auto over = read_file(folder.file("a"), 4);
  ASSERT_FALSE(over.ok());
  EXPECT_EQ(over.error().code, Errc::too_large);
  EXPECT_EQ(over.error().what, "read " + folder.file("a") + ": it has more than 4 bytes");
}

TEST(Files, ReadsFilesWhoseSizeIsNotKnownBeforehand) {
  EXPECT_FALSE(read_file("/proc/self/status", 1 << 20)->empty());
  EXPECT_EQ(*read_file("/dev/null", 10), "");
  EXPECT_EQ(read_file("/dev/zero", 10).error().code, Errc::too_large);
}

TEST(Files, SaysWhatFailed) {
  const TempFolder folder;
  const auto missing = read_file(folder.file("a"), 4);
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, Errc::not_found);
  EXPECT_EQ(missing.error().what, "read " + folder.file("a") + ": No such file or directory");

  const auto lost = write_file_atomically(folder.file("none/a"), "x");
  ASSERT_FALSE(lost.ok());
  EXPECT_EQ(lost.error().what, "write " + folder.file("none/a") + ": No such file or directory");
  EXPECT_EQ(read_file(folder.path().string(), 10).error().what,
            "read " + folder.path().string() + ": Is a directory");
}

TEST(Files, Appends) {
  const TempFolder folder;
  ASSERT_TRUE(append_to_file(folder.file("log"), "one\n").ok());
  ASSERT_TRUE(append_to_file(folder.file("log"), "two\n").ok());

  EXPECT_EQ(*read_file(folder.file("log"), 100), "one\ntwo\n");
}

}  // namespace
}  // namespace mynah
