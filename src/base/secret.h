// SPDX-License-Identifier: Apache-2.0
// Comparing secrets, so that the time it takes tells nothing about them but their length.
#pragma once

#include <cstddef>
#include <string_view>

namespace mynah {

inline bool same_secret(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned char difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference |= static_cast<unsigned char>(a[i] ^ b[i]);
    // What has been found so far must not let the loop end.
    asm volatile("" : "+r"(difference));
  }
  return difference == 0;
}

}  // namespace mynah
