// SPDX-License-Identifier: Apache-2.0
// Memory in a module: malloc and its kin in a tenth of the room that the C library's take, and the
// functions on runs of bytes as the machine's own instructions. This file is no bitcode: the linker
// treats names that compilers call by themselves as fixed.
//
//   block := size (4 bytes, of the whole block), unused (4 bytes), memory
//
// Blocks lie 8 behind a multiple of 16, so that memory is aligned to 16. Small blocks
// are kept by size when they come back. Larger ones come from one list of free blocks, in the order
// of their addresses, in which neighbours become one again; it is short, for small blocks never
// come into it. The machine's memory grows by what is missing.
#ifdef __wasm__

#include <cstddef>
#include <cstdint>

extern "C" {

extern char __heap_base;  // the linker's: the first byte behind data and stack

namespace {

struct Block {
  std::size_t bytes;
  std::size_t unused;
  Block* next;  // of a free one; memory of one in use begins here
};

constexpr std::size_t kHeader = offsetof(Block, next);
constexpr std::size_t kStep = 16;
constexpr std::size_t kSmallMax = 512;
constexpr std::size_t kPage = 65536;

Block* small[kSmallMax / kStep + 1];
Block* large;
std::uintptr_t top;       // the first byte that was never used
std::uintptr_t room_end;  // of the machine's memory

Block* block_of(void* memory) {
  return reinterpret_cast<Block*>(static_cast<char*>(memory) - kHeader);
}

// Puts a block back, and joins it with the free ones on both sides.
void give_back(Block* block) {
  Block** link = &large;
  Block* before = nullptr;
  while (*link != nullptr && *link < block) {
    before = *link;
    link = &before->next;
  }
  Block* after = *link;
  if (after != nullptr &&
      reinterpret_cast<char*>(block) + block->bytes == reinterpret_cast<char*>(after)) {
    block->bytes += after->bytes;
    after = after->next;
  }
  block->next = after;
  if (before != nullptr &&
      reinterpret_cast<char*>(before) + before->bytes == reinterpret_cast<char*>(block)) {
    before->bytes += block->bytes;
    before->next = after;
  } else {
    *link = block;
  }
}

// A block from the end of memory; null when the machine may have no more.
Block* take_fresh(std::size_t bytes) {
  if (top == 0) {
    top = (reinterpret_cast<std::uintptr_t>(&__heap_base) + kStep - 1) / kStep * kStep + kHeader;
    room_end = __builtin_wasm_memory_size(0) * kPage;
  }
  if (room_end - top < bytes) {
    const std::size_t pages = (bytes - (room_end - top) + kPage - 1) / kPage;
    if (__builtin_wasm_memory_grow(0, pages) == SIZE_MAX) return nullptr;
    room_end += pages * kPage;
  }
  auto* block = reinterpret_cast<Block*>(top);
  block->bytes = bytes;
  top += bytes;
  return block;
}

// A small block, or the first free one that is large enough.
Block* take(std::size_t bytes) {
  Block** link = bytes <= kSmallMax ? &small[bytes / kStep] : &large;
  for (; *link != nullptr; link = &(*link)->next) {
    Block* block = *link;
    if (block->bytes < bytes) continue;
    const std::size_t rest = block->bytes - bytes;
    if (rest <= kSmallMax) {
      *link = block->next;
      return block;
    }
    // The rear is taken: the rest stays where it is in the list.
    block->bytes = rest;
    block = reinterpret_cast<Block*>(reinterpret_cast<char*>(block) + rest);
    block->bytes = bytes;
    return block;
  }
  return take_fresh(bytes);
}

}  // namespace

void* malloc(std::size_t size) {
  if (size > PTRDIFF_MAX) return nullptr;
  const std::size_t bytes = (size + kHeader + kStep - 1) / kStep * kStep;
  Block* block = take(bytes);
  return block == nullptr ? nullptr : &block->next;
}

void free(void* memory) {
  if (memory == nullptr) return;
  Block* block = block_of(memory);
  if (block->bytes > kSmallMax) return give_back(block);
  block->next = small[block->bytes / kStep];
  small[block->bytes / kStep] = block;
}

void* memcpy(void* to, const void* from, std::size_t size) {
  return __builtin_memcpy(to, from, size);
}
void* memmove(void* to, const void* from, std::size_t size) {
  return __builtin_memmove(to, from, size);
}
void* memset(void* to, int byte, std::size_t size) { return __builtin_memset(to, byte, size); }

void* calloc(std::size_t count, std::size_t size) {
  std::size_t bytes = 0;
  if (__builtin_mul_overflow(count, size, &bytes)) return nullptr;
  void* memory = malloc(bytes);
  if (memory != nullptr) memset(memory, 0, bytes);
  return memory;
}

void* realloc(void* memory, std::size_t size) {
  if (memory == nullptr) return malloc(size);
  const std::size_t before = block_of(memory)->bytes - kHeader;
  if (size <= before) return memory;
  void* larger = malloc(size);
  if (larger == nullptr) return nullptr;
  memcpy(larger, memory, before);
  free(memory);
  return larger;
}

// For alignments beyond that of every block there is no memory.
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  return alignment <= kStep ? malloc(size) : nullptr;
}
int posix_memalign(void** memory, std::size_t alignment, std::size_t size) {
  *memory = aligned_alloc(alignment, size);
  return *memory == nullptr ? 12 : 0;  // ENOMEM
}

int memcmp(const void* a, const void* b, std::size_t size) {
  const auto* x = static_cast<const unsigned char*>(a);
  const auto* y = static_cast<const unsigned char*>(b);
  for (; size > 0; --size, ++x, ++y) {
    if (*x != *y) return *x - *y;
  }
  return 0;
}

void* memchr(const void* in, int byte, std::size_t size) {
  const auto* at = static_cast<const unsigned char*>(in);
  for (; size > 0; --size, ++at) {
    if (*at == static_cast<unsigned char>(byte)) return const_cast<unsigned char*>(at);
  }
  return nullptr;
}

std::size_t strlen(const char* text) {
  const char* end = text;
  while (*end != '\0') ++end;
  return static_cast<std::size_t>(end - text);
}

}  // extern "C"

#endif
