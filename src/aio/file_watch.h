// SPDX-License-Identifier: Apache-2.0
// FileWatch: waits until a file has changed, however that is done: written in place, replaced by
// renaming as editors do, reached through symbolic links that are swapped as Kubernetes does,
// removed, or made where it was missing.
//
//   auto watch = *FileWatch::open(loop, "mynah.yaml");
//   while (true) {
//     co_await watch->changed();
//     …read the file…
//   }
//
// Where inotify sees nothing, behind a symbolic link, the file is looked at every second.
//
// A change that happens while nobody waits is told by the next changed(). Several changes in a row
// are told as one, when nothing has happened for a while.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "aio/loop.h"
#include "base/result.h"
#include "base/task.h"

namespace mynah {

class FileWatch final {
 public:
  // The file need not exist; its folder must. `quiet` is how long nothing must happen before a
  // change is told.
  static Result<std::unique_ptr<FileWatch>> open(Loop& loop, const std::string& path,
                                                 Duration quiet = 50ms);
  ~FileWatch();
  FileWatch(FileWatch&&) = delete;

  // One waits at a time.
  Task<> changed();

 private:
  // What shows that a name leads to other bytes than before; all zeros when it leads to none.
  struct Print {
    std::uint64_t device = 0;
    std::uint64_t number = 0;
    std::int64_t size = 0;
    Duration modified{};
    friend bool operator==(const Print&, const Print&) = default;
  };

  FileWatch(Loop& loop, const std::string& path, Duration quiet, int descriptor);
  bool watch_folder();
  [[nodiscard]] Print take_print() const;
  void drain();

  Loop& loop_;
  std::string path_;
  std::string folder_;
  std::string name_;  // In the folder.
  Duration quiet_;
  int descriptor_;
  Readiness readiness_;
  Print told_;
  bool written_ = false;      // An event named the file itself.
  bool folder_lost_ = false;  // The folder was removed or moved; its path may come back.
};

}  // namespace mynah
