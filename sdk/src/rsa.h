// SPDX-License-Identifier: Apache-2.0
// Verification of RSA signatures: PKCS #1 version 1.5 with SHA-256, RFC 8017 section 8.2.2. Only
// public numbers are worked with, so time tells nothing.
#pragma once

#include <cstdint>
#include <string_view>

namespace mynah {
inline namespace plugin {
namespace inner {

// `modulus` big-endian, without leading zeros, odd, of 256 to 512 bytes.
bool rsa_sha256_verifies(std::string_view modulus, std::uint64_t exponent, std::string_view message,
                         std::string_view signature);

}  // namespace inner
}  // namespace plugin
}  // namespace mynah
