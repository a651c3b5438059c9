// SPDX-License-Identifier: Apache-2.0
// Goal: a change of a file is seen however it is made, once, when it is whole.
#include "aio/file_watch.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

#include <gtest/gtest.h>

#include "aio/files.h"
#include "aio/scope.h"
#include "aio/testing.h"

namespace mynah {
namespace {

void write_in_place(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::trunc) << bytes;
}

// Whether a change is told within ten seconds.
Task<bool> told(Loop& loop, FileWatch& watch) {
  auto first =
      co_await any(watch.changed(), [](Loop& on) -> Task<> { co_await Sleep(on, 10s); }(loop));
  co_return first.index() == 0;
}

struct Watched {
  explicit Watched(Loop& loop) {
    write_in_place(folder.file("a"), "1");
    watch = *FileWatch::open(loop, folder.file("a"));
  }
  TempFolder folder;
  std::unique_ptr<FileWatch> watch;
};

MYNAH_TEST_CO(FileWatch, TellsNothingWhenNothingChanges) {
  Watched w(loop);
  write_in_place(w.folder.file("another"), "1");

  EXPECT_FALSE(co_await told(loop, *w.watch));
}

MYNAH_TEST_CO(FileWatch, SeesAFileThatIsWrittenInPlace) {
  Watched w(loop);
  write_in_place(w.folder.file("a"), "2");

  EXPECT_TRUE(co_await told(loop, *w.watch));
  EXPECT_FALSE(co_await told(loop, *w.watch));
}

MYNAH_TEST_CO(FileWatch, SeesAFileThatIsReplaced) {
  Watched w(loop);
  EXPECT_TRUE(write_file_atomically(w.folder.file("a"), "2").ok());

  EXPECT_TRUE(co_await told(loop, *w.watch));
  EXPECT_FALSE(co_await told(loop, *w.watch));
  EXPECT_TRUE(write_file_atomically(w.folder.file("a"), "3").ok());
  EXPECT_TRUE(co_await told(loop, *w.watch));
}

MYNAH_TEST_CO(FileWatch, SeesAFileThatIsRemovedAndMadeAnew) {
  Watched w(loop);
  std::filesystem::remove(w.folder.file("a"));
  EXPECT_TRUE(co_await told(loop, *w.watch));

  write_in_place(w.folder.file("a"), "1");
  EXPECT_TRUE(co_await told(loop, *w.watch));
}

Task<> write_often(Loop& loop, std::string path) {
  for (int i = 0; i < 5; ++i) {
    write_in_place(path, std::to_string(i));
    co_await Sleep(loop, 20ms);
  }
}

MYNAH_TEST_CO(FileWatch, TellsChangesInARowAsOne) {
  Watched w(loop);
  Scope scope(loop);
  const Instant begin = loop.now();
  scope.spawn(write_often, std::ref(loop), w.folder.file("a"));

  EXPECT_TRUE(co_await told(loop, *w.watch));

  EXPECT_GE(loop.now() - begin, 80ms);
  EXPECT_EQ(*read_file(w.folder.file("a"), 10), "4");
  EXPECT_FALSE(co_await told(loop, *w.watch));
}

// Kubernetes: a → ..data/a, ..data → version-1; an update makes version-2 and renames a fresh link
// over ..data.
MYNAH_TEST_CO(FileWatch, SeesALinkOnTheWayThatIsSwapped) {
  const TempFolder folder;
  std::filesystem::create_directory(folder.file("version-1"));
  std::filesystem::create_directory(folder.file("version-2"));
  write_in_place(folder.file("version-1/a"), "1");
  write_in_place(folder.file("version-2/a"), "2");
  std::filesystem::create_symlink("version-1", folder.file("..data"));
  std::filesystem::create_symlink("..data/a", folder.file("a"));
  auto watch = *FileWatch::open(loop, folder.file("a"));

  std::filesystem::create_symlink("version-2", folder.file("..data_tmp"));
  std::filesystem::rename(folder.file("..data_tmp"), folder.file("..data"));

  EXPECT_TRUE(co_await told(loop, *watch));
  EXPECT_FALSE(co_await told(loop, *watch));
}

MYNAH_TEST_CO(FileWatch, FindsItsFolderAgain) {
  const TempFolder folder;
  std::filesystem::create_directory(folder.file("d"));
  write_in_place(folder.file("d/a"), "1");
  auto watch = *FileWatch::open(loop, folder.file("d/a"));
  std::filesystem::remove_all(folder.file("d"));
  EXPECT_TRUE(co_await told(loop, *watch));

  std::filesystem::create_directory(folder.file("d"));
  write_in_place(folder.file("d/a"), "2");
  EXPECT_TRUE(co_await told(loop, *watch));
  write_in_place(folder.file("d/a"), "3");
  EXPECT_TRUE(co_await told(loop, *watch));
}

MYNAH_TEST_CO(FileWatch, NeedsTheFolder) {
  const TempFolder folder;
  const auto watch = FileWatch::open(loop, folder.file("none/a"));

  MYNAH_CO_ASSERT(!watch.ok());
  EXPECT_EQ(watch.error().code, Errc::not_found);
  co_return;
}

}  // namespace
}  // namespace mynah
