// SPDX-License-Identifier: Apache-2.0
// Property: a text is stories or an error that names its file and a line; the pieces of a message
// are its body, up to where it breaks off, without an empty one; and every place lies in the text.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "story/story.h"

namespace mynah::story {
namespace {

void check(const Message& message) {
  // A fuzzer finds bodies that are cut a million times: long, and nothing new.
  if (message.body.size() > 65'536) return;
  std::string joined;
  for (const std::string_view piece : message.pieces()) {
    MYNAH_CHECK(!piece.empty());
    joined += piece;
  }
  const std::size_t sent = std::min(message.breaks_after.value_or(~0U), message.body.size());
  MYNAH_CHECK(joined == message.body.substr(0, sent));
}

void check(const Story& story, std::size_t lines) {
  MYNAH_CHECK(story.place.line >= 1 && story.place.line <= lines);
  for (const Entry& entry : story.entries) {
    if (const auto* request = std::get_if<Request>(&entry)) {
      MYNAH_CHECK(request->place.line > story.place.line && request->place.line <= lines);
      check(request->message);
    } else if (const auto* upstream = std::get_if<GivenUpstream>(&entry)) {
      check(upstream->answer.message);
    } else if (const auto* call = std::get_if<GivenCall>(&entry)) {
      check(call->answer.message);
    } else if (const auto* expectation = std::get_if<Expectation>(&entry)) {
      MYNAH_CHECK(expectation->place.line <= lines && !expectation->text.empty());
    }
  }
}

void fuzz_one(std::string_view text) {
  const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
  const auto stories = parse_stories(text, "fuzz.story");
  if (!stories) {
    MYNAH_CHECK(stories.error().what.starts_with("fuzz.story"));
    return;
  }
  for (const Story& story : *stories) check(story, lines);
}

}  // namespace
}  // namespace mynah::story

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mynah::story::fuzz_one({reinterpret_cast<const char*>(data), size});
  return 0;
}
