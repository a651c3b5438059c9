// SPDX-License-Identifier: Apache-2.0
// Making lines of the log.
#include "base/log.h"

#include <array>
#include <cmath>
#include <functional>

#include "base/json_writer.h"
#include "base/text.h"

namespace mynah {
namespace {

constexpr std::array<std::string_view, 6> kLevelNames = {"trace", "debug", "info",
                                                         "warn",  "error", "off"};
constexpr std::string_view kTruncated = ",\"truncated\":true";

// The length of a character that JSON allows as it is but a terminal or a viewer of logs takes as a
// command: DEL, the second set of control characters, the line and paragraph separators. 0 for all
// others.
std::size_t command_length(std::string_view text) {
  if (text.starts_with('\x7F')) return 1;
  if (text.size() >= 2 && text[0] == '\xC2' && static_cast<unsigned char>(text[1]) < 0xA0) return 2;
  if (text.starts_with("\xE2\x80\xA8") || text.starts_with("\xE2\x80\xA9")) return 3;
  return 0;
}

// A JSON string in which all commands are escaped.
void append_harmless(std::string& line, std::string_view text) {
  const std::size_t begin = line.size();
  append_json_string(line, text);
  for (std::size_t at = begin; at < line.size(); ++at) {
    const std::size_t length = command_length(std::string_view(line).substr(at));
    if (length == 0) continue;
    const auto last = static_cast<unsigned char>(line[at + length - 1]);
    constexpr std::string_view kDigits = "0123456789abcdef";
    const std::string escape =
        cat(length == 3 ? "\\u20" : "\\u00", kDigits[length == 3 ? 2 : last >> 4U],
            kDigits[length == 3 ? last - 0xA0U : last & 15U]);
    line.replace(at, length, escape);
  }
}

}  // namespace

std::string_view name_of(LogLevel level) { return kLevelNames[static_cast<std::size_t>(level)]; }

Result<LogLevel> parse_log_level(std::string_view name) {
  for (std::size_t i = 0; i < kLevelNames.size(); ++i) {
    if (iequals(name, kLevelNames[i])) return static_cast<LogLevel>(i);
  }
  return Error{
      Errc::invalid_argument,
      cat("\"", name.substr(0, 40), "\" is no log level: trace, debug, info, warn, error or off")};
}

Log::Log(LogSink& sink, const Clock& clock, LogOptions options)
    : sink_(sink),
      clock_(clock),
      options_(std::move(options)),
      redactor_(options_.redaction),
      level_(options_.level) {}

void Log::write(LogLevel level, std::string_view layer, std::string_view message,
                std::span<const LogField> fields) const {
  if (level == LogLevel::off || !on(level)) return;
  std::string line;
  line.reserve(256);
  append(line, R"({"time":")", rfc3339(clock_.wall_now()), R"(","level":")", name_of(level),
         R"(","layer":)");
  append_harmless(line, layer);
  line += R"(,"message":)";
  append_text(line, message);
  for (const LogField& field : fields) {
    const std::size_t before = line.size();
    append_field(line, field);
    if (line.size() + kTruncated.size() + 1 <= options_.line_bytes_max) continue;
    line.resize(before);
    line += kTruncated;
    break;
  }
  line += '}';
  sink_.write(level, line);
}

void Log::append_text(std::string& line, std::string_view text) const {
  // Cut first, so that hostile text costs no more than what is shown of it; a secret at the cut is
  // hidden all the same, unless too little of it is left to be one.
  const std::string_view shown = utf8_prefix(text, options_.text_bytes_max);
  std::string redacted = redactor_.redact(shown);
  if (shown.size() < text.size())
    append(redacted, "… (", text.size() - shown.size(), " bytes more)");
  append_harmless(line, redacted);
}

void Log::append_field(std::string& line, const LogField& field) const {
  line += ',';
  append_harmless(line, field.name());
  line += ':';
  if (const auto* text = std::get_if<std::string_view>(&field.value())) {
    if (redactor_.is_secret_name(field.name())) {
      append(line, "\"", kRedacted, "\"");
    } else {
      append_text(line, *text);
    }
  } else if (const auto* flag = std::get_if<bool>(&field.value())) {
    line += *flag ? "true" : "false";
  } else if (const auto* whole = std::get_if<std::int64_t>(&field.value())) {
    append(line, *whole);
  } else if (const auto* count = std::get_if<std::uint64_t>(&field.value())) {
    append(line, *count);
  } else if (const double number = std::get<double>(field.value()); std::isfinite(number)) {
    append(line, number);
  } else {
    line += "null";
  }
}

void LogLimit::write(const Logger& logger, std::string_view key, LogLevel level,
                     std::string_view message, LogFields fields) {
  if (!logger.on(level)) return;
  const Instant now = logger.log().clock().now();
  auto found = windows_.find(key);
  if (found == windows_.end()) {
    // The keys beyond the limit share the one that nobody else has.
    found =
        windows_.try_emplace(windows_.size() < keys_max_ ? std::string(key) : std::string()).first;
  }
  Window& window = found->second;
  std::uint64_t suppressed = 0;
  if (now >= window.end) {
    suppressed = window.suppressed;
    window = {now + window_, 0, 0};
  }
  if (window.lines >= lines_max_) {
    ++window.suppressed;
    return;
  }
  ++window.lines;
  if (suppressed == 0) return logger.write(level, message, fields);
  std::vector<LogField> all(fields);
  all.emplace_back("suppressed", suppressed);
  logger.log().write(level, logger.layer_, message, all);
}

void LogLimit::report(const Logger& logger) {
  const Instant now = logger.log().clock().now();
  for (auto at = windows_.begin(); at != windows_.end();) {
    const auto& [key, window] = *at;
    if (now < window.end) {
      ++at;
      continue;
    }
    if (window.suppressed > 0) {
      logger.warn("lines were held back", {{"key", key}, {"suppressed", window.suppressed}});
    }
    at = windows_.erase(at);
  }
}

}  // namespace mynah
