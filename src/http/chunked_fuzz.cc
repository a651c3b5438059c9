// SPDX-License-Identifier: Apache-2.0
// Any bytes as a chunked body. Property: the decoder yields the same bytes and the same verdict
// however the input is cut.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "http/chunked.h"

using namespace mynah;
using namespace mynah::http;

namespace {

struct Outcome {
  std::string body;
  ChunkedDecoder::Step last = ChunkedDecoder::Step::more;
  Refusal refusal = Refusal::none;
  Headers trailers;
};

Outcome decode(std::string_view bytes, std::size_t at_once) {
  const MessageLimits limits;
  ChunkedDecoder decoder(limits);
  Outcome outcome;
  while (!bytes.empty()) {
    std::string_view piece = bytes.substr(0, at_once);
    const std::size_t given = piece.size();
    outcome.last = decoder.decode(piece);
    bytes.remove_prefix(given - piece.size());
    if (outcome.last == ChunkedDecoder::Step::data) outcome.body += decoder.data();
    if (outcome.last == ChunkedDecoder::Step::refused || outcome.last == ChunkedDecoder::Step::end)
      break;
  }
  outcome.refusal = decoder.refusal();
  if (outcome.last == ChunkedDecoder::Step::data) outcome.last = ChunkedDecoder::Step::more;
  outcome.trailers = decoder.trailers();
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  const Outcome whole = decode(bytes, bytes.size() + 1);
  const Outcome parts = decode(bytes, data[0] % 16U + 1);
  MYNAH_CHECK(whole.last == parts.last && whole.refusal == parts.refusal);
  MYNAH_CHECK(whole.body == parts.body && whole.trailers == parts.trailers);
  return 0;
}
