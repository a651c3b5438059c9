// SPDX-License-Identifier: Apache-2.0
// Lookups in the tables of characters.
#include "han.h"

#include "han.generated.h"

namespace gate {

bool is_han(char32_t c) {
  return (c >= 0x3400 && c <= 0x9FFF) || (c >= 0xF900 && c <= 0xFAFF) ||
         (c >= 0x20000 && c <= 0x3FFFF);
}

char32_t simplified(char32_t c) {
  if (!is_han(c) || c > 0x9FFF) return c;
  std::size_t low = 0;
  std::size_t high = kSimplified.size() / 2;
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (kSimplified[2 * middle] < c) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return 2 * low < kSimplified.size() && kSimplified[2 * low] == c ? kSimplified[2 * low + 1] : c;
}

bool sound_alike(char32_t a, char32_t b) {
  if (a == b || a > 0xFFFF || b > 0xFFFF) return false;
  const std::size_t at = kReadings.find(static_cast<char16_t>(a));
  if (at == std::u16string_view::npos) return false;
  const std::size_t begin = kReadings.rfind(u' ', at) + 1;
  const auto group = kReadings.substr(begin, kReadings.find(u' ', at) - begin);
  return group.find(static_cast<char16_t>(b)) != std::u16string_view::npos;
}

}  // namespace gate
