// SPDX-License-Identifier: Apache-2.0
// Bytes: a run of bytes that the host handed over, owned. Reading it as text borrows from it.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

namespace mynah {
inline namespace plugin {

class Bytes final {
 public:
  Bytes() = default;
  // Takes over memory of the function that the plug-in exports to the host, which is malloc.
  static Bytes adopt(char* data, std::size_t size) { return Bytes(data, size); }
  Bytes(Bytes&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Bytes& operator=(Bytes&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Bytes() { std::free(data_); }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::string_view text() const [[clang::lifetimebound]] { return {data_, size_}; }
  operator std::string_view() const [[clang::lifetimebound]] { return text(); }
  [[nodiscard]] std::string str() const { return std::string(text()); }

 private:
  Bytes(char* data, std::size_t size) : data_(data), size_(size) {}

  char* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace plugin
}  // namespace mynah
