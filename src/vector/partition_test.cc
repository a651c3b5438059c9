// SPDX-License-Identifier: Apache-2.0
// What the graph finds, compared with looking at everything; and that it stays so while vectors
// come and go.
#include "vector/partition.h"

#include <limits>
#include <map>

#include <gtest/gtest.h>

#include "base/text.h"
#include "vector/vectors_testing.h"

namespace mynah::vector {
namespace {

constexpr std::size_t kDimension = 24;

struct Filled {
  explicit Filled(Metric metric_used, std::size_t count = 0)
      : metric(metric_used), partition(1, kDimension, metric_used, 7), source(kDimension) {
    for (std::size_t i = 0; i < count; ++i) add();
    keep_up();
  }
  void add(WallMs expires = kNeverExpires) {
    vectors.push_back(source.fresh());
    put(vectors.size() - 1, expires);
  }
  void put(std::size_t index, WallMs expires = kNeverExpires) {
    partition.put(cat(index), *encode(vectors[index], metric), "", expires);
  }
  void erase(std::size_t index) { partition.erase(*partition.find(cat(index), 0)); }
  void keep_up() {
    while (const auto job = partition.next_job(scratch)) partition.finish(*job);
  }
  std::vector<std::string> found(const std::vector<float>& vector, std::size_t count,
                                 const Filter* filter = nullptr, WallMs now = 1) {
    const auto query = make_query(vector, metric);
    std::vector<std::string> ids;
    for (const auto& hit : partition.search({&*query, count, filter, now}, scratch))
      ids.emplace_back(partition.document(hit.slot).id);
    return ids;
  }
  // The share of questions whose first answer is the nearest of all.
  double recall(std::size_t questions) {
    std::size_t right = 0;
    for (std::size_t i = 0; i < questions; ++i) {
      const auto question = i % 2 == 0 ? source.fresh() : source.near(vectors[i]);
      const auto first = found(question, 1);
      if (!first.empty() && first[0] == cat(nearest_of(vectors, question, metric))) ++right;
    }
    return static_cast<double>(right) / static_cast<double>(questions);
  }

