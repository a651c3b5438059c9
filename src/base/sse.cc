// SPDX-License-Identifier: Apache-2.0
// Server-sent events, read at any cut and written.
#include "base/sse.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace mynah {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::optional<std::uint64_t> parse_milliseconds(std::string_view text) {
  // Digits only; 18 of them cannot overflow.
  if (text.empty() || text.size() > 18) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

// Takes the first line off `text`, whichever way it ends.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
  const std::string_view line = text.substr(0, end);
  std::size_t next = std::min(end + 1, text.size());
  if (end < text.size() && text[end] == '\r' && next < text.size() && text[next] == '\n') ++next;
  text.remove_prefix(next);
  return line;
}

void write_data_lines(std::string& out, std::string_view prefix, std::string_view text) {
  bool ended_by_line_end = false;
  do {
    ended_by_line_end = text.find_first_of("\r\n") != std::string_view::npos;
    out.append(prefix).append(take_line(text)).append("\n");
  } while (!text.empty() || ended_by_line_end);
}

}  // namespace

Status SseReader::feed(std::string_view bytes) {
  while (!bytes.empty() && !too_large_) {
    if (std::exchange(after_cr_, false) && bytes.front() == '\n') {
      bytes.remove_prefix(1);
      continue;
    }
    const std::size_t end = std::min(bytes.find_first_of("\r\n"), bytes.size());
    event_bytes_ += end;
    if (event_bytes_ > event_bytes_max_) {
      too_large_ = true;
      break;
    }
    line_.append(bytes.substr(0, end));
    if (end == bytes.size()) break;
    after_cr_ = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
    end_line();
  }
  if (too_large_) return Error{Errc::too_large, "a server-sent event is larger than the limit"};
  return ok();
}

void SseReader::end_line() {
  std::string_view line = line_;
  if (std::exchange(at_start_, false) && line.starts_with(kByteOrderMark))
    line.remove_prefix(kByteOrderMark.size());
  if (line.empty()) {
    dispatch();
  } else if (line.front() != ':') {
    const std::size_t colon = std::min(line.find(':'), line.size());
    std::string_view value = line.substr(std::min(colon + 1, line.size()));
    if (value.starts_with(' ')) value.remove_prefix(1);
    take_field(line.substr(0, colon), value);
  } else {
    event_bytes_ -= std::min(event_bytes_, line.size());  // A comment is no part of the event.
  }
  line_.clear();
}

void SseReader::take_field(std::string_view name, std::string_view value) {
  if (name == "data") {
    if (has_data_) event_.data.push_back('\n');
    event_.data.append(value);
    has_data_ = true;
  } else if (name == "event") {
    event_.type = value;
  } else if (name == "id") {
    if (value.find('\0') == std::string_view::npos) event_.id = value;
  } else if (name == "retry") {
    if (const auto milliseconds = parse_milliseconds(value))
      event_.retry_milliseconds = milliseconds;
  }
}

// An event without data is not delivered; what it said about the id and the delay is for clients
// that reconnect.
void SseReader::dispatch() {
  if (has_data_) events_.push_back(std::move(event_));
  event_ = {};
  has_data_ = false;
  event_bytes_ = 0;
}

std::optional<SseEvent> SseReader::take() {
  if (taken_ == events_.size()) return std::nullopt;
  SseEvent event = std::move(events_[taken_++]);
  if (taken_ == events_.size()) {
    events_.clear();
    taken_ = 0;
  }
  return event;
}

Status write_event(std::string& out, const SseEvent& event) {
  constexpr std::string_view kUnfit("\r\n\0", 3);
  if (event.type.find_first_of(kUnfit) != std::string::npos ||
      event.id.find_first_of(kUnfit) != std::string::npos) {
    return Error{Errc::invalid_argument, "a server-sent event's type or id holds a line end"};
  }
  if (!event.type.empty()) out.append("event: ").append(event.type).append("\n");
  if (!event.id.empty()) out.append("id: ").append(event.id).append("\n");
  if (event.retry_milliseconds) append(out, "retry: ", *event.retry_milliseconds, "\n");
  write_data_lines(out, "data: ", event.data);
  out.append("\n");
  return ok();
}

void write_comment(std::string& out, std::string_view text) {
  write_data_lines(out, ": ", text);
  out.append("\n");
}

}  // namespace mynah
