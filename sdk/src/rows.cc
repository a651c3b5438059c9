// SPDX-License-Identifier: Apache-2.0
// Room for one more element: doubled whenever the count is a power of two.
#include "mynah/rows.h"

#include <new>
#include <utility>

namespace mynah {
inline namespace plugin {
namespace inner {

void* RowsBase::add(std::size_t bytes) {
  if ((size_ & (size_ - 1)) == 0) {
    // tidy: allow new: a list of bytes
    void* larger = ::operator new((size_ == 0 ? 1 : std::size_t{size_} * 2) * bytes);
    if (size_ > 0) __builtin_memcpy(larger, data_, size_ * bytes);
    ::operator delete(std::exchange(data_, larger));
  }
  return static_cast<char*>(data_) + size_++ * bytes;
}

}  // namespace inner
}  // namespace plugin
}  // namespace mynah
