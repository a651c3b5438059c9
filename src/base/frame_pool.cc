// SPDX-License-Identifier: Apache-2.0
// Lists of free frames, one for each size class. A frame may end on another thread than it began
// on; it then joins that thread's list. What a thread keeps is bounded; it goes back to the system
// when the thread ends. tidy: allow-file new: memory of frames, which the compiler asks for and
// gives back tidy: allow-file delete: as above
#include "base/frame_pool.h"

#include <array>
#include <new>

namespace mynah::frames {

#ifdef MYNAH_SANITIZED

void* take(std::size_t size) { return ::operator new(size); }
void give_back(void* frame, std::size_t) noexcept { ::operator delete(frame); }

#else

namespace {

constexpr std::size_t kClassBytes = 64;
constexpr std::size_t kClasses = 32;  // Frames of up to 2 KiB are kept.
constexpr std::size_t kKeptMax = 256;

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
  return (size + kClassBytes - 1) / kClassBytes - 1;
}

}  // namespace

void* take(std::size_t size) {
  const std::size_t index = class_of(size);
  if (index >= kClasses) return ::operator new(size);
  Free* frame = lists.first[index];
  if (frame == nullptr) return ::operator new((index + 1) * kClassBytes);
  lists.first[index] = frame->next;
  --lists.kept[index];
  return frame;
}

void give_back(void* frame, std::size_t size) noexcept {
  const std::size_t index = class_of(size);
  if (index >= kClasses || lists.closed || lists.kept[index] >= kKeptMax)
    return ::operator delete(frame);
  auto* free = static_cast<Free*>(frame);
  free->next = lists.first[index];
  lists.first[index] = free;
  ++lists.kept[index];
}

#endif

}  // namespace mynah::frames
