// SPDX-License-Identifier: Apache-2.0
// Rows: what the SDK keeps in place of std::vector where a list is short and its elements are plain
// bytes. The code that makes room is written once, not for each type: in a small plug-in that is a
// tenth of the configuration's reader.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>

namespace mynah {
inline namespace plugin {
namespace inner {

class RowsBase {
 public:
  RowsBase() = default;
  RowsBase(const RowsBase&) = delete;
  ~RowsBase() { ::operator delete(data_); }
  [[nodiscard]] std::uint32_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }

 protected:
  // Room for one more of that size; without memory the machine ends.
  void* add(std::size_t bytes);

  void* data_ = nullptr;
  std::uint32_t size_ = 0;
};

template <class T>
class Rows final : public RowsBase {
 public:
  T& push_back(const T& element) {
    static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= 8);
    const T copy = element;  // It may lie in this very list.
    return *static_cast<T*>(__builtin_memcpy(add(sizeof(T)), &copy, sizeof(T)));
  }
  void pop_back() { --size_; }

  [[nodiscard]] T* begin() const { return static_cast<T*>(data_); }
  [[nodiscard]] T* end() const { return begin() + size_; }
  [[nodiscard]] T& operator[](std::size_t index) const { return begin()[index]; }
  [[nodiscard]] T& back() const { return end()[-1]; }
};

}  // namespace inner
}  // namespace plugin
}  // namespace mynah
