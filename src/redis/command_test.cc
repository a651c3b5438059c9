// SPDX-License-Identifier: Apache-2.0
// The table of commands, and the slots of keys.
#include "redis/command.h"

#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace mynah::redis {
namespace {

using Words = std::vector<std::string_view>;

TEST(Command, HashesKeysAsTheClusterSpecificationSays) {
  EXPECT_EQ(slot_of_key("123456789"), 0x31C3);
  EXPECT_EQ(slot_of_key("foo"), 12182);
  EXPECT_EQ(slot_of_key(""), 0);
}

TEST(Command, HashesThePartInBracesAlone) {
  EXPECT_EQ(slot_of_key("{user1000}.following"), slot_of_key("user1000"));
  EXPECT_EQ(slot_of_key("foo{{bar}}zap"), slot_of_key("{bar"));
  EXPECT_EQ(slot_of_key("foo{bar}{zap}"), slot_of_key("bar"));
  EXPECT_NE(slot_of_key("foo{}{bar}"), slot_of_key("bar"));
  EXPECT_NE(slot_of_key("foo{bar"), slot_of_key("bar"));
}

TEST(Command, FindsTheFirstKey) {
  const std::uint16_t slot = slot_of_key("k");

  EXPECT_EQ(slot_of(Words{"GET", "k"}), slot);
  EXPECT_EQ(slot_of(Words{"unheard-of", "k"}), slot);
  EXPECT_EQ(slot_of(Words{"OBJECT", "ENCODING", "k"}), slot);
  EXPECT_EQ(slot_of(Words{"eval", "return 1", "1", "k", "x"}), slot);
  EXPECT_EQ(slot_of(Words{"ZUNION", "2", "k", "l"}), slot);
  EXPECT_EQ(slot_of(Words{"xread", "COUNT", "2", "Streams", "k", "0"}), slot);
}

TEST(Command, FindsNoKeyWhereThereIsNone) {
  EXPECT_FALSE(slot_of(Words{}));
  EXPECT_FALSE(slot_of(Words{"PING"}));
  EXPECT_FALSE(slot_of(Words{"GET"}));
  EXPECT_FALSE(slot_of(Words{"EVAL", "return 1", "0", "x"}));
  EXPECT_FALSE(slot_of(Words{"EVAL", "return 1", "many", "x"}));
  EXPECT_FALSE(slot_of(Words{"EVAL", "return 1", "1"}));
  EXPECT_FALSE(slot_of(Words{"XREAD", "STREAMS"}));
}

TEST(Command, KnowsWhatOnlyReads) {
  EXPECT_TRUE(kind_of(Words{"GeT", "k"}).only_reads);
  EXPECT_FALSE(kind_of(Words{"set", "k", "v"}).only_reads);
  EXPECT_FALSE(kind_of(Words{"unheard-of"}).only_reads);
  EXPECT_FALSE(kind_of(Words{"eval", "return 1", "0"}).only_reads);
}

TEST(Command, KnowsWhatDoesNotBelongOnASharedConnection) {
  for (const std::string_view name : {"SUBSCRIBE", "select", "MULTI", "blpop", "quit", "AUTH"})
    EXPECT_FALSE(kind_of(Words{name, "k"}).shareable) << name;
  EXPECT_FALSE(kind_of(Words{"xread", "block", "0", "streams", "k", "$"}).shareable);
  EXPECT_TRUE(kind_of(Words{"xread", "streams", "block", "$"}).shareable);
}

}  // namespace
}  // namespace mynah::redis
