// SPDX-License-Identifier: Apache-2.0
// Files that claim to be modules: looking at one never fails, and says either what it is or why it
// is refused.
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "wasm/inspect.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto found = mynah::wasm::inspect({reinterpret_cast<const char*>(data), size});
  MYNAH_CHECK(found.refusal.has_value() || found.abi.has_value());
  return 0;
}
