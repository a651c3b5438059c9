// SPDX-License-Identifier: Apache-2.0
// Reading, replacing and appending.
#include "aio/files.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mynah {
namespace {

Error failed(std::string_view action, const std::string& path, int reason) {
  Errc code = Errc::unavailable;
  if (reason == ENOENT || reason == ENOTDIR) code = Errc::not_found;
  if (reason == EACCES || reason == EPERM || reason == EROFS) code = Errc::denied;
  if (reason == ENOSPC || reason == EDQUOT || reason == EMFILE || reason == ENFILE) {
    code = Errc::exhausted;
  }
  return {code, std::string(action) + " " + path + ": " + std::strerror(reason)};
}

// An open file, closed when it goes out of scope.
class File final {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  File(File&&) = delete;
  ~File() { close(); }

  [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }
  [[nodiscard]] int descriptor() const { return descriptor_; }
  // Whether closing, too, went well: some file systems report here that a write has failed.
  bool close() {
    if (descriptor_ < 0) return true;
    return ::close(std::exchange(descriptor_, -1)) == 0;
  }

 private:
  int descriptor_;
};

bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// The name itself is on the disk only when its folder is.
Status sync_folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const File opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.is_open() || ::fsync(opened.descriptor()) != 0) {
    return failed("write the folder", folder, errno);
  }
  return ok();
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t limit) {
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!file.is_open()) return failed("read", path, errno);
  struct stat info{};
  if (::fstat(file.descriptor(), &info) != 0) return failed("read", path, errno);
  std::string bytes;
  std::size_t size = 0;
  // One byte of room more than is expected shows the end without growing once more.
  std::size_t room = static_cast<std::size_t>(std::max<off_t>(info.st_size, 0)) + 1;
  while (size <= limit) {
    bytes.resize(std::min(size + room, limit + 1));
    const ssize_t got = ::read(file.descriptor(), bytes.data() + size, bytes.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("read", path, errno);
    size += static_cast<std::size_t>(got);
    room = 64 * 1024;
    if (got > 0) continue;
    bytes.resize(size);
    return bytes;
  }
  return Error{Errc::too_large,
               "read " + path + ": it has more than " + std::to_string(limit) + " bytes"};
}

Status write_file_atomically(const std::string& path, std::string_view bytes, mode_t mode) {
  std::string draft = path + ".XXXXXX";
  File file(::mkostemp(draft.data(), O_CLOEXEC));
  if (!file.is_open()) return failed("write", path, errno);
  const bool written = ::fchmod(file.descriptor(), mode) == 0 &&
                       write_all(file.descriptor(), bytes) && ::fsync(file.descriptor()) == 0 &&
                       file.close() && ::rename(draft.c_str(), path.c_str()) == 0;
  if (!written) {
    const int reason = errno;
    ::unlink(draft.c_str());
    return failed("write", path, reason);
  }
  return sync_folder_of(path);
}

Status append_to_file(const std::string& path, std::string_view bytes, mode_t mode) {
  File file(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, mode));
  if (!file.is_open()) return failed("append to", path, errno);
  if (!write_all(file.descriptor(), bytes) || !file.close()) {
    return failed("append to", path, errno);
  }
  return ok();
}

}  // namespace mynah
