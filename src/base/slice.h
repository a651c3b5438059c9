// SPDX-License-Identifier: Apache-2.0
// Slice: a piece of bytes that nobody changes any more, shared by counting references. SliceChain:
// a body, as a row of slices. Bodies pass through the gateway as chains, so that bytes that no
// filter looks at are never copied.
//
// The count is not atomic: a slice lives and dies on one worker. Bytes that go to another worker
// are copied.
// tidy: allow-file string_view: views into memory that the slice itself keeps
// tidy: allow-file delete: the reference count owns the memory
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/recycled.h"

namespace mynah {

// Memory that slices point into. Made by make(), or derived by whoever has memory of another
// origin.
class SliceOwner {
 public:
  SliceOwner() = default;
  SliceOwner(const SliceOwner&) = delete;
  SliceOwner& operator=(const SliceOwner&) = delete;

  void acquire() noexcept { ++references_; }
  void release() noexcept {
    if (--references_ == 0) destroy();
  }
  // True when the one who asks holds the only reference.
  [[nodiscard]] bool unshared() const noexcept { return references_ == 1; }

 protected:
  virtual ~SliceOwner() = default;
  virtual void destroy() noexcept { delete this; }

 private:
  std::uint32_t references_ = 1;
};

class Slice final {
 public:
  Slice() = default;
  // A part of the owner's memory; takes one reference more.
  Slice(SliceOwner& owner, std::string_view bytes) noexcept : owner_(&owner), bytes_(bytes) {
    owner.acquire();
  }
  Slice(Slice&& other) noexcept
      : owner_(std::exchange(other.owner_, nullptr)), bytes_(std::exchange(other.bytes_, {})) {}
  Slice(const Slice& other) noexcept : owner_(other.owner_), bytes_(other.bytes_) {
    if (owner_ != nullptr) owner_->acquire();
  }
  Slice& operator=(Slice other) noexcept {
    std::swap(owner_, other.owner_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~Slice() {
    if (owner_ != nullptr) owner_->release();
  }

  static Slice copy_of(std::string_view bytes);
  static Slice of(std::string&& text);
  // Bytes that live as long as the program.
  static Slice of_static(std::string_view bytes) {
    Slice slice;
    slice.bytes_ = bytes;
    return slice;
  }

  [[nodiscard]] std::string_view view() const noexcept { return bytes_; }
  [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }
  [[nodiscard]] bool empty() const noexcept { return bytes_.empty(); }

  // The part from `offset` on, at most `count` bytes of it; shares the memory.
  [[nodiscard]] Slice part(std::size_t offset, std::size_t count = std::string_view::npos) const {
    Slice slice(*this);
    slice.bytes_ = bytes_.substr(offset, count);
    return slice;
  }
  void drop_front(std::size_t count) { bytes_.remove_prefix(count); }

 private:
  SliceOwner* owner_ = nullptr;
  std::string_view bytes_;
};

class SliceChain final {
 public:
  SliceChain() = default;
  SliceChain(SliceChain&& other) noexcept { *this = std::move(other); }
  SliceChain& operator=(SliceChain&& other) noexcept;
  SliceChain(const SliceChain&) = default;
  SliceChain& operator=(const SliceChain&) = default;
  ~SliceChain() = default;
  explicit SliceChain(Slice slice) { append(std::move(slice)); }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] auto begin() const { return slices_.begin() + static_cast<std::ptrdiff_t>(taken_); }
  [[nodiscard]] auto end() const { return slices_.end(); }

  void append(Slice slice);
  void append(SliceChain chain);
  // Removes and returns the first slice; empty when there is none.
  Slice take_slice();
  // Removes and returns the first `count` bytes, or all there are.
  SliceChain take_front(std::size_t count);
  // Puts `bytes` in the place of `count` bytes at `offset`; both are cut to what is there.
  void replace(std::size_t offset, std::size_t count, std::string_view bytes);
  void clear();

  // Copies at most `count` bytes from `offset` on.
  [[nodiscard]] std::string copy(std::size_t offset = 0,
                                 std::size_t count = std::string::npos) const;
  // All bytes in one piece: joins the slices first when there are several.
  std::string_view flat();

 private:
  // A row that is taken from the front as it is filled from the back, and that costs nothing while
  // it is empty, as most are.
  std::vector<Slice, recycled::Allocator<Slice>> slices_;
  std::size_t taken_ = 0;  // Of the slices, those at the front that are empty by now.
  std::size_t size_ = 0;
};

}  // namespace mynah
