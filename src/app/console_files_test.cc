// SPDX-License-Identifier: Apache-2.0
// Goal: the console's files are answered as they were at start, and nothing outside the folder is.
#include "app/console_files.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace mynah {
namespace {

class ConsoleFilesTest : public testing::Test {
 protected:
  ConsoleFilesTest() {
    std::string name = (std::filesystem::temp_directory_path() / "mynah-console-XXXXXX").string();
    top_ = ::mkdtemp(name.data());
    folder_ = top_ / "console";
    write(top_ / "secret.txt", "secret");
    write(folder_ / "index.html", "<title>Mynah</title>");
    write(folder_ / "assets" / "index-a1b2c3.js", "start()");
  }
  ~ConsoleFilesTest() override { std::filesystem::remove_all(top_); }

  static void write(const std::filesystem::path& file, std::string_view text) {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
  }

  [[nodiscard]] control::ApiResponse ask(std::string method, std::string target,
                                         std::string_view known = "") const {
    control::ApiRequest request;
    request.method = std::move(method);
    request.target = std::move(target);
    if (!known.empty()) request.headers.add("if-none-match", known);
    return ConsoleFiles::load(folder_)->handle(request);
  }

  std::filesystem::path top_;
  std::filesystem::path folder_;
};

TEST_F(ConsoleFilesTest, TheRootIsTheIndexAndIsAskedForAgainEachTime) {
  const auto response = ask("GET", "/?from=mail");

  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "<title>Mynah</title>");
  EXPECT_EQ(response.headers.value_or("content-type", ""), "text/html; charset=utf-8");
  EXPECT_EQ(response.headers.value_or("cache-control", ""), "no-cache");
}

TEST_F(ConsoleFilesTest, AFileWithAHashInItsNameMayBeKept) {
  const auto response = ask("GET", "/assets/index-a1b2c3.js");

  EXPECT_EQ(response.body, "start()");
  EXPECT_EQ(response.headers.value_or("content-type", ""), "text/javascript; charset=utf-8");
  EXPECT_EQ(response.headers.value_or("cache-control", ""), "public, max-age=31536000, immutable");
}

TEST_F(ConsoleFilesTest, AFileThatTheBrowserHasIsNotSentAgain) {
  const std::string tag(ask("GET", "/").headers.value_or("etag", ""));

  const auto response = ask("GET", "/", "\"other\", W/" + tag);

  EXPECT_EQ(response.status, 304);
  EXPECT_EQ(response.body, "");
  EXPECT_EQ(response.headers.value_or("etag", ""), tag);
  EXPECT_EQ(ask("GET", "/", "\"other\"").status, 200);
}

TEST_F(ConsoleFilesTest, WhatIsNotAFileOfTheFolderIsNotFound) {
  std::filesystem::create_symlink(top_, folder_ / "up");

  EXPECT_EQ(ask("GET", "/assets").status, 404);
  EXPECT_EQ(ask("GET", "/../secret.txt").status, 404);
  EXPECT_EQ(ask("GET", "/%2e%2e/secret.txt").status, 404);
  EXPECT_EQ(ask("GET", "/up/secret.txt").status, 404);
  EXPECT_EQ(ask("GET", "").status, 404);
}

TEST_F(ConsoleFilesTest, FilesAreReadNotWritten) {
  const auto response = ask("POST", "/");

  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.headers.value_or("allow", ""), "GET, HEAD");
  EXPECT_EQ(ask("HEAD", "/").status, 200);
}

TEST_F(ConsoleFilesTest, EveryAnswerForbidsForeignContentAndFrames) {
  for (const auto* const target : {"/", "/assets/index-a1b2c3.js", "/none"}) {
    const auto response = ask("GET", target);

    EXPECT_TRUE(response.headers.value_or("content-security-policy", "")
                    .starts_with("default-src 'self'; "));
    EXPECT_TRUE(response.headers.value_or("content-security-policy", "")
                    .ends_with("frame-ancestors 'none'"));
    EXPECT_EQ(response.headers.value_or("x-content-type-options", ""), "nosniff");
    EXPECT_EQ(response.headers.value_or("referrer-policy", ""), "no-referrer");
  }
}

TEST_F(ConsoleFilesTest, AConsoleThatIsNotBuiltSaysSo) {
  std::filesystem::remove_all(folder_);

  const auto response = ask("GET", "/");

  EXPECT_EQ(response.status, 503);
  EXPECT_NE(response.body.find("not built"), std::string::npos);
  EXPECT_EQ(ask("GET", "/index.html").status, 404);
}

TEST_F(ConsoleFilesTest, AFolderOverTheLimitIsRefused) {
  write(folder_ / "large", std::string(ConsoleFiles::kBytesMax, 'x'));

  const auto files = ConsoleFiles::load(folder_);

  ASSERT_FALSE(files);
  EXPECT_EQ(files.error().code, Errc::too_large);
}

}  // namespace
}  // namespace mynah
