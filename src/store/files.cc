// SPDX-License-Identifier: Apache-2.0
// The real folder: POSIX files, synced names, a lock against a second process.
#include "store/files.h"

#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "base/text.h"

namespace mynah::store {
namespace {

constexpr std::string_view kLockName = "lock";

Error failed(std::string_view action, std::string_view what) {
  return {errno == ENOENT ? Errc::not_found : Errc::unavailable,
          cat(action, " ", what, ": ", std::strerror(errno))};
}

class Descriptor final {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool is_open() const { return fd_ >= 0; }

 private:
  int fd_;
};

class RealFile final : public OutputFile {
 public:
  RealFile(Descriptor fd, std::string name) : fd_(std::move(fd)), name_(std::move(name)) {}

  Status append(std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t written = ::write(fd_.get(), bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return failed("write", name_);
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return ok();
  }
  Status sync() override {
    return ::fdatasync(fd_.get()) == 0 ? ok() : Status(failed("sync", name_));
  }

 private:
  Descriptor fd_;
  std::string name_;
};

class Folder final : public Files {
 public:
  Folder(Descriptor fd, Descriptor lock) : fd_(std::move(fd)), lock_(std::move(lock)) {}

  Result<std::vector<std::string>> list() override {
    const int copy = ::openat(fd_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR* folder = copy < 0 ? nullptr : ::fdopendir(copy);
    if (folder == nullptr) return failed("list", "the store's folder");
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(folder)) {
      if (entry->d_name[0] != '.' && entry->d_name != kLockName) names.emplace_back(entry->d_name);
    }
    ::closedir(folder);
    return names;
  }

  Result<std::string> read(const std::string& name, std::uint64_t offset,
                           std::size_t count) override {
    const Descriptor file(::openat(fd_.get(), name.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.is_open()) return failed("open", name);
    std::string bytes(count, '\0');
    std::size_t filled = 0;
    while (filled < count) {
      const ssize_t got = ::pread(file.get(), bytes.data() + filled, count - filled,
                                  static_cast<off_t>(offset + filled));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return failed("read", name);
      if (got == 0) break;
      filled += static_cast<std::size_t>(got);
    }
    bytes.resize(filled);
    return bytes;
  }

  Result<std::unique_ptr<OutputFile>> create(const std::string& name) override {
    Descriptor file(::openat(fd_.get(), name.c_str(),
                             O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600));
    if (!file.is_open()) return failed("create", name);
    MYNAH_OK(sync_names());
    return std::unique_ptr<OutputFile>(std::make_unique<RealFile>(std::move(file), name));
  }

  Status rename(const std::string& from, const std::string& to) override {
    if (::renameat(fd_.get(), from.c_str(), fd_.get(), to.c_str()) != 0)
      return failed("rename", from);
    return sync_names();
  }

  Status truncate(const std::string& name, std::uint64_t size) override {
    const Descriptor file(::openat(fd_.get(), name.c_str(), O_WRONLY | O_CLOEXEC));
    if (!file.is_open()) return failed("open", name);
    if (::ftruncate(file.get(), static_cast<off_t>(size)) != 0) return failed("cut", name);
    return ::fdatasync(file.get()) == 0 ? ok() : Status(failed("sync", name));
  }

  Status remove(const std::string& name) override {
    return ::unlinkat(fd_.get(), name.c_str(), 0) == 0 ? ok() : Status(failed("remove", name));
  }

 private:
  Status sync_names() {
    return ::fsync(fd_.get()) == 0 ? ok() : Status(failed("sync", "the store's folder"));
  }

  Descriptor fd_;
  Descriptor lock_;  // Held locked while the folder is open.
};

Status make_folders(const std::string& path) {
  for (std::size_t end = 1; end != std::string::npos;) {
    end = path.find('/', end + 1);
    const std::string part = path.substr(0, end);
    if (::mkdir(part.c_str(), 0700) != 0 && errno != EEXIST) return failed("make the folder", part);
  }
  return ok();
}

}  // namespace

Result<std::unique_ptr<Files>> open_folder(const std::string& path) {
  MYNAH_OK(make_folders(path));
  Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.is_open()) return failed("open", path);
  Descriptor lock(::openat(folder.get(), kLockName.data(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock.is_open()) return failed("open the lock of", path);
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    return Error{Errc::already_exists, cat("the store in ", path, " is in use by another process")};
  }
  return std::unique_ptr<Files>(std::make_unique<Folder>(std::move(folder), std::move(lock)));
}

}  // namespace mynah::store