  Metric metric;
  Partition partition;
  TextLike source;
  Scratch scratch;
  std::vector<std::vector<float>> vectors;
};

TEST(Partition, finds_the_nearest_by_the_cosine) {
  Filled filled(Metric::cosine, 1500);
  EXPECT_GE(filled.recall(100), 0.99);
}

TEST(Partition, finds_the_nearest_by_distance) {
  Filled filled(Metric::euclidean, 1500);
  EXPECT_GE(filled.recall(100), 0.99);
}

TEST(Partition, finds_the_greatest_product) {
  Filled filled(Metric::dotproduct, 1500);
  EXPECT_GE(filled.recall(100), 0.99);
}

TEST(Partition, finds_what_is_not_linked_yet) {
  Filled filled(Metric::cosine, 600);
  filled.add();

  EXPECT_EQ(filled.partition.pending(), 1U);
  EXPECT_EQ(filled.found(filled.vectors.back(), 1), std::vector<std::string>{"600"});
}

TEST(Partition, an_erased_document_is_found_no_more_before_and_after_it_is_unlinked) {
  Filled filled(Metric::cosine, 600);
  filled.erase(500);

  EXPECT_NE(filled.found(filled.vectors[500], 1), std::vector<std::string>{"500"});
  filled.keep_up();
  EXPECT_NE(filled.found(filled.vectors[500], 1), std::vector<std::string>{"500"});
  EXPECT_EQ(filled.partition.size(), 599U);
}

TEST(Partition, stays_good_while_everything_in_it_is_replaced_again_and_again) {
  Filled filled(Metric::cosine, 600);
  for (int round = 0; round < 3; ++round) {
    for (std::size_t i = 0; i < filled.vectors.size(); ++i) {
      filled.vectors[i] = filled.source.fresh();
      filled.put(i);
      if (i % 7 == 0) filled.keep_up();
    }
  }
  filled.keep_up();

  EXPECT_EQ(filled.partition.size(), 600U);
  EXPECT_EQ(filled.partition.pending(), 0U);
  EXPECT_LE(filled.partition.graph().slots(), 650U);
  EXPECT_GE(filled.recall(100), 0.98);
}

TEST(Partition, survives_being_emptied_and_filled_again) {
  Filled filled(Metric::cosine, 800);
  for (std::size_t i = 0; i < 800; ++i) filled.erase(i);
  filled.keep_up();
  EXPECT_TRUE(filled.found(filled.vectors[0], 5).empty());

  for (std::size_t i = 0; i < 800; ++i) filled.put(i);
  filled.keep_up();

  EXPECT_GE(filled.recall(100), 0.99);
}

TEST(Partition, a_document_erased_while_its_links_are_thought_out_goes_away) {
  Filled filled(Metric::cosine, 700);
  filled.add();
  const auto job = filled.partition.next_job(filled.scratch);
  filled.erase(700);

  filled.partition.finish(*job);
  filled.keep_up();

  EXPECT_EQ(filled.partition.size(), 700U);
  EXPECT_NE(filled.found(filled.vectors[700], 1), std::vector<std::string>{"700"});
}

TEST(Partition, many_like_vectors_are_all_found) {
  Filled filled(Metric::cosine);
  filled.vectors.assign(700, filled.source.fresh());
  for (std::size_t i = 0; i < 700; ++i) filled.put(i);
  filled.keep_up();

  EXPECT_EQ(filled.found(filled.vectors[0], 100).size(), 100U);
}

TEST(Partition, what_has_expired_is_not_found) {
  Filled filled(Metric::cosine);
  filled.add(1000);
  filled.add();

  EXPECT_EQ(filled.found(filled.vectors[0], 1, nullptr, 999), std::vector<std::string>{"0"});
  EXPECT_EQ(filled.found(filled.vectors[0], 1, nullptr, 1000), std::vector<std::string>{"1"});
  Slot from = 0;
  EXPECT_EQ(filled.partition.expired(1000, from, 100).size(), 1U);
}

TEST(Partition, filters_that_let_little_and_much_through_find_the_nearest_of_it) {
  Filled filled(Metric::cosine, 2000);
  for (std::size_t i = 0; i < 2000; ++i) {
    const auto fields = *Json::parse(cat("{\"n\":", i, "}"));
    filled.partition.change(*filled.partition.find(cat(i), 1), *pack_fields(fields.root()), 0);
  }
  const auto question = filled.source.near(filled.vectors[1000]);
  const auto rare = *Filter::parse("n = 17 or n = 1711");
  const auto half = *Filter::parse("n >= 1000");
  const auto none = *Filter::parse("n < 0");

  EXPECT_EQ(filled.found(question, 10, &rare).size(), 2U);
  EXPECT_EQ(filled.found(question, 1, &half), std::vector<std::string>{"1000"});
  EXPECT_TRUE(filled.found(question, 10, &none).empty());
}

TEST(Partition, drops_first_what_was_not_used) {
  Filled filled(Metric::cosine, 3);
  filled.partition.touch(*filled.partition.find("0", 1));

  std::string id;
  ASSERT_TRUE(filled.partition.evict(id));

  EXPECT_EQ(id, "1");
}

TEST(Partition, gives_memory_back_with_its_documents) {
  Filled filled(Metric::cosine);
  const std::size_t empty = filled.partition.memory_bytes();
  for (int i = 0; i < 600; ++i) filled.add();
  filled.keep_up();
  for (std::size_t i = 0; i < 600; ++i) filled.erase(i);

  EXPECT_EQ(filled.partition.memory_bytes(), empty);
}

TEST(Partition, comes_back_from_its_parts_with_its_links) {
  Filled filled(Metric::cosine, 800);
  filled.erase(5);
  filled.keep_up();
  const Graph& graph = filled.partition.graph();
  Partition copy(2, kDimension, Metric::cosine, 9);
  for (Slot slot = 0; slot < graph.slots(); ++slot) {
    if (!graph.is_alive(slot)) continue;
    std::vector<Graph::Links> links;
    for (std::size_t level = 0; level <= graph.level(slot); ++level)
      links.push_back(graph.links(slot, level));
    const auto view = filled.partition.document(slot);
    const Code code{graph.scale(slot),
                    view.norm,
                    {graph.high(slot).begin(), graph.high(slot).end()},
                    {view.low.begin(), view.low.end()}};
    ASSERT_TRUE(copy.restore(slot, view.id, code, view.fields, view.expires, graph.level(slot),
                             graph.is_linked(slot), links));
  }
  copy.end_restore();

  EXPECT_EQ(copy.pending(), 0U);
  const auto query = make_query(filled.source.near(filled.vectors[77]), Metric::cosine);
  const auto hits = copy.search({&*query, 1, nullptr, 1}, filled.scratch);
  ASSERT_EQ(hits.size(), 1U);
  EXPECT_EQ(copy.document(hits[0].slot).id, "77");
}

}  // namespace
}  // namespace mynah::vector
