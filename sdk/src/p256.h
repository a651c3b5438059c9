// SPDX-License-Identifier: Apache-2.0
// Verification of ECDSA signatures over the curve P-256 with SHA-256: FIPS 186-5, section 6.4.2.
// Only public numbers are worked with, so time tells nothing.
#pragma once

#include <string_view>

namespace mynah {
inline namespace plugin {
namespace inner {

// The coordinates of a public key, big-endian, 32 bytes each: whether they are a point of the
// curve.
bool p256_is_key(std::string_view x, std::string_view y);

// `signature` is r and s, big-endian, 32 bytes each; `x` and `y` are a key.
bool p256_sha256_verifies(std::string_view x, std::string_view y, std::string_view message,
                          std::string_view signature);

}  // namespace inner
}  // namespace plugin
}  // namespace mynah
