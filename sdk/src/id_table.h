// SPDX-License-Identifier: Apache-2.0
// IdTable: a flat table from the host's numbers to pointers: open addressing, linear probing, no
// tombstones. It grows and never shrinks, so a steady load allocates nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace mynah {
inline namespace plugin {
namespace inner {

template <class Pointer>
class IdTable final {
 public:
  [[nodiscard]] Pointer find(std::uint32_t id) const {
    for (std::size_t i = home(id); size_ != 0 && slots_[i].value != nullptr; i = (i + 1) & mask_) {
      if (slots_[i].id == id) return slots_[i].value;
    }
    return nullptr;
  }

  // Replaces what the id meant before.
  void put(std::uint32_t id, Pointer value) {
    if ((size_ + 1) * 4 > capacity() * 3) grow();
    std::size_t i = home(id);
    while (slots_[i].value != nullptr && slots_[i].id != id) i = (i + 1) & mask_;
    if (slots_[i].value == nullptr) ++size_;
    slots_[i] = {id, value};
  }

  Pointer take(std::uint32_t id) {
    if (size_ == 0) return nullptr;
    std::size_t hole = home(id);
    while (slots_[hole].value != nullptr && slots_[hole].id != id) hole = (hole + 1) & mask_;
    const Pointer taken = std::exchange(slots_[hole].value, nullptr);
    if (taken == nullptr) return nullptr;
    --size_;
    // Moves up those behind the hole that would not be found across it.
    for (std::size_t i = (hole + 1) & mask_; slots_[i].value != nullptr; i = (i + 1) & mask_) {
      if (((i - home(slots_[i].id)) & mask_) < ((i - hole) & mask_)) continue;
      slots_[hole] = std::exchange(slots_[i], Slot{});
      hole = i;
    }
    return taken;
  }

  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  struct Slot {
    std::uint32_t id = 0;
    Pointer value = nullptr;
  };

  [[nodiscard]] std::size_t capacity() const { return slots_ == nullptr ? 0 : mask_ + 1; }
  [[nodiscard]] std::size_t home(std::uint32_t id) const { return (id * 2654435769U) >> 7 & mask_; }

  void grow() {
    const std::size_t before = capacity();
    auto old = std::exchange(slots_, std::make_unique<Slot[]>(before == 0 ? 16 : before * 2));
    mask_ = (before == 0 ? 16 : before * 2) - 1;
    size_ = 0;
    for (std::size_t i = 0; i < before; ++i) {
      if (old[i].value != nullptr) put(old[i].id, old[i].value);
    }
  }

  std::unique_ptr<Slot[]> slots_;
  std::size_t mask_ = 0;
  std::size_t size_ = 0;
};

}  // namespace inner
}  // namespace plugin
}  // namespace mynah
