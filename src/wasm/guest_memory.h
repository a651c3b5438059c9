// SPDX-License-Identifier: Apache-2.0
// GuestMemory: the memory of a plug-in as bytes with a size, every access checked. A value is good
// until the plug-in runs again, because memory that grows may move.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>

namespace mynah::wasm {

using GuestAddress = std::uint32_t;

class GuestMemory final {
 public:
  GuestMemory(char* bytes, std::size_t size) : bytes_(bytes), size_(size) {}

  [[nodiscard]] bool contains(GuestAddress at, std::uint64_t count) const {
    return std::uint64_t{at} + count <= size_;
  }
  // None when any of it lies outside.
  [[nodiscard]] std::optional<std::string_view> read(GuestAddress at, std::uint32_t count) const {
    if (!contains(at, count)) return std::nullopt;
    return std::string_view(bytes_ + at, count);
  }
  [[nodiscard]] std::optional<std::span<char>> room(GuestAddress at, std::uint32_t count) const {
    if (!contains(at, count)) return std::nullopt;
    return std::span<char>(bytes_ + at, count);
  }

  // A number at any alignment; the host is little-endian as the guest is.
  template <class T>
  [[nodiscard]] std::optional<T> load(GuestAddress at) const {
    if (!contains(at, sizeof(T))) return std::nullopt;
    T value;
    std::memcpy(&value, bytes_ + at, sizeof value);
    return value;
  }
  template <class T>
  [[nodiscard]] bool store(GuestAddress at, T value) const {
    if (!contains(at, sizeof(T))) return false;
    std::memcpy(bytes_ + at, &value, sizeof value);
    return true;
  }

 private:
  char* bytes_;
  std::size_t size_;
};

}  // namespace mynah::wasm
