// SPDX-License-Identifier: Apache-2.0
// SHA-256, for keys that must not collide even when somebody tries.
//
//   Sha256 hash;
//   hash.add("model=").add(model);
//   const std::string key = hash.hex();
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace mynah {
inline namespace plugin {

class Sha256 final {
 public:
  static constexpr std::size_t kBytes = 32;

  Sha256& add(std::string_view bytes);
  // The hash of what was added. Ends the hash: nothing can be added behind it.
  std::array<std::uint8_t, kBytes> bytes();
  // The same as 64 hexadecimal digits.
  std::string hex();

 private:
  static constexpr std::size_t kBlock = 64;

  void take_block(const std::uint8_t* block);

  std::array<std::uint32_t, 8> state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<std::uint8_t, kBlock> pending_{};
  std::size_t pending_size_ = 0;
  std::uint64_t size_ = 0;
};

}  // namespace plugin
}  // namespace mynah
