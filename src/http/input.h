// SPDX-License-Identifier: Apache-2.0
// The bytes that came in on a connection and were not used yet. They lie in one block, contiguous;
// slices of the body share the block instead of copying out of it. With nothing unread the block
// can be given back, so that a connection that waits holds no memory.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "base/slice.h"

namespace mynah::http {

class InputBuffer final {
 public:
  InputBuffer() = default;
  InputBuffer(const InputBuffer&) = delete;
  InputBuffer& operator=(const InputBuffer&) = delete;
  ~InputBuffer();

  [[nodiscard]] bool empty() const { return begin_ == end_; }
  [[nodiscard]] std::string_view unread() const {
    return {begin_, static_cast<std::size_t>(end_ - begin_)};
  }
  void consume(std::size_t count) { begin_ += count; }
  // The first `count` unread bytes as a slice; they are consumed.
  Slice take(std::size_t count);

  // For decoders that move data together in place: bytes before the unread ones that were consumed
  // since the last read.
  [[nodiscard]] char* position() { return begin_; }
  [[nodiscard]] Slice slice(const char* from, std::size_t count);

  // Where the next bytes go: at least one, behind those that are unread.
  std::span<char> room();
  void filled(std::size_t count);

  void append(std::string_view bytes);
  // Gives the block back if nothing is unread.
  void release_if_empty();

 private:
  class Block;

  void start_block(std::size_t capacity);

  Block* block_ = nullptr;
  char* begin_ = nullptr;
  char* end_ = nullptr;
  char* limit_ = nullptr;
  bool filled_up_ = false;  // The last read took all there was room for, so a bigger block pays.
};

}  // namespace mynah::http
