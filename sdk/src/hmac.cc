// SPDX-License-Identifier: Apache-2.0
// HMAC by RFC 2104.
#include "mynah/hmac.h"

#include <algorithm>
#include <string>

namespace mynah {
inline namespace plugin {

std::array<std::uint8_t, Sha256::kBytes> hmac_sha256(std::string_view key,
                                                     std::string_view message) {
  constexpr std::size_t kBlock = 64;
  std::string inner(kBlock, '\0');
  if (key.size() > kBlock) {
    const auto hash = Sha256().add(key).bytes();
    std::ranges::copy(as_text(hash), inner.begin());
  } else {
    std::ranges::copy(key, inner.begin());
  }
  std::string outer = inner;
  for (char& c : inner) c = static_cast<char>(c ^ 0x36);
  for (char& c : outer) c = static_cast<char>(c ^ 0x5C);
  const auto hash = Sha256().add(inner).add(message).bytes();
  return Sha256().add(outer).add(as_text(hash)).bytes();
}

bool equal_secrets(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference |= static_cast<unsigned char>(a[i] ^ b[i]);
  return difference == 0;
}

}  // namespace plugin
}  // namespace mynah
