// SPDX-License-Identifier: Apache-2.0
// A lock on a file in the folder. The kernel drops it with the process, so a crash leaves no trace.
#include "control/admin/data_folder.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include "base/text.h"

namespace mynah::control {

namespace {

Error failure(std::string_view what, std::string_view path) {
  return {Errc::unavailable, cat(what, " ", path, ": ", std::strerror(errno))};
}

// Who wrote the lock file: for the message only, the lock itself is the kernel's.
std::string holder(int lock) {
  std::array<char, 32> text{};
  const ssize_t size = ::pread(lock, text.data(), text.size(), 0);
  if (size <= 0) return "another process";
  return cat("process ", trim({text.data(), static_cast<std::size_t>(size)}));
}

}  // namespace

Result<DataFolder> DataFolder::open(std::string path) {
  std::error_code error;
  if (std::filesystem::create_directories(path, error)) {
    std::filesystem::permissions(path, std::filesystem::perms::owner_all, error);
  }
  if (error) return Error{Errc::unavailable, cat("make the folder ", path, ": ", error.message())};
  const std::string file = cat(path, "/lock");
  const int lock = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) return failure("open", file);
  DataFolder folder(std::move(path), lock);
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return failure("lock", file);
    return Error{Errc::already_exists,
                 cat("the data folder ", folder.path(), " is in use by ", holder(lock),
                     "; a gateway needs a data folder of its own")};
  }
  const std::string pid = cat(::getpid(), "\n");
  if (::ftruncate(lock, 0) != 0 || ::pwrite(lock, pid.data(), pid.size(), 0) < 0) {
    return failure("write", file);
  }
  return folder;
}

DataFolder::~DataFolder() {
  if (lock_ >= 0) ::close(lock_);
}

}  // namespace mynah::control
