// SPDX-License-Identifier: Apache-2.0
// Slices of strings, and the row of slices that is a body.
#include "base/slice.h"

#include <algorithm>

namespace mynah {
namespace {

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

void SliceChain::append(Slice slice) {
  if (slice.empty()) return;
  size_ += slice.size();
  slices_.push_back(std::move(slice));
}

void SliceChain::append(SliceChain chain) {
  for (Slice& slice : chain.slices_) append(std::move(slice));
}

Slice SliceChain::take_slice() {
  if (slices_.empty()) return {};
  Slice slice = std::move(slices_.front());
  slices_.pop_front();
  size_ -= slice.size();
  return slice;
}

SliceChain SliceChain::take_front(std::size_t count) {
  SliceChain front;
  while (count > 0 && !slices_.empty()) {
    Slice& first = slices_.front();
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
  size_ = 0;
}

std::string SliceChain::copy(std::size_t offset, std::size_t count) const {
  std::string out;
  if (offset >= size_) return out;
  count = std::min(count, size_ - offset);
  out.reserve(count);
  for (const Slice& slice : slices_) {
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
  if (slices_.empty()) return {};
  if (slices_.size() > 1) *this = SliceChain(Slice::of(copy()));
  return slices_.front().view();
}

}  // namespace mynah
