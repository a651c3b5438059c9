// SPDX-License-Identifier: Apache-2.0
// Memory for the frames of coroutines, which come and go by the dozen in every exchange: each
// thread keeps the frames that were given back and hands them out again, by size. Sanitizer builds
// ask the system for each, so that a frame that is used after its end is found.
#pragma once

#include <cstddef>

namespace mynah::frames {

void* take(std::size_t size);
// `size` is what was taken.
void give_back(void* frame, std::size_t size) noexcept;

}  // namespace mynah::frames
