// SPDX-License-Identifier: Apache-2.0
// The receiving half of a connection: blocks of memory that slices keep alive.
#include "http/input.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "base/recycled.h"
#include "base/recycled_blocks.h"

namespace mynah::http {
namespace {

using recycled::kBlockBytes;  // Of all sizes the one that is recycled as a block.
constexpr std::size_t kBigBlockBytes = 64 * 1024;
// With less room than this left, a read is not worth its system call: the next block is begun.
constexpr std::size_t kRoomMin = 2 * 1024;

}  // namespace

// The bytes follow the object in the same memory.
class InputBuffer::Block final : public SliceOwner {
 public:
  static Block* make(std::size_t bytes) {
    return new (recycled::take(bytes)) Block(bytes);  // tidy: allow new: into that memory
  }
  static std::size_t capacity(std::size_t bytes) { return bytes - sizeof(Block); }
  char* bytes() { return reinterpret_cast<char*>(this + 1); }

 private:
  explicit Block(std::size_t taken) : taken_(taken) {}

  void destroy() noexcept override {
    const std::size_t taken = taken_;
    this->~Block();
    recycled::give_back(this, taken);
  }

  std::size_t taken_;
};

InputBuffer::~InputBuffer() {
  if (block_ != nullptr) block_->release();
}

void InputBuffer::start_block(std::size_t bytes) {
  Block* const next = Block::make(bytes);
  const std::string_view kept = unread();
  if (!kept.empty()) std::memcpy(next->bytes(), kept.data(), kept.size());
  if (block_ != nullptr) block_->release();
  block_ = next;
  begin_ = next->bytes();
  end_ = begin_ + kept.size();
  limit_ = begin_ + Block::capacity(bytes);
}

std::span<char> InputBuffer::room() {
  if (block_ != nullptr && empty() && block_->unshared()) begin_ = end_ = block_->bytes();
  if (static_cast<std::size_t>(limit_ - end_) < kRoomMin) {
    const std::size_t wanted = filled_up_ ? kBigBlockBytes : kBlockBytes;
    start_block(std::max(wanted, 2 * unread().size() + kBlockBytes));
  }
  return {end_, static_cast<std::size_t>(limit_ - end_)};
}

void InputBuffer::filled(std::size_t count) {
  end_ += count;
  filled_up_ = end_ == limit_;
}

void InputBuffer::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::span<char> to = room();
    const std::size_t count = std::min(to.size(), bytes.size());
    std::memcpy(to.data(), bytes.data(), count);
    filled(count);
    bytes.remove_prefix(count);
  }
}

Slice InputBuffer::take(std::size_t count) {
  Slice taken = slice(begin_, count);
  begin_ += count;
  return taken;
}

Slice InputBuffer::slice(const char* from, std::size_t count) { return {*block_, {from, count}}; }

void InputBuffer::release_if_empty() {
  if (!empty() || block_ == nullptr) return;
  std::exchange(block_, nullptr)->release();
  begin_ = end_ = limit_ = nullptr;
  filled_up_ = false;
}

}  // namespace mynah::http
