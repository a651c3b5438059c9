// SPDX-License-Identifier: Apache-2.0
// Server-sent events: from bytes cut anywhere to whole events.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mynah {
inline namespace plugin {

struct SseEvent {
  std::string type;  // "message" when the stream names none
  std::string data;  // the data lines, joined by line feeds
  std::string id;
};

// Takes the stream in pieces and gives its events, by the rules of the HTML standard: lines end
// with CR, LF or CRLF, a blank line ends an event, comments are skipped, an event without data is
// none. An event that the stream's end cuts off is dropped, as the standard says.
class SseReader final {
 public:
  // An event larger than this ends the reading: take() gives nothing more and overflowed() is true.
  static constexpr std::size_t kEventBytesMax = 4 * 1024 * 1024;

  void add(std::string_view bytes);
  // The next whole event of what was added.
  std::optional<SseEvent> take();
  [[nodiscard]] bool overflowed() const { return overflowed_; }

 private:
  void take_line(std::string_view line);

  std::string pending_;  // bytes not yet read, from `read_` on
  std::size_t read_ = 0;
  std::size_t scanned_ = 0;  // of the pending bytes, those known to hold no end of line
  SseEvent event_;
  bool has_data_ = false;
  bool skip_line_feed_ = false;  // the last line ended with CR: an LF that follows belongs to it
  bool begun_ = false;           // a byte order mark can no longer come
  bool overflowed_ = false;
};

}  // namespace plugin
}  // namespace mynah
