// SPDX-License-Identifier: Apache-2.0
// Any bytes as an event stream. Properties: the events do not depend on how the stream is cut, and
// events that were read and may be written read the same again.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/sse.h"

using namespace mynah;

namespace {

std::vector<SseEvent> read(std::string_view bytes, std::size_t at_once, std::size_t limit) {
  SseReader reader(limit);
  std::vector<SseEvent> events;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(at_once, bytes.size()))) {
    const bool fits = reader.feed(bytes.substr(0, at_once)).ok();
    while (auto event = reader.take()) events.push_back(*std::move(event));
    if (!fits) break;
  }
  return events;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  const std::size_t limit = 256 + data[0];
  const auto whole = read(bytes, bytes.size() + 1, limit);
  MYNAH_CHECK(whole == read(bytes, data[0] % 8U + 1, limit));
  std::string written;
  for (const SseEvent& event : whole) {
    // Of what can be read, only a type with NUL in it may not be written.
    const bool fit = event.type.find('\0') == std::string::npos;
    MYNAH_CHECK(write_event(written, event).ok() == fit);
    if (!fit) return 0;
  }
  MYNAH_CHECK(read(written, 3, written.size() + 1) == whole);
  return 0;
}
