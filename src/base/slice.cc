// SPDX-License-Identifier: Apache-2.0
// Slices of strings, and the row of slices that is a body.
#include "base/slice.h"

#include <algorithm>

namespace mynah {
namespace {

// So many places in front are put up with before what follows is moved there.
constexpr std::size_t kTakenMax = 32;

class StringOwner final : public SliceOwner {
 public:
  explicit StringOwner(std::string&& text) : text_(std::move(text)) {}
  [[nodiscard]] std::string_view text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace

Slice Slice::copy_of(std::string_view bytes) {
  if (bytes.empty()) return {};
  return of(std::string(bytes));
}

Slice Slice::of(std::string&& text) {
  if (text.empty()) return {};
  auto* owner = new StringOwner(std::move(text));  // tidy: allow new: the reference count owns it
  Slice slice(*owner, owner->text());
  owner->release();
  return slice;
}

SliceChain& SliceChain::operator=(SliceChain&& other) noexcept {
  if (this == &other) return *this;
  slices_ = std::move(other.slices_);
  taken_ = other.taken_;
  size_ = other.size_;
  other.clear();
  return *this;
}

void SliceChain::append(Slice slice) {
  if (slice.empty()) return;
  size_ += slice.size();
  slices_.push_back(std::move(slice));
}

void SliceChain::append(SliceChain chain) {
  while (!chain.empty()) append(chain.take_slice());
}

Slice SliceChain::take_slice() {
  if (empty()) return {};
  Slice slice = std::move(slices_[taken_++]);
  size_ -= slice.size();
  if (taken_ == slices_.size()) {
    clear();
  } else if (taken_ >= kTakenMax && taken_ >= slices_.size() / 2) {
    slices_.erase(slices_.begin(), slices_.begin() + static_cast<std::ptrdiff_t>(taken_));
    taken_ = 0;
  }
  return slice;
}

SliceChain SliceChain::take_front(std::size_t count) {
  SliceChain front;
  while (count > 0 && !empty()) {
    Slice& first = slices_[taken_];
    if (first.size() > count) {
      front.append(first.part(0, count));
      first.drop_front(count);
      size_ -= count;
      break;
    }
    count -= first.size();
    front.append(take_slice());
  }
  return front;
}

void SliceChain::replace(std::size_t offset, std::size_t count, std::string_view bytes) {
  SliceChain before = take_front(std::min(offset, size_));
  take_front(std::min(count, size_)).clear();
  before.append(Slice::copy_of(bytes));
  before.append(std::move(*this));
  *this = std::move(before);
}

void SliceChain::clear() {
  slices_.clear();
  taken_ = 0;
  size_ = 0;
}

std::string SliceChain::copy(std::size_t offset, std::size_t count) const {
  std::string out;
  if (offset >= size_) return out;
  count = std::min(count, size_ - offset);
  out.reserve(count);
  for (const Slice& slice : *this) {
    if (out.size() == count) break;
    if (offset >= slice.size()) {
      offset -= slice.size();
      continue;
    }
    out.append(slice.view().substr(offset, count - out.size()));
    offset = 0;
  }
  return out;
}

std::string_view SliceChain::flat() {
  if (empty()) return {};
  if (slices_.size() - taken_ > 1) *this = SliceChain(Slice::of(copy()));
  return begin()->view();
}

}  // namespace mynah
