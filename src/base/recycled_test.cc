// SPDX-License-Identifier: Apache-2.0
// Memory that is handed out again, and what a burst leaves behind.
#include "base/recycled.h"

#include <cstdio>
#include <cstring>
#include <vector>

#include <gtest/gtest.h>

#include "base/recycled_blocks.h"

namespace mynah::recycled {
namespace {

TEST(Recycled, hands_out_again_what_was_given_back) {
  void* const first = take(100);
  give_back(first, 100);

  void* const second = take(100);

#ifndef MYNAH_SANITIZED
  EXPECT_EQ(first, second);
#endif
  give_back(second, 100);
}

#ifndef MYNAH_SANITIZED

std::size_t resident_pages() {
  std::size_t all = 0;
  std::size_t resident = 0;
  std::FILE* const file = std::fopen("/proc/self/statm", "re");
  EXPECT_EQ(std::fscanf(file, "%zu %zu", &all, &resident), 2);
  std::fclose(file);
  return resident;
}

TEST(Recycled, a_burst_of_blocks_leaves_no_pages_behind_although_small_pieces_outlive_it) {
  constexpr std::size_t kBurst = 4000;
  std::vector<void*> blocks;
  std::vector<void*> pieces;
  for (std::size_t i = 0; i < kBurst; ++i) {
    blocks.push_back(std::memset(take(kBlockBytes), 1, kBlockBytes));
    pieces.push_back(std::memset(take(128), 1, 128));
  }
  const std::size_t at_the_height = resident_pages();

  for (void* const block : blocks) give_back(block, kBlockBytes);

  EXPECT_LT(resident_pages() + kBurst * kBlockBytes / 4096 * 9 / 10, at_the_height);
  for (void* const piece : pieces) give_back(piece, 128);
}

#endif

}  // namespace
}  // namespace mynah::recycled
