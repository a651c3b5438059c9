// SPDX-License-Identifier: Apache-2.0
// HMAC with SHA-256, and the comparison that goes with it.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "mynah/hash.h"

namespace mynah {
inline namespace plugin {

[[nodiscard]] std::array<std::uint8_t, Sha256::kBytes> hmac_sha256(std::string_view key,
                                                                   std::string_view message);

// Takes as long for texts that differ in the first byte as for equal ones; the length is no secret.
[[nodiscard]] bool equal_secrets(std::string_view a, std::string_view b);

// The bytes of a hash as text, for base64() and comparison.
template <std::size_t Size>
[[nodiscard]] std::string_view as_text(const std::array<std::uint8_t, Size>& bytes
                                       [[clang::lifetimebound]]) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace plugin
}  // namespace mynah
