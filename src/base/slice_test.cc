// SPDX-License-Identifier: Apache-2.0
// Goal: slices share memory and free it once; chains cut, join and replace at any place.
#include "base/slice.h"

#include <gtest/gtest.h>

namespace mynah {
namespace {

SliceChain chain_of(std::initializer_list<std::string_view> pieces) {
  SliceChain chain;
  for (const std::string_view piece : pieces) chain.append(Slice::copy_of(piece));
  return chain;
}

TEST(Slice, APartOutlivesTheWhole) {
  Slice part;
  {
    const Slice whole = Slice::copy_of("hello, world");
    part = whole.part(7);
  }

  EXPECT_EQ(part.view(), "world");
}

TEST(SliceChain, KnowsItsSizeAndText) {
  const SliceChain chain = chain_of({"one", "", "two", "three"});

  EXPECT_EQ(chain.size(), 11U);
  EXPECT_EQ(chain.copy(), "onetwothree");
  EXPECT_EQ(chain.copy(2, 3), "etw");
  EXPECT_EQ(chain.copy(20), "");
}

TEST(SliceChain, TakesFromTheFrontInsideASlice) {
  SliceChain chain = chain_of({"one", "two"});

  EXPECT_EQ(chain.take_front(4).copy(), "onet");
  EXPECT_EQ(chain.copy(), "wo");
  EXPECT_EQ(chain.take_front(100).copy(), "wo");
  EXPECT_TRUE(chain.empty());
}

TEST(SliceChain, ReplacesAnywhere) {
  SliceChain chain = chain_of({"one", "two"});
  chain.replace(2, 2, "--");
  EXPECT_EQ(chain.copy(), "on--wo");
  chain.replace(0, 0, ">");
  EXPECT_EQ(chain.copy(), ">on--wo");
  chain.replace(100, 5, "<");
  EXPECT_EQ(chain.copy(), ">on--wo<");
  chain.replace(0, 100, "");
  EXPECT_TRUE(chain.empty());
}

TEST(SliceChain, FlattensOnce) {
  SliceChain chain = chain_of({"a", "b", "c"});

  const std::string_view flat = chain.flat();

  EXPECT_EQ(flat, "abc");
  EXPECT_EQ(flat.data(), chain.flat().data());
}

}  // namespace
}  // namespace mynah
