// SPDX-License-Identifier: Apache-2.0
// Any bytes as a request head. Property: what is accepted can be written, and reads back as the
// same head.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "http/h1.h"

using namespace mynah;
using namespace mynah::http;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const MessageLimits limits;
  (void)judge_unfinished_request(bytes, limits);
  HeadSearch search;
  if (search.search(bytes) != HeadSearch::Found::end) return 0;
  Headers headers;
  RequestHead head;
  if (parse_request_head(bytes.substr(0, search.size()), "http", limits, headers, head) !=
      Refusal::none)
    return 0;

  // A head that names no host is HTTP/1.0's only.
  if (headers.value_or(":authority", "").empty()) {
    MYNAH_CHECK(head.version == Version::http10);
    return 0;
  }
  std::string out;
  const auto written =
      write_request_head(out, headers, {head.framing.body == Body::none ? End::yes : End::no});
  MYNAH_CHECK(written.ok());
  MYNAH_CHECK(written->framing.body == head.framing.body &&
              written->framing.length == head.framing.length);
  HeadSearch again;
  MYNAH_CHECK(again.search(out) == HeadSearch::Found::end && again.size() == out.size());
  Headers read;
  RequestHead read_head;
  // Fields made by the writer may be the ones that go over a limit of the reader.
  MessageLimits wide = limits;
  wide.header_count += 8;
  wide.header_bytes += 1024;
  MYNAH_CHECK(parse_request_head(out, "http", wide, read, read_head) == Refusal::none);
  MYNAH_CHECK(read_head.framing.body == head.framing.body &&
              read_head.framing.length == head.framing.length);
  for (const std::string_view name : {":method", ":authority", ":path"}) {
    MYNAH_CHECK(read.find(name) == headers.find(name));
  }
  return 0;
}
