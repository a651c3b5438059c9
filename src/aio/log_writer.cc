// SPDX-License-Identifier: Apache-2.0
// The queue of lines and the thread that empties it. The lock is held to append a line or to take
// the whole queue away, never while the system writes.
#include "aio/log_writer.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aio/thread.h"
#include "base/json_writer.h"
#include "base/text.h"

namespace mynah {
namespace {

constexpr std::size_t kPipeBytes = 4096;  // what a pipe that says it has room takes whole
constexpr int kGiveUpMilliseconds = 500;

int open_file(const std::string& path) {
  return ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
}

// A line of the writer's own, in the shape of all others.
std::string own_line(std::string_view message, std::string_view name, std::string_view json) {
  const WallTime now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  JsonWriter line;
  line.begin_object().member("time", rfc3339(now)).member("level", "warn").member("layer", "log");
  line.member("message", message).key(name).raw(json).end_object();
  return std::move(line).take() + "\n";
}

}  // namespace

Result<std::unique_ptr<LogWriter>> LogWriter::open(Options options) {
  int descriptor = options.stream == Stream::output ? STDOUT_FILENO : STDERR_FILENO;
  if (!options.path.empty()) {
    descriptor = open_file(options.path);
    if (descriptor < 0) {
      return Error{Errc::unavailable,
                   cat("open the log ", options.path, ": ", std::strerror(errno))};
    }
  }
  return std::unique_ptr<LogWriter>(
      new LogWriter(std::move(options), descriptor));  // tidy: allow new: private constructor
}

LogWriter::LogWriter(Options options, int descriptor)
    : options_(std::move(options)), descriptor_(descriptor) {
  struct stat status = {};
  is_file_ = ::fstat(descriptor_, &status) == 0 && S_ISREG(status.st_mode);
  thread_ = start_thread("log", [this] { run(); });
}

LogWriter::~LogWriter() {
  {
    const std::lock_guard hold(lock_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
  if (!options_.path.empty()) ::close(descriptor_);
}

void LogWriter::write(LogLevel /*level*/, std::string_view line) {
  bool was_empty = false;
  {
    const std::lock_guard hold(lock_);
    if (queue_.size() + line.size() + 1 > options_.queue_bytes_max) {
      dropped_.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    was_empty = queue_.empty();
    queue_ += line;
    queue_ += '\n';
  }
  if (was_empty) wake_.notify_one();
}

void LogWriter::reopen() {
  {
    const std::lock_guard hold(lock_);
    reopen_ = true;
  }
  wake_.notify_one();
}

void LogWriter::flush() {
  std::unique_lock hold(lock_);
  idle_.wait(hold, [this] { return queue_.empty() && !busy_ && !reopen_; });
}

void LogWriter::run() {
  std::string lines;
  std::unique_lock hold(lock_);
  while (true) {
    wake_.wait(hold, [this] { return !queue_.empty() || reopen_ || stopping(); });
    if (queue_.empty() && !reopen_) return;
    lines.clear();
    lines.swap(queue_);
    const bool reopens = std::exchange(reopen_, false);
    busy_ = true;
    hold.unlock();

    if (reopens) reopen_file();
    if (put(lines)) {
      tell_of_losses();
    } else {
      const auto lost = std::ranges::count(lines, '\n');
      dropped_.fetch_add(static_cast<std::uint64_t>(lost), std::memory_order_relaxed);
    }

    hold.lock();
    busy_ = false;
    if (queue_.empty()) idle_.notify_all();
  }
}

void LogWriter::reopen_file() {
  if (options_.path.empty()) return;
  const int opened = open_file(options_.path);
  if (opened < 0) {
    put(own_line("the log could not be opened anew", "error", json_string(std::strerror(errno))));
    return;
  }
  ::close(std::exchange(descriptor_, opened));
}

void LogWriter::tell_of_losses() {
  const std::uint64_t lost = dropped();
  if (lost == told_) return;
  if (put(own_line("lines of the log were lost", "lines", CatPiece(lost - told_).text())))
    told_ = lost;
}

bool LogWriter::put(std::string_view lines) {
  while (!lines.empty()) {
    if (!is_file_ && !wait_for_room()) return false;
    const std::size_t bytes = is_file_ ? lines.size() : std::min(lines.size(), kPipeBytes);
    const ssize_t written = ::write(descriptor_, lines.data(), bytes);
    if (written < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (written < 0) return false;
    lines.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// A reader that is slow is waited for, unless the program is ending.
bool LogWriter::wait_for_room() const {
  while (true) {
    pollfd watched = {descriptor_, POLLOUT, 0};
    const bool last = stopping();
    const int ready = ::poll(&watched, 1, kGiveUpMilliseconds);
    if (ready > 0) return (watched.revents & (POLLERR | POLLNVAL)) == 0;
    if (ready < 0 && errno != EINTR) return false;
    if (ready == 0 && last) return false;
  }
}

}  // namespace mynah
