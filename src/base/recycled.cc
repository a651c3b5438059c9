// SPDX-License-Identifier: Apache-2.0
// Lists of free memory, one for each class of sizes. What was taken on one thread may be given back
// on another; it then joins that thread's list. What a thread keeps is bounded; it goes back to the
// system when the thread ends.
// tidy: allow-file new: memory that is no object
// tidy: allow-file delete: as above
#include "base/recycled.h"

#include <array>
#include <new>

namespace mynah::recycled {

#ifdef MYNAH_SANITIZED

void* take(std::size_t size) { return ::operator new(size); }
void give_back(void* memory, std::size_t) noexcept { ::operator delete(memory); }

#else

namespace {

constexpr std::size_t kStep = 64;
constexpr std::size_t kSmallMax = 2 * 1024;
constexpr std::size_t kBlockBytes = 16 * 1024;
// A class for each step up to the small ones, one for blocks.
constexpr std::size_t kSmallClasses = kSmallMax / kStep;
constexpr std::size_t kClasses = kSmallClasses + 1;
constexpr std::size_t kSmallKeptMax = 256;
constexpr std::size_t kBlocksKeptMax = 64;

struct Free {
  Free* next;
};

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
    for (Free*& list : first) {
      while (list != nullptr) {
        Free* next = list->next;
        ::operator delete(list);
        list = next;
      }
    }
  }
#endif
};

thread_local Lists lists;

constexpr std::size_t class_of(std::size_t size) {
  if (size <= kSmallMax) return (size + kStep - 1) / kStep - 1;
  return size == kBlockBytes ? kSmallClasses : kClasses;
}
constexpr std::size_t bytes_of(std::size_t index) {
  return index == kSmallClasses ? kBlockBytes : (index + 1) * kStep;
}
constexpr std::size_t kept_max(std::size_t index) {
  return index == kSmallClasses ? kBlocksKeptMax : kSmallKeptMax;
}

}  // namespace

void* take(std::size_t size) {
  const std::size_t index = class_of(size);
  if (index >= kClasses) return ::operator new(size);
  Free* const free = lists.first[index];
  if (free == nullptr) return ::operator new(bytes_of(index));
  lists.first[index] = free->next;
  --lists.kept[index];
  return free;
}

void give_back(void* memory, std::size_t size) noexcept {
  const std::size_t index = class_of(size);
  if (index >= kClasses || lists.closed || lists.kept[index] >= kept_max(index))
    return ::operator delete(memory);
  auto* free = static_cast<Free*>(memory);
  free->next = lists.first[index];
  lists.first[index] = free;
  ++lists.kept[index];
}

#endif

}  // namespace mynah::recycled
