// SPDX-License-Identifier: Apache-2.0
// Server-sent events (the event-stream format of the HTML standard), read and written piece by
// piece, for the gateway and for plug-ins.
//
//   SseReader reader;
//   MYNAH_OK(reader.feed(bytes));
//   while (const auto event = reader.take()) use(event->type, event->data);
//
// Lines end with CR, LF or CRLF; the input may be cut anywhere, between the two of a CRLF or inside
// a character too. A byte order mark at the start is skipped. An event that the stream ends in the
// middle of is not delivered, as the standard demands: half an event is no event.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace mynah {

struct SseEvent {
  std::string type;  // the `event` field; empty means "message"
  std::string data;  // the `data` fields, joined by LF
  std::string id;    // the `id` field of this event; empty if it had none
  std::optional<std::uint64_t> retry_milliseconds;

  friend bool operator==(const SseEvent&, const SseEvent&) = default;
};

class SseReader final {
 public:
  static constexpr std::size_t kEventBytesMax = 4U << 20U;

  // An event (or a line of a comment) over `event_bytes_max` is Errc::too_large, and so is all that
  // follows.
  explicit SseReader(std::size_t event_bytes_max = kEventBytesMax)
      : event_bytes_max_(event_bytes_max) {}

  // Takes the next bytes of the stream. Events that they complete wait for take().
  Status feed(std::string_view bytes);

  // The oldest event that was completed, if there is one.
  std::optional<SseEvent> take();

 private:
  void end_line();
  void take_field(std::string_view name, std::string_view value);
  void dispatch();

  std::size_t event_bytes_max_;
  std::size_t event_bytes_ = 0;  // Of the event so far, the unfinished line included.
  std::string line_;
  SseEvent event_;
  bool has_data_ = false;
  bool after_cr_ = false;
  bool at_start_ = true;
  bool too_large_ = false;
  std::vector<SseEvent> events_;  // from `taken_` on, those that wait
  std::size_t taken_ = 0;
};

// Appends the event as lines; `data` may hold line ends of any kind, and each becomes a line of its
// own. An id or a type with a line end or NUL in it is Errc::invalid_argument, since it would end
// the field, and leaves `out` as it was.
Status write_event(std::string& out, const SseEvent& event);

// Appends a comment, which readers skip; of use to keep a quiet stream alive.
void write_comment(std::string& out, std::string_view text);

}  // namespace mynah
