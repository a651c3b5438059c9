// SPDX-License-Identifier: Apache-2.0
// A PROXY header is either complete, incomplete or refused; what is complete stays so with more
// bytes behind it.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "gateway/proxy_protocol.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const auto parsed = mynah::parse_proxy_header(bytes);
  if (!parsed || !*parsed) return 0;
  const auto again = mynah::parse_proxy_header(bytes + "tail");
  MYNAH_CHECK(again.ok() && again->has_value());
  MYNAH_CHECK((*again)->rest == (*parsed)->rest + "tail");
  return 0;
}
