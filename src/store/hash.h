// SPDX-License-Identifier: Apache-2.0
// A fast hash of bytes under a secret seed, so that nobody outside can choose keys that collide.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace mynah::store {

struct HashSeed {
  std::uint64_t a = 0;
  std::uint64_t b = 0;
};

namespace detail {

inline std::uint64_t fold(std::uint64_t x, std::uint64_t y) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = Wide{x} * y;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

template <class Word>
std::uint64_t load(const char* from) {
  Word word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

}  // namespace detail

// Multiplies the bytes, sixteen at a time, into the state; all 64 bits of the result are good.
inline std::uint64_t hash_of(std::string_view key, HashSeed seed) {
  const char* at = key.data();
  std::size_t left = key.size();
  std::uint64_t state = seed.a ^ detail::fold(left ^ seed.b, 0x9e3779b97f4a7c15);
  for (; left > 16; left -= 16, at += 16) {
    state = detail::fold(detail::load<std::uint64_t>(at) ^ seed.b,
                         detail::load<std::uint64_t>(at + 8) ^ state);
  }
  // What is left is read as two words, which overlap when it is shorter than both.
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  if (left >= 8) {
    low = detail::load<std::uint64_t>(at);
    high = detail::load<std::uint64_t>(at + left - 8);
  } else if (left >= 4) {
    low = detail::load<std::uint32_t>(at);
    high = detail::load<std::uint32_t>(at + left - 4);
  } else if (left > 0) {
    low = static_cast<unsigned char>(at[0]);
    high = static_cast<std::uint64_t>(static_cast<unsigned char>(at[left / 2])) << 8 |
           static_cast<unsigned char>(at[left - 1]);
  }
  state = detail::fold(low ^ seed.b, high ^ state);
  return detail::fold(state ^ seed.a, 0xd6e8feb86659fd93 ^ key.size());
}

}  // namespace mynah::store
