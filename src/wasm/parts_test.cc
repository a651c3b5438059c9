// SPDX-License-Identifier: Apache-2.0
// The small parts of the host: pairs, header rules, shared data, shared queues, guest memory.

#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "base/text.h"
#include "wasm/guest_memory.h"
#include "wasm/header_rules.h"
#include "wasm/pairs.h"
#include "wasm/shared_data.h"
#include "wasm/shared_queues.h"

namespace mynah::wasm {
namespace {

std::string encoded(const Headers& headers) {
  std::string bytes(pairs_size(headers), '?');
  write_pairs(headers, bytes.data());
  return bytes;
}
Headers two_fields() {
  Headers headers;
  headers.add("a", "1");
  headers.add("empty", "");
  return headers;
}

TEST(PairsTest, WhatIsWrittenReadsBack) {
  const Headers headers = two_fields();

  Headers read;
  ASSERT_TRUE(read_pairs(encoded(headers), 10, 100, read).ok());

  EXPECT_EQ(read, headers);
}

TEST(PairsTest, TheLayoutIsThatOfTheAbi) {
  Headers headers;
  headers.add("ab", "c");

  EXPECT_EQ(encoded(headers), std::string("\1\0\0\0\2\0\0\0\1\0\0\0ab\0c\0", 17));
}

TEST(PairsTest, NothingIsTheEmptyList) {
  Headers read;

  EXPECT_TRUE(read_pairs("", 10, 100, read).ok());
  EXPECT_TRUE(read_pairs(std::string_view("\0\0\0\0", 4), 10, 100, read).ok());
  EXPECT_TRUE(read.empty());
}

TEST(PairsTest, EveryTruncationIsMalformed) {
  const std::string whole = encoded(two_fields());
  for (std::size_t size = 1; size < whole.size(); ++size) {
    Headers read;
    EXPECT_FALSE(read_pairs(whole.substr(0, size), 10, 100, read).ok()) << size;
  }
}

TEST(PairsTest, SizesThatReachBeyondTheEndAreMalformed) {
  Headers read;

  EXPECT_FALSE(read_pairs("\xff\xff\xff\xff", 10, 100, read).ok());
  EXPECT_FALSE(
      read_pairs(std::string_view("\1\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff", 12), 10, 100, read)
          .ok());
}

TEST(PairsTest, CountAndTextAreLimited) {
  const std::string pairs = encoded(two_fields());
  Headers read;

  EXPECT_EQ(read_pairs(pairs, 1, 100, read).error().code, Errc::too_large);
  EXPECT_EQ(read_pairs(pairs, 10, 3, read).error().code, Errc::too_large);
}

TEST(HeaderRulesTest, NamesAreTokensAndValuesHoldNoControlCharacters) {
  EXPECT_TRUE(is_legal_field("x-a", "b\tc"));
  EXPECT_FALSE(is_legal_field("", "b"));
  EXPECT_FALSE(is_legal_field("x a", "b"));
  EXPECT_FALSE(is_legal_field("x-a", "b\r\nc"));
  EXPECT_FALSE(is_legal_field("x-a", std::string_view("b\0c", 3)));
}

TEST(HeaderRulesTest, PseudoFieldsHaveValuesThatFit) {
  EXPECT_TRUE(is_legal_field(":status", "204"));
  EXPECT_FALSE(is_legal_field(":status", "99999"));
  EXPECT_FALSE(is_legal_field(":status", "ok"));
  EXPECT_FALSE(is_legal_field(":path", ""));
  EXPECT_FALSE(is_legal_field(":method", "GET /"));
  EXPECT_FALSE(is_legal_field(":other", "x"));
}

TEST(SharedDataTest, VmIdsAreApart) {
  SharedData data;
  data.set("a", "bk", "1", 0).ignore();

  EXPECT_FALSE(data.get("ab", "k").ok());
  EXPECT_EQ(data.get("a", "bk")->bytes, "1");
}

TEST(SharedDataTest, LimitsHold) {
  SharedData data({.keys = 2, .bytes = 100, .key_bytes = 10, .value_bytes = 50});

  EXPECT_EQ(data.set("", "a-key-too-long", "", 0).error().code, Errc::too_large);
  EXPECT_EQ(data.set("", "k", std::string(51, 'x'), 0).error().code, Errc::too_large);
  EXPECT_TRUE(data.set("", "a", "1", 0).ok());
  EXPECT_TRUE(data.set("", "b", "1", 0).ok());
  EXPECT_EQ(data.set("", "c", "1", 0).error().code, Errc::exhausted);
  EXPECT_TRUE(data.set("", "a", std::string(50, 'x'), 0).ok());
  EXPECT_EQ(data.set("", "b", std::string(50, 'x'), 0).error().code, Errc::exhausted);
}

TEST(SharedDataTest, OneOfSeveralThreadsWinsEachSwap) {
  SharedData data;
  data.set("", "count", "0", 0).ignore();
  const auto add = [&] {
    for (int done = 0; done < 100;) {
      const auto value = data.get("", "count");
      const int next = std::stoi(value->bytes) + 1;
      if (data.set("", "count", std::to_string(next), value->cas)) ++done;
    }
  };

  std::thread one(add);
  std::thread two(add);
  one.join();
  two.join();

  EXPECT_EQ(data.get("", "count")->bytes, "200");
}

class CountingListener final : public SharedQueues::Listener {
 public:
  void queue_ready(SharedQueues::Id) override { ++calls; }
  int calls = 0;
};

TEST(SharedQueuesTest, ListenersAreToldInTurnUntilTheyLeave) {
  SharedQueues queues;
  CountingListener one;
  CountingListener two;
  const auto id = queues.open("vm", "q", one);
  EXPECT_EQ(*queues.open("vm", "q", two), *id);

  for (int i = 0; i < 4; ++i) queues.send(*id, "x").ignore();
  queues.leave(one);
  queues.send(*id, "x").ignore();

  EXPECT_EQ(one.calls, 2);
  EXPECT_EQ(two.calls, 3);
}

TEST(SharedQueuesTest, LimitsHold) {
  SharedQueues queues({.queues = 1, .name_bytes = 4, .items = 2, .item_bytes = 3, .bytes = 5});
  CountingListener listener;
  const auto id = queues.open("vm", "q", listener);

  EXPECT_EQ(queues.open("vm", "r", listener).error().code, Errc::exhausted);
  EXPECT_EQ(queues.open("vm", "too long", listener).error().code, Errc::too_large);
  EXPECT_EQ(queues.send(*id, "four").error().code, Errc::too_large);
  EXPECT_TRUE(queues.send(*id, "abc").ok());
  EXPECT_EQ(queues.send(*id, "abc").error().code, Errc::exhausted);
  EXPECT_TRUE(queues.send(*id, "a").ok());
  EXPECT_EQ(queues.send(*id, "").error().code, Errc::exhausted);
  EXPECT_EQ(*queues.receive(*id), "abc");
  EXPECT_EQ(*queues.receive(*id), "a");
  EXPECT_EQ(queues.receive(*id).error().code, Errc::unavailable);
}

TEST(GuestMemoryTest, NothingOutsideIsReached) {
  char bytes[8] = {};
  const GuestMemory memory(bytes, sizeof bytes);

  EXPECT_TRUE(memory.read(0, 8));
  EXPECT_TRUE(memory.read(8, 0));
  EXPECT_FALSE(memory.read(1, 8));
  EXPECT_FALSE(memory.read(0xffffffff, 0xffffffff));
  EXPECT_FALSE(memory.load<std::uint32_t>(5));
  EXPECT_TRUE(memory.store<std::uint32_t>(4, 1));
  EXPECT_FALSE(memory.store<std::uint64_t>(4, 1));
}

}  // namespace
}  // namespace mynah::wasm
