// SPDX-License-Identifier: Apache-2.0
// LogWriter: puts lines of the log into a file or onto a standard stream, from a thread of its own.
//
//   MYNAH_LET(auto writer, LogWriter::open({.path = "/var/log/mynah.log"}));
//   Log log(*writer, clock);
//
// - Whoever logs never waits for a disk or a reader: a line is copied into a bounded queue. When
// the queue is full the
//   line is dropped and counted, and a line says how many were lost as soon as there is room again.
// - Destroying the writer writes what is queued; a stream that takes nothing for a second is given
// up.
// - After the file was moved away, reopen() makes a new one in its place, as rotation of logs wants
// it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "base/log.h"
#include "base/result.h"

namespace mynah {

class LogWriter final : public LogSink {
 public:
  enum class Stream : unsigned char { error, output };

  struct Options {
    std::string path;               // appended to, made if missing; empty for the stream
    Stream stream = Stream::error;  // where lines go when there is no path
    std::size_t queue_bytes_max = 8U << 20U;
  };

  static Result<std::unique_ptr<LogWriter>> open(Options options);
  LogWriter(LogWriter&&) = delete;
  ~LogWriter() override;

  // From any thread.
  void write(LogLevel level, std::string_view line) override;
  // Takes effect before the next line that is queued is written. If the file cannot be opened, the
  // one that is open stays in use, and a line in it says so.
  void reopen();
  // Waits until all lines queued so far are written or given up. For tests and for the end of a
  // program.
  void flush();
  // Lines that were lost: the queue was full, or the system refused to write them.
  [[nodiscard]] std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  LogWriter(Options options, int descriptor);

  void run();
  void reopen_file();
  void tell_of_losses();
  // Writes the lines; false when the system refused, be it half-way.
  bool put(std::string_view lines);
  bool wait_for_room() const;
  [[nodiscard]] bool stopping() const { return stopping_.load(std::memory_order_relaxed); }

  const Options options_;
  // Of the thread alone, once it runs.
  int descriptor_;
  bool is_file_ = true;
  std::uint64_t told_ = 0;

  std::mutex lock_;
  std::condition_variable wake_;  // lines, a wish to reopen, or the end
  std::condition_variable idle_;  // nothing is queued and nothing is being written
  std::string queue_;
  bool busy_ = false;
  bool reopen_ = false;

  std::atomic<bool> stopping_ = false;
  std::atomic<std::uint64_t> dropped_ = 0;
  std::thread thread_;
};

}  // namespace mynah
