// SPDX-License-Identifier: Apache-2.0
// Where blocks of input come from: whole pages, apart from all smaller memory. Small pieces that
// outlive a burst of requests would otherwise lie between the burst's blocks and keep their pages.
#pragma once

#include <cstddef>

namespace mynah::recycled {

inline constexpr std::size_t kBlockBytes = 16 * 1024;

void* take_block();

// The system gets the block's pages at once; its place is kept for the next one.
void give_block_back(void* block) noexcept;

}  // namespace mynah::recycled
