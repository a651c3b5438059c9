// SPDX-License-Identifier: Apache-2.0
// The reader of event streams, line by line over a buffer of what has not been read.
#include "mynah/sse.h"

#include <utility>

namespace mynah {
inline namespace plugin {

void SseReader::add(std::string_view bytes) {
  if (overflowed_) return;
  if (read_ > 0) {
    pending_.erase(0, read_);
    scanned_ -= read_;
    read_ = 0;
  }
  pending_ += bytes;
}

std::optional<SseEvent> SseReader::take() {
  while (!overflowed_) {
    if (skip_line_feed_ && read_ < pending_.size()) {
      if (pending_[read_] == '\n') ++read_;
      skip_line_feed_ = false;
    }
    if (scanned_ < read_) scanned_ = read_;
    const std::size_t end = pending_.find_first_of("\r\n", scanned_);
    if (end == std::string::npos) {
      scanned_ = pending_.size();
      overflowed_ = pending_.size() - read_ + event_.data.size() > kEventBytesMax;
      return std::nullopt;
    }
    std::string_view line(pending_.data() + read_, end - read_);
    if (!std::exchange(begun_, true) && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
    skip_line_feed_ = pending_[end] == '\r';
    read_ = end + 1;
    if (!line.empty()) {
      take_line(line);
      continue;
    }
    SseEvent event = std::exchange(event_, SseEvent{.type = {}, .data = {}, .id = event_.id});
    if (!std::exchange(has_data_, false)) continue;
    if (event.type.empty()) event.type = "message";
    return event;
  }
  return std::nullopt;
}

void SseReader::take_line(std::string_view line) {
  const std::size_t colon = line.find(':');
  const std::string_view name = line.substr(0, colon);
  std::string_view value =
      colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (name == "data") {
    if (std::exchange(has_data_, true)) event_.data += '\n';
    event_.data += value;
    overflowed_ = event_.data.size() > kEventBytesMax;
  } else if (name == "event") {
    event_.type = value;
  } else if (name == "id" && value.find('\0') == std::string_view::npos) {
    event_.id = value;
  }
}

}  // namespace plugin
}  // namespace mynah
