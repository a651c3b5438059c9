// SPDX-License-Identifier: Apache-2.0
// Random bytes from the host, fit for keys and tokens, and names made of them.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace mynah {
inline namespace plugin {

// Fills the bytes. A host without a source of them ends the machine: nobody goes on with zeros.
void random_bytes(std::span<std::uint8_t> bytes);
[[nodiscard]] std::uint64_t random_number();
// "f81d4fae-7dec-41d0-a765-00a0c91e6bf6", version 4 of RFC 9562.
[[nodiscard]] std::string uuid();

}  // namespace plugin
}  // namespace mynah
