// SPDX-License-Identifier: Apache-2.0
// tidy: allow-file mutex: threads come here only for what their own lists cannot give or keep
// tidy: allow-file new: threads that end late still give blocks back
#include "base/recycled_blocks.h"

#ifdef __wasm__
#include <new>
#else
#include <cstdlib>
#include <mutex>
#include <sys/mman.h>
#include <vector>
#endif

namespace mynah::recycled {

#ifdef __wasm__  // A module has one heap for everything.

void* take_block() { return ::operator new(kBlockBytes); }
void give_block_back(void* block) noexcept { ::operator delete(block); }

#else

namespace {

constexpr std::size_t kBlocksMapped = 256;

class BlockSource final {
 public:
  void* take() {
    const std::lock_guard lock(mutex_);
    if (places_.empty()) map();
    void* const block = places_.back();
    places_.pop_back();
    return block;
  }

  void give_back(void* block) noexcept {
    ::madvise(block, kBlockBytes, MADV_DONTNEED);
    const std::lock_guard lock(mutex_);
    places_.push_back(block);
  }

 private:
  void map() {
    constexpr std::size_t kBytes = kBlocksMapped * kBlockBytes;
    void* const mapped =
        ::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) std::abort();  // Out of memory: as it ends for any other piece.
    mapped_ += kBlocksMapped;
    places_.reserve(mapped_);  // Giving back must not need memory.
    for (std::size_t i = kBlocksMapped; i-- > 0;)
      places_.push_back(static_cast<char*>(mapped) + i * kBlockBytes);
  }

  std::mutex mutex_;
  std::vector<void*> places_;
  std::size_t mapped_ = 0;
};

BlockSource& source() {
  static auto& only = *new BlockSource;
  return only;
}

}  // namespace

void* take_block() { return source().take(); }
void give_block_back(void* block) noexcept { source().give_back(block); }

#endif

}  // namespace mynah::recycled
