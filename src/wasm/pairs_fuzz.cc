// SPDX-License-Identifier: Apache-2.0
// Pairs from a hostile plug-in: what is read writes back as something that reads the same.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "wasm/pairs.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mynah;
  Headers read;
  if (!wasm::read_pairs({reinterpret_cast<const char*>(data), size}, 100, 10'000, read)) return 0;
  std::string written(wasm::pairs_size(read), '\0');
  wasm::write_pairs(read, written.data());
  Headers again;
  MYNAH_CHECK(wasm::read_pairs(written, 100, 10'000, again).ok());
  MYNAH_CHECK(read == again);
  return 0;
}
