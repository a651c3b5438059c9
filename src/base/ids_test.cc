// SPDX-License-Identifier: Apache-2.0
// Goal: random numbers spread and repeat by their seed; ids have the forms that their standards
// give them.
#include "base/ids.h"

#include <set>

#include <gtest/gtest.h>

#include "base/text.h"

namespace mynah {
namespace {

TEST(Random, TheSameSeedYieldsTheSameNumbers) {
  Random a(7);
  Random b(7);
  Random c(8);

  const std::uint64_t first = a.next();

  EXPECT_EQ(first, b.next());
  EXPECT_NE(first, c.next());
}

// Values made with an independent implementation of the published algorithm.
TEST(Random, FollowsTheReferenceImplementation) {
  Random source(0);

  EXPECT_EQ(source.next(), 0x53175D61490B23DFU);
  EXPECT_EQ(source.next(), 0x61DA6F3DC380D507U);
}

TEST(Random, BelowStaysBelowAndReachesAll) {
  Random source(1);
  std::set<std::uint64_t> seen;

  for (int i = 0; i < 200; ++i) seen.insert(source.below(6));

  EXPECT_EQ(seen, (std::set<std::uint64_t>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(source.below(1), 0U);
}

TEST(Random, UnitLiesBetweenNoughtAndOne) {
  Random source(1);
  double sum = 0;

  for (int i = 0; i < 10'000; ++i) sum += source.unit();

  EXPECT_NEAR(sum / 10'000, 0.5, 0.02);
}

TEST(Uuid, CarriesItsVersionAndVariant) {
  Random source(42);

  const std::string four = uuid_v4(source);

  EXPECT_EQ(four.size(), 36U);
  EXPECT_TRUE(matches_glob(four, "*-*-4*-*-*"));
  EXPECT_NE(std::string_view("89ab").find(four[19]), std::string_view::npos);
  EXPECT_NE(four, uuid_v4(source));
}

TEST(Uuid, VersionSevenSortsByTime) {
  Random source(42);
  const WallTime then(1'645'557'742'000ms);  // the example of RFC 9562

  const std::string seven = uuid_v7(source, then);

  EXPECT_TRUE(seven.starts_with("017f22e2-79b0-7"));
  EXPECT_LT(seven, uuid_v7(source, then + 1ms));
}

TEST(RequestId, AClientsOwnMustBeHarmless) {
  Random source(3);

  EXPECT_TRUE(is_request_id(request_id(source)));
  EXPECT_TRUE(is_request_id("a/b=c:1"));
  EXPECT_FALSE(is_request_id(""));
  EXPECT_FALSE(is_request_id("a b"));
  EXPECT_FALSE(is_request_id("a\"b"));
  EXPECT_FALSE(is_request_id("a\nb"));
  EXPECT_FALSE(is_request_id("\u00e9"));
  EXPECT_FALSE(is_request_id(std::string(129, 'a')));
}

TEST(Trace, GoesThereAndBack) {
  constexpr std::string_view kParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

  const auto context = parse_traceparent(kParent);

  ASSERT_TRUE(context);
  EXPECT_TRUE(context->sampled);
  EXPECT_EQ(traceparent(*context), kParent);
  EXPECT_EQ(trace_id(*context), "4bf92f3577b34da6a3ce929d0e0e4736");
}

TEST(Trace, AChildKeepsTheTraceAndHasASpanOfItsOwn) {
  Random source(5);
  const TraceContext root = begin_trace(source, false);

  const TraceContext child = child_span(root, source);

  EXPECT_EQ(child.trace, root.trace);
  EXPECT_NE(child.span, root.span);
  EXPECT_EQ(parse_traceparent(traceparent(child)), child);
}

TEST(Trace, RefusesWhatIsNotOne) {
  EXPECT_FALSE(parse_traceparent(""));
  EXPECT_FALSE(parse_traceparent("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"));
  EXPECT_FALSE(parse_traceparent("00-00000000000000000000000000000000-00f067aa0ba902b7-01"));
  EXPECT_FALSE(parse_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01"));
  EXPECT_FALSE(parse_traceparent("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
  EXPECT_FALSE(parse_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x"));
  EXPECT_FALSE(parse_traceparent("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x"));
}

TEST(Trace, ReadsVersionsToCome) {
  EXPECT_TRUE(
      parse_traceparent("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-ever"));
}

}  // namespace
}  // namespace mynah
