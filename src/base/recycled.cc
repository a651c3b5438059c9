// SPDX-License-Identifier: Apache-2.0
// Lists of free memory, one for each class of sizes. What was taken on one thread may be given back
// on another; it then joins that thread's list. What a thread keeps is bounded; it goes back to the
// system when the thread ends.
// tidy: allow-file new: memory that is no object
// tidy: allow-file delete: as above
#include "base/recycled.h"

#include <array>
#include <new>

#include "base/recycled_blocks.h"

namespace mynah::recycled {

#ifdef MYNAH_SANITIZED

void* take(std::size_t size) { return ::operator new(size); }
void give_back(void* memory, std::size_t) noexcept { ::operator delete(memory); }

#else

namespace {

constexpr std::size_t kStep = 64;
constexpr std::size_t kSmallMax = 2 * 1024;
// A class for each step up to the small ones, one for blocks.
constexpr std::size_t kSmallClasses = kSmallMax / kStep;
constexpr std::size_t kClasses = kSmallClasses + 1;
constexpr std::size_t kSmallKeptMax = 256;
constexpr std::size_t kBlocksKeptMax = 128;

struct Free {
  Free* next;
};

constexpr std::size_t class_of(std::size_t size) {
  if (size <= kSmallMax) return (size + kStep - 1) / kStep - 1;
  return size == kBlockBytes ? kSmallClasses : kClasses;
}
constexpr std::size_t kept_max(std::size_t index) {
  return index == kSmallClasses ? kBlocksKeptMax : kSmallKeptMax;
}

void* take_new(std::size_t index) {
  return index == kSmallClasses ? take_block() : ::operator new((index + 1) * kStep);
}
void drop(void* memory, std::size_t index) noexcept {
  if (index == kSmallClasses) return give_block_back(memory);
  ::operator delete(memory);
}

struct Lists {
  std::array<Free*, kClasses> first{};
  std::array<std::size_t, kClasses> kept{};
  bool closed = false;

#ifndef __wasm__  // A module's memory goes as a whole.
  Lists() = default;
  Lists(const Lists&) = delete;
  Lists& operator=(const Lists&) = delete;
  ~Lists() {
    closed = true;
    for (std::size_t index = 0; index < kClasses; ++index) {
      while (Free* const free = first[index]) {
        first[index] = free->next;
        drop(free, index);
      }
    }
  }
#endif
};

thread_local Lists lists;

}  // namespace

void* take(std::size_t size) {
  const std::size_t index = class_of(size);
  if (index >= kClasses) return ::operator new(size);
  Free* const free = lists.first[index];
  if (free == nullptr) return take_new(index);
  lists.first[index] = free->next;
  --lists.kept[index];
  return free;
}

void give_back(void* memory, std::size_t size) noexcept {
  const std::size_t index = class_of(size);
  if (index >= kClasses) return ::operator delete(memory);
  if (lists.closed || lists.kept[index] >= kept_max(index)) return drop(memory, index);
  auto* free = static_cast<Free*>(memory);
  free->next = lists.first[index];
  lists.first[index] = free;
  ++lists.kept[index];
}

#endif

}  // namespace mynah::recycled
