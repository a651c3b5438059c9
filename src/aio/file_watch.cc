// SPDX-License-Identifier: Apache-2.0
// Watching by inotify on the file's folder. Events are hints only: what decides is whether the path
// leads to another file, or to one of another size or time, than when the last change was told.
#include "aio/file_watch.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "aio/readable.h"

namespace mynah {
namespace {

constexpr std::uint32_t kEvents = IN_CLOSE_WRITE | IN_MODIFY | IN_CREATE | IN_DELETE |
                                  IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF;
// How often a folder that has gone is looked for, and how often a change is looked for that happens
// where a link leads, out of sight of inotify.
constexpr Duration kLook = 1s;

}  // namespace

Result<std::unique_ptr<FileWatch>> FileWatch::open(Loop& loop, const std::string& path,
                                                   Duration quiet) {
  const int descriptor = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (descriptor < 0) {
    return Error{Errc::exhausted, "watch " + path + ": " + std::strerror(errno)};
  }
  std::unique_ptr<FileWatch> watch(
      new FileWatch(loop, path, quiet, descriptor));  // tidy: allow new: private constructor
  MYNAH_OK(watch->readiness_.watch(loop, descriptor));
  if (!watch->watch_folder()) {
    const int reason = errno;
    return Error{reason == ENOENT || reason == ENOTDIR ? Errc::not_found : Errc::exhausted,
                 "watch the folder " + watch->folder_ + ": " + std::strerror(reason)};
  }
  watch->told_ = watch->take_print();
  return watch;
}

FileWatch::FileWatch(Loop& loop, const std::string& path, Duration quiet, int descriptor)
    : loop_(loop), path_(path), quiet_(quiet), descriptor_(descriptor) {
  const std::size_t slash = path.rfind('/');
  folder_ = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  name_ = slash == std::string::npos ? path : path.substr(slash + 1);
}

FileWatch::~FileWatch() {
  readiness_.forget();
  ::close(descriptor_);
}

bool FileWatch::watch_folder() {
  return ::inotify_add_watch(descriptor_, folder_.c_str(), kEvents | IN_ONLYDIR) >= 0;
}

FileWatch::Print FileWatch::take_print() const {
  struct stat info{};
  if (::stat(path_.c_str(), &info) != 0) return {};
  return {info.st_dev, info.st_ino, info.st_size,
          std::chrono::seconds(info.st_mtim.tv_sec) + Duration(info.st_mtim.tv_nsec)};
}

void FileWatch::drain() {
  alignas(inotify_event) std::array<char, 4096> room;
  while (readiness_.readable) {
    const ssize_t got = ::read(descriptor_, room.data(), room.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      readiness_.readable = false;
      return;
    }
    for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
      const auto& event = *reinterpret_cast<const inotify_event*>(room.data() + at);
      at += sizeof event + event.len;
      if ((event.mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED)) != 0) folder_lost_ = true;
      // A file may be written twice within what its time can tell apart.
      if (event.len > 0 && name_ == event.name) written_ = true;
    }
  }
}

Task<> FileWatch::changed() {
  while (true) {
    if (!written_) co_await Readable(loop_, readiness_, loop_.in(kLook));
    // More may come: a file is told when it is whole.
    // What happens to other files of the folder, a log's above all, does not put it off.
    bool written_before = written_;
    while (readiness_.readable) {
      written_ = false;
      drain();
      const bool written_now = std::exchange(written_, written_before || written_);
      written_before = written_;
      if (!written_now) break;
      co_await Sleep(loop_, quiet_);
    }
    if (folder_lost_ && watch_folder()) folder_lost_ = false;
    const Print print = take_print();
    if (!std::exchange(written_, false) && print == told_) continue;
    told_ = print;
    co_return;
  }
}

}  // namespace mynah
