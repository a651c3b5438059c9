// SPDX-License-Identifier: Apache-2.0
// Any bytes as a response head. Property: what is accepted can be written, and reads back with the
// same status.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "http/h1.h"

using namespace mynah;
using namespace mynah::http;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const Asked asked{(data[0] & 1) != 0, (data[0] & 2) != 0};
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  const MessageLimits limits;
  (void)judge_unfinished_response(bytes, limits);
  HeadSearch search;
  if (search.search(bytes) != HeadSearch::Found::end) return 0;
  Headers headers;
  ResponseHead head;
  if (parse_response_head(bytes.substr(0, search.size()), asked, limits, headers, head) !=
      Refusal::none)
    return 0;

  std::string out;
  const End end = head.framing.body == Body::none ? End::yes : End::no;
  const auto written = write_response_head(out, headers, {.end = end, .head = asked.head});
  MYNAH_CHECK(written.ok());
  Headers read;
  ResponseHead read_head;
  MessageLimits wide = limits;
  wide.header_count += 8;
  wide.header_bytes += 1024;
  MYNAH_CHECK(parse_response_head(out, asked, wide, read, read_head) == Refusal::none);
  MYNAH_CHECK(read_head.status == head.status);
  return 0;
}
