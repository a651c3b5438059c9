// SPDX-License-Identifier: Apache-2.0
// The log: one JSON object a line, of a message and named fields.
//
//   Log log(sink, clock, {.level = LogLevel::info});          // one a process, made by app, shared
//   by all threads const Logger logger(log, "http");                         // one a layer, passed
//   to whoever logs logger.warn("upstream refused", {{"service", name}, {"port", port}}); →
//   {"time":"2026-11-21T15:34:00.250Z","level":"warn","layer":"http","message":"upstream
//   refused","service":…}
//
// - What is below the level costs a comparison: fields are views and numbers on the stack, nothing
// is allocated.
// - Secrets are taken out of the message and of all text (redact.h). Control characters, those of
// terminals too, are
//   escaped, so text from outside can neither forge a line nor steer a terminal. What is not UTF-8
//   becomes U+FFFD.
// - A line is at most `line_bytes_max` long: long text is cut, then whole fields go, and the line
// says so.
// - A message is a constant sentence; what varies is a field. That makes lines easy to count and
// find.
#pragma once

#include <atomic>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/redact.h"
#include "base/result.h"
#include "base/time.h"

namespace mynah {

enum class LogLevel : unsigned char { trace, debug, info, warn, error, off };

std::string_view name_of(LogLevel level);
Result<LogLevel> parse_log_level(std::string_view name);

// Where lines go. Called on any thread, several at once; it must not block.
class LogSink {
 public:
  virtual ~LogSink() = default;
  // A whole line without its line break.
  virtual void write(LogLevel level, std::string_view line) = 0;
};

// What a field holds. It borrows text until the call returns.
using LogValue = std::variant<std::string_view, bool, std::int64_t, std::uint64_t, double>;

class LogField final {
 public:
  LogField(std::string_view name, std::string_view text) : name_(name), value_(text) {}
  LogField(std::string_view name, const std::string& text)
      : name_(name), value_(std::string_view(text)) {}
  LogField(std::string_view name, const char* text) : name_(name), value_(std::string_view(text)) {}
  LogField(std::string_view name, std::same_as<bool> auto flag) : name_(name), value_(flag) {}
  LogField(std::string_view name, std::signed_integral auto number)
      : name_(name), value_(static_cast<std::int64_t>(number)) {}
  LogField(std::string_view name, std::unsigned_integral auto number)
    requires(!std::same_as<decltype(number), bool>)
      : name_(name), value_(static_cast<std::uint64_t>(number)) {}
  LogField(std::string_view name, double number) : name_(name), value_(number) {}
  LogField(std::string_view name, const Error& error)
      : name_(name), value_(std::string_view(error.what)) {}

  [[nodiscard]] std::string_view name() const { return name_; }
  [[nodiscard]] const LogValue& value() const { return value_; }

 private:
  std::string_view name_;  // tidy: allow string_view: lives for one call
  LogValue value_;
};
using LogFields = std::initializer_list<LogField>;

struct LogOptions {
  LogLevel level = LogLevel::info;
  std::size_t line_bytes_max = 8192;
  std::size_t text_bytes_max = 2048;  // of one field, and of the message
  RedactionRules redaction = {};
};

// Thread-safe; outlives every Logger made of it. The sink and the clock outlive the log.
class Log final {
 public:
  Log(LogSink& sink, const Clock& clock, LogOptions options = {});

  [[nodiscard]] bool on(LogLevel level) const {
    return level >= level_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] LogLevel level() const { return level_.load(std::memory_order_relaxed); }
  // Takes effect at once, on all threads.
  void set_level(LogLevel level) { level_.store(level, std::memory_order_relaxed); }

  void write(LogLevel level, std::string_view layer, std::string_view message,
             std::span<const LogField> fields) const;
  [[nodiscard]] const Redactor& redactor() const { return redactor_; }
  [[nodiscard]] const Clock& clock() const { return clock_; }

 private:
  void append_text(std::string& line, std::string_view text) const;
  void append_field(std::string& line, const LogField& field) const;

  LogSink& sink_;
  const Clock& clock_;
  const LogOptions options_;
  const Redactor redactor_;
  std::atomic<LogLevel> level_;
};

// A way to the log that knows whose lines it writes. Cheap to copy.
class Logger final {
 public:
  Logger(const Log& log, std::string layer) : log_(&log), layer_(std::move(layer)) {}

  [[nodiscard]] bool on(LogLevel level) const { return log_->on(level); }
  void write(LogLevel level, std::string_view message, LogFields fields = {}) const {
    if (on(level)) log_->write(level, layer_, message, fields);
  }
  void trace(std::string_view message, LogFields fields = {}) const {
    write(LogLevel::trace, message, fields);
  }
  void debug(std::string_view message, LogFields fields = {}) const {
    write(LogLevel::debug, message, fields);
  }
  void info(std::string_view message, LogFields fields = {}) const {
    write(LogLevel::info, message, fields);
  }
  void warn(std::string_view message, LogFields fields = {}) const {
    write(LogLevel::warn, message, fields);
  }
  void error(std::string_view message, LogFields fields = {}) const {
    write(LogLevel::error, message, fields);
  }

  [[nodiscard]] const Log& log() const { return *log_; }

 private:
  friend class LogLimit;

  const Log* log_;
  std::string layer_;
};

// Holds repeated lines back: at most so many of a key in a window of time. The first line after a
// window in which some were held back says how many in its field `suppressed`. One a call site or
// one for many keys (plug-ins, upstreams), which are bounded in number: those beyond share one
// count. Belongs to one thread.
class LogLimit final {
 public:
  LogLimit(std::uint32_t lines_max, Duration window, std::size_t keys_max = 1000)
      : lines_max_(lines_max), window_(window), keys_max_(keys_max) {}

  void write(const Logger& logger, std::string_view key, LogLevel level, std::string_view message,
             LogFields fields = {});
  // Tells of what was held back in windows that are over, for keys that have been silent since.
  // Call it every now and then; it forgets those keys.
  void report(const Logger& logger);

 private:
  struct Window {
    Instant end;
    std::uint32_t lines = 0;
    std::uint64_t suppressed = 0;
  };

  std::uint32_t lines_max_;
  Duration window_;
  std::size_t keys_max_;
  std::map<std::string, Window, std::less<>> windows_;
};

// Keeps the lines, for tests of one thread.
class MemoryLog final : public LogSink {
 public:
  void write(LogLevel, std::string_view line) override { lines_.emplace_back(line); }
  [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }
  void clear() { lines_.clear(); }

 private:
  std::vector<std::string> lines_;
};

}  // namespace mynah
