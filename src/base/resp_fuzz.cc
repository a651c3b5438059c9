// SPDX-License-Identifier: Apache-2.0
// Whatever the bytes and however they are cut, the decoder yields the same values or the same
// refusal; a value that it yields survives being encoded and decoded again; parse_command agrees
// with the decoder.
#include <cstdlib>

#include "base/resp.h"

namespace {

using namespace mynah;

constexpr RespLimits kLimits{
    .line_bytes = 4096, .bulk_bytes = 65536, .items = 4096, .message_bytes = 1 << 20};

void require(bool condition) {
  if (!condition) std::abort();
}

struct Outcome {
  std::vector<Resp> values;
  bool failed = false;
};

Outcome decode(std::string_view bytes, std::size_t piece, bool commands) {
  RespDecoder decoder = commands ? RespDecoder::commands(kLimits) : RespDecoder(kLimits);
  Outcome outcome;
  while (!bytes.empty() && !outcome.failed) {
    decoder.feed(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    while (true) {
      auto next = decoder.next();
      outcome.failed = !next.ok();
      if (!next || !*next) break;
      outcome.values.push_back(**std::move(next));
    }
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const bool commands : {false, true}) {
    const Outcome whole = decode(bytes, bytes.size() + 1, commands);
    const Outcome cut = decode(bytes, 3, commands);
    // A refusal for size may come earlier when the bytes come in pieces; what came before it is the
    // same.
    require(whole.failed || cut.failed || whole.values == cut.values);
    for (const Resp& value : whole.values) {
      std::string again;
      encode(value, RespVersion::resp3, again);
      RespDecoder decoder;
      decoder.feed(again);
      const auto next = decoder.next();
      require(next.ok() && next->has_value());
    }
  }
  std::vector<std::string_view> words;
  if (const auto used = parse_command(bytes, words, kLimits)) {
    require(*used <= bytes.size());
    std::string again;
    encode_command(words, again);
    std::vector<std::string_view> words_again;
    require(parse_command(again, words_again).ok() && words == words_again);
  }
  return 0;
}
