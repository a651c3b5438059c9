// SPDX-License-Identifier: Apache-2.0
// Maps of clusters, true and false ones.
#include "redis/slots.h"

#include <gtest/gtest.h>

namespace mynah::redis {
namespace {

const Endpoint kAsked{"10.0.0.9", 7000};

Resp server(std::string_view host, std::int64_t port) {
  return Resp::array({Resp::bulk(host), Resp::number(port), Resp::bulk("id")});
}
Resp range(std::int64_t first, std::int64_t last, std::vector<Resp> servers) {
  std::vector<Resp> items = {Resp::number(first), Resp::number(last)};
  for (Resp& each : servers) items.push_back(std::move(each));
  return Resp::array(std::move(items));
}
Result<SlotMap> parse(std::vector<Resp> ranges, std::size_t nodes_max = 10) {
  return SlotMap::parse(Resp::array(std::move(ranges)), kAsked, nodes_max);
}

TEST(Slots, LeadToPrimariesAndReplicas) {
  const auto map = parse({range(0, 99, {server("10.0.0.1", 7001), server("10.0.0.2", 7002)}),
                          range(100, 16383, {server("10.0.0.3", 7003)})});

  ASSERT_TRUE(map.ok());
  EXPECT_EQ(*map->find(99), (Shard{{"10.0.0.1", 7001}, {{"10.0.0.2", 7002}}}));
  EXPECT_EQ(map->find(100)->primary, (Endpoint{"10.0.0.3", 7003}));
  EXPECT_TRUE(map->mentions({"10.0.0.2", 7002}));
  EXPECT_FALSE(map->mentions({"10.0.0.2", 7001}));
}

TEST(Slots, AShardMayHoldSeveralRangesAndOthersNobodyHolds) {
  const auto map = parse({range(0, 9, {server("a", 1)}), range(20, 29, {server("a", 1)})});

  ASSERT_TRUE(map.ok());
  EXPECT_EQ(map->shards().size(), 1U);
  EXPECT_EQ(map->find(25), map->find(5));
  EXPECT_EQ(map->find(15), nullptr);
}

TEST(Slots, AHostThatIsNotToldIsThatOfWhoAnswers) {
  const auto map = parse({range(0, 9, {server("", 7001), server("?", 7002)})});

  ASSERT_TRUE(map.ok());
  EXPECT_EQ(*map->find(0), (Shard{{"10.0.0.9", 7001}, {}}));
}

TEST(Slots, MoveOneByOne) {
  auto map = parse({range(0, 9, {server("a", 1)}), range(10, 19, {server("b", 2)})});

  map->move(3, {"b", 2});
  map->move(4, {"unknown", 3});

  EXPECT_EQ(map->find(3)->primary.host, "b");
  EXPECT_EQ(map->find(4)->primary.host, "a");
}

TEST(Slots, RefuseWhatIsNoMap) {
  EXPECT_FALSE(SlotMap::parse(Resp::error("ERR no cluster"), kAsked, 10).ok());
  EXPECT_FALSE(SlotMap::parse(Resp::number(1), kAsked, 10).ok());
  EXPECT_FALSE(parse({}).ok());
  EXPECT_FALSE(parse({Resp::number(1)}).ok());
  EXPECT_FALSE(parse({range(0, 16384, {server("a", 1)})}).ok());
  EXPECT_FALSE(parse({range(-1, 1, {server("a", 1)})}).ok());
  EXPECT_FALSE(parse({range(0, 1, {Resp::number(1)})}).ok());
  EXPECT_FALSE(parse({range(0, 16383, {server("a", 1)}), range(0, 0, {server("b", 1)})}).ok());
  EXPECT_FALSE(parse({range(0, 1, {server("a", 0)})}).ok());
  EXPECT_FALSE(parse({range(0, 1, {server("a", 65536)})}).ok());
  EXPECT_FALSE(parse({range(0, 1, {server("/run/other.sock", 1)})}).ok());
}

TEST(Slots, RefuseMoreServersThanAreAllowed) {
  const auto map = parse({range(0, 1, {server("a", 1), server("b", 1), server("c", 1)})}, 2);

  ASSERT_FALSE(map.ok());
  EXPECT_EQ(map.error().code, Errc::too_large);
}

TEST(Elsewhere, IsToldByMovedAndAsk) {
  const auto moved = parse_elsewhere("MOVED 3999 10.0.0.1:6381", kAsked);
  const auto ask = parse_elsewhere("ASK 1 ::1:6381", kAsked);
  const auto here = parse_elsewhere("MOVED 1 :6381", kAsked);

  ASSERT_TRUE(moved.ok() && ask.ok() && here.ok());
  EXPECT_EQ((*moved)->kind, Elsewhere::Kind::moved);
  EXPECT_EQ((*moved)->slot, 3999);
  EXPECT_EQ((*moved)->endpoint, (Endpoint{"10.0.0.1", 6381}));
  EXPECT_EQ((*ask)->kind, Elsewhere::Kind::ask);
  EXPECT_EQ((*ask)->endpoint, (Endpoint{"::1", 6381}));
  EXPECT_EQ((*here)->endpoint, (Endpoint{"10.0.0.9", 6381}));
}

TEST(Elsewhere, IsNotToldByOtherErrors) {
  EXPECT_FALSE(*parse_elsewhere("ERR MOVED", kAsked));
  EXPECT_FALSE(*parse_elsewhere("", kAsked));
}

TEST(Elsewhere, IsRefusedWhenItNamesNoPlace) {
  EXPECT_FALSE(parse_elsewhere("MOVED", kAsked).ok());
  EXPECT_FALSE(parse_elsewhere("MOVED 16384 a:1", kAsked).ok());
  EXPECT_FALSE(parse_elsewhere("MOVED 1 a", kAsked).ok());
  EXPECT_FALSE(parse_elsewhere("ASK 1 a:port", kAsked).ok());
  EXPECT_FALSE(parse_elsewhere("ASK 1 /etc/x:1", kAsked).ok());
}

}  // namespace
}  // namespace mynah::redis
