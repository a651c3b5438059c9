// SPDX-License-Identifier: Apache-2.0
// SharedBytes: bytes that never change, shared between threads by counting references atomically.
// One pointer wide, one allocation. The store hands its values out as these, so that a reader
// copies nothing and holds no lock. (Slice is the cheaper thing for what stays on one worker.)
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>
#include <string_view>
#include <utility>

#include "base/check.h"

namespace mynah {

class SharedBytes final {
 public:
  SharedBytes() = default;
  SharedBytes(SharedBytes&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  SharedBytes(const SharedBytes& other) noexcept : block_(other.block_) {
    if (block_ != nullptr && !block_->lives_forever()) {
      block_->references.fetch_add(1, std::memory_order_relaxed);
    }
  }
  SharedBytes& operator=(SharedBytes other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~SharedBytes() {
    if (block_ == nullptr || block_->lives_forever()) return;
    if (block_->references.fetch_sub(1, std::memory_order_acq_rel) == 1) std::free(block_);
  }

  static SharedBytes copy_of(std::string_view bytes) { return joined(bytes, {}); }
  static SharedBytes joined(std::string_view head, std::string_view tail) {
    return made_of(head, tail, 1);
  }
  // Bytes whose references are not counted, for constants: several threads copy it without touching
  // a shared counter.
  static SharedBytes immortal(std::string_view bytes) { return made_of(bytes, {}, 0); }

  [[nodiscard]] std::string_view view() const noexcept {
    return block_ == nullptr ? std::string_view() : std::string_view(block_->bytes(), block_->size);
  }
  [[nodiscard]] std::size_t size() const noexcept { return block_ == nullptr ? 0 : block_->size; }
  [[nodiscard]] bool empty() const noexcept { return size() == 0; }
  // What the bytes cost in memory, the allocator's share included.
  [[nodiscard]] std::size_t footprint() const noexcept {
    return block_ == nullptr ? 0 : ((sizeof(Block) + block_->size + 8 + 15) & ~std::size_t{15});
  }

  friend bool operator==(const SharedBytes& a, const SharedBytes& b) {
    return a.view() == b.view();
  }

 private:
  struct Block {
    std::atomic<std::uint32_t> references;  // 0: never counted, never freed.
    std::uint32_t size;
    char* bytes() { return reinterpret_cast<char*>(this + 1); }
    [[nodiscard]] bool lives_forever() const {
      return references.load(std::memory_order_relaxed) == 0;
    }
  };

  static SharedBytes made_of(std::string_view head, std::string_view tail,
                             std::uint32_t references) {
    const std::size_t size = head.size() + tail.size();
    SharedBytes made;
    if (size == 0) return made;
    MYNAH_CHECK(size <= std::numeric_limits<std::uint32_t>::max());
    void* memory = std::malloc(sizeof(Block) + size);
    MYNAH_CHECK(memory != nullptr);
    made.block_ = new (memory) Block{references, static_cast<std::uint32_t>(size)};
    if (!head.empty()) std::memcpy(made.block_->bytes(), head.data(), head.size());
    if (!tail.empty()) std::memcpy(made.block_->bytes() + head.size(), tail.data(), tail.size());
    return made;
  }

  Block* block_ = nullptr;
};

}  // namespace mynah
