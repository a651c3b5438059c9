// SPDX-License-Identifier: Apache-2.0
// Memory that comes and goes with every exchange, such as frames of coroutines, text of headers and
// blocks of input: each thread keeps what was given back and hands it out again, by size. Sanitizer
// builds ask the system for each, so that what is used after its end is found.
#pragma once

#include <cstddef>

namespace mynah::recycled {

void* take(std::size_t size);
// `size` is what was taken.
void give_back(void* memory, std::size_t size) noexcept;

// For containers: std::vector<Field, recycled::Allocator<Field>>.
template <class T>
struct Allocator {
  using value_type = T;
  Allocator() = default;
  template <class U>
  Allocator(const Allocator<U>&) {}
  T* allocate(std::size_t count) { return static_cast<T*>(take(count * sizeof(T))); }
  void deallocate(T* memory, std::size_t count) noexcept { give_back(memory, count * sizeof(T)); }
  friend bool operator==(const Allocator&, const Allocator&) { return true; }
};

}  // namespace mynah::recycled
