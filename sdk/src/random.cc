// SPDX-License-Identifier: Apache-2.0
// The host's random bytes: WASI's in a module, the system's natively.
#include "mynah/random.h"

#include <cstring>
#ifndef __wasm__
#include <sys/random.h>
#endif

#include "base/check.h"

#ifdef __wasm__
extern "C" [[clang::import_module("wasi_snapshot_preview1"),
             clang::import_name("random_get")]] std::uint16_t
mynah_random_get(std::uint8_t* bytes, std::size_t size);
#else
static int mynah_random_get(std::uint8_t* bytes, std::size_t size) {
  return ::getrandom(bytes, size, 0) == static_cast<ssize_t>(size) ? 0 : 1;
}
#endif

namespace mynah {
inline namespace plugin {

void random_bytes(std::span<std::uint8_t> bytes) {
  MYNAH_CHECK(mynah_random_get(bytes.data(), bytes.size()) == 0);
}

std::uint64_t random_number() {
  std::uint8_t bytes[8];
  random_bytes(bytes);
  std::uint64_t number = 0;
  std::memcpy(&number, bytes, sizeof number);
  return number;
}

std::string uuid() {
  std::uint8_t bytes[16];
  random_bytes(bytes);
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0FU) | 0x40U);
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3FU) | 0x80U);
  std::string text;
  for (int i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += "0123456789abcdef"[bytes[i] >> 4U];
    text += "0123456789abcdef"[bytes[i] & 15U];
  }
  return text;
}

}  // namespace plugin
}  // namespace mynah
