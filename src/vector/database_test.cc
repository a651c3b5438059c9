// SPDX-License-Identifier: Apache-2.0
// What a database promises beyond its partitions: dimensions, limits, several threads at once.
#include "vector/database.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "base/text.h"
#include "vector/vectors_testing.h"

namespace mynah::vector {
namespace {

struct TestDatabase {
  explicit TestDatabase(std::size_t memory_bytes = std::size_t{64} << 20) {
    database =
        *Database::open({.memory_bytes = memory_bytes, .background = Background::by_hand}, clock);
  }
  Answer<std::vector<WriteResult>> put(std::string_view collection, std::string id,
                                       std::vector<float> vector,
                                       std::optional<Duration> lifetime = {}) {
    std::vector<NewDocument> documents;
    documents.push_back({std::move(id), std::move(vector), {}, lifetime});
    return database->write(WriteKind::upsert, collection, "", std::move(documents));
  }
  std::vector<std::string> found(std::string_view collection, std::vector<float> vector,
                                 std::size_t count = 10) {
    SearchRequest request;
    request.collection = collection;
    request.vector = std::move(vector);
    request.count = count;
    std::vector<std::string> ids;
    for (auto& document : database->search(request).value()) ids.push_back(document.id);
    return ids;
  }

  SimulatedClock clock;
  std::unique_ptr<Database> database;
};

TEST(Database, the_default_collection_takes_the_dimension_of_its_first_vector) {
  TestDatabase test;
  EXPECT_TRUE(test.found("default", {1, 2, 3}).empty());

  const auto first = test.put("default", "a", {1, 0, 0, 0});
  const auto other = test.put("default", "b", {1, 0, 0});

  EXPECT_EQ(first->front().refusal.reason, Reason::success);
  EXPECT_EQ(other->front().refusal.reason, Reason::mismatched_dimension);
  EXPECT_EQ(other->front().refusal.what,
            "the vector has 3 dimensions, collection default has 4, that of its first vector");
  EXPECT_EQ(test.found("default", {1, 0, 0, 0}), std::vector<std::string>{"a"});
}

TEST(Database, a_query_of_another_dimension_is_refused) {
  TestDatabase test;
  test.put("default", "a", {1, 0, 0, 0}).value();
  SearchRequest request;
  request.collection = "default";
  request.vector = {1, 0};

  EXPECT_EQ(test.database->search(request).error().reason, Reason::mismatched_dimension);
}

TEST(Database, collections_that_were_dropped_start_anew) {
  TestDatabase test;
  test.put("default", "a", {1, 0, 0, 0}).value();
  ASSERT_TRUE(test.database->drop("default"));

  EXPECT_EQ(test.put("default", "a", {1, 0})->front().refusal.reason, Reason::success);
  EXPECT_EQ(test.database->describe("default")->dimension, 2U);
}

TEST(Database, what_was_created_is_strict_and_what_came_by_itself_is_not) {
  TestDatabase test;
  ASSERT_TRUE(test.database->create({.name = "strict", .dimension = 2}));
  std::vector<NewDocument> documents(1);
  documents[0].vector = {1, 0};

  EXPECT_EQ(test.database->write(WriteKind::insert, "strict", "tenant", documents).error().reason,
            Reason::no_partition);
  EXPECT_TRUE(test.database->write(WriteKind::insert, "loose", "tenant", documents));
  EXPECT_EQ(test.database->fetch("missing", "", {"a"}).error().reason, Reason::no_collection);
}

TEST(Database, partitions_do_not_see_each_other) {
  TestDatabase test;
  for (const char* tenant : {"tenant-a", "tenant-b"}) {
    std::vector<NewDocument> documents(1);
    documents[0].id = tenant;
    documents[0].vector = {1, 0};
    test.database->write(WriteKind::insert, "cache", tenant, std::move(documents)).value();
  }
  SearchRequest request;
  request.collection = "cache";
  request.partition = "tenant-a";
  request.vector = {1, 0};

  const auto found = test.database->search(request);

  ASSERT_EQ(found->size(), 1U);
  EXPECT_EQ(found->front().id, "tenant-a");
}

TEST(Database, a_document_ends_at_its_time_and_its_memory_comes_back) {
  TestDatabase test;
  test.put("default", "keep", {1, 0}).value();
  const std::size_t before = test.database->memory_bytes();
  test.put("default", "short", {1, 0}, 10s).value();

  test.clock.advance(10s);
  EXPECT_EQ(test.found("default", {1, 0}), std::vector<std::string>{"keep"});
  test.database->maintain();

  EXPECT_EQ(test.database->memory_bytes(), before);
  EXPECT_EQ(test.database->stats("default")->documents, 1U);
}

TEST(Database, a_cache_drops_what_was_not_found_for_longest) {
  TestDatabase test(std::size_t{1} << 20);
  std::vector<float> vector(256, 1);
  for (int i = 0; i < 2000; ++i) {
    vector[0] = static_cast<float>(i);
    test.put("cache", cat(i), vector).value();
    // Somebody keeps asking for the first one.
    test.database->fetch("cache", "", {"0"}).value();
  }

  EXPECT_LE(test.database->memory_bytes(), std::size_t{1} << 20);
  EXPECT_EQ(test.database->fetch("cache", "", {"0"})->size(), 1U);
  EXPECT_TRUE(test.database->fetch("cache", "", {"1"})->empty());
  EXPECT_EQ(test.database->fetch("cache", "", {"1999"})->size(), 1U);
}

TEST(Database, a_collection_that_was_created_refuses_what_does_not_fit) {
  TestDatabase test(std::size_t{1} << 20);
  ASSERT_TRUE(test.database->create({.name = "kept", .dimension = 256}));
  Reason last = Reason::success;
  int stored = 0;
  for (int i = 0; i < 2000; ++i) {
    last = test.put("kept", cat(i), std::vector<float>(256, 1))->front().refusal.reason;
    if (last == Reason::success) ++stored;
  }

  EXPECT_EQ(last, Reason::invalid_write);
  EXPECT_EQ(test.database->stats("kept")->documents, static_cast<std::size_t>(stored));
  EXPECT_LE(test.database->memory_bytes(), std::size_t{1} << 20);
}

TEST(Database, an_update_changes_what_it_names) {
  TestDatabase test;
  test.put("default", "a", {1, 0}).value();
  const auto fields = [](const char* json) { return *pack_fields(Json::parse(json)->root()); };
  const auto update = [&](const char* id, const char* json) {
    std::vector<NewDocument> documents(1);
    documents[0].id = id;
    documents[0].fields = fields(json);
    return test.database->write(WriteKind::update, "default", "", std::move(documents))
        ->front()
        .refusal.reason;
  };

  EXPECT_EQ(update("a", R"({"x": 1, "y": 2})"), Reason::success);
  EXPECT_EQ(update("a", R"({"y": 3})"), Reason::success);
  EXPECT_EQ(update("b", R"({"y": 3})"), Reason::no_document);

  const auto found = test.database->fetch("default", "", {"a"});
  EXPECT_EQ(find_field(found->front().fields, "x")->integer, 1);
  EXPECT_EQ(find_field(found->front().fields, "y")->integer, 3);
  EXPECT_NEAR(found->front().vector[0], 1.0F, 1e-5F);
}

TEST(Database, whole_numbers_come_back_as_they_were) {
  TestDatabase test;
  CollectionInfo info{.name = "whole",
                      .dimension = 4,
                      .element = ElementType::integer,
                      .metric = Metric::euclidean};
  ASSERT_TRUE(test.database->create(info));
  test.put("whole", "a", {-128, 127, 0, 3}).value();

  EXPECT_EQ(test.database->fetch("whole", "", {"a"})->front().vector,
            (std::vector<float>{-128, 127, 0, 3}));
  EXPECT_EQ(test.put("whole", "b", {0.5F, 0, 0, 0})->front().refusal.reason,
            Reason::mismatched_data_type);
}

TEST(Database, batches_and_counts_have_limits) {
  TestDatabase test;
  EXPECT_EQ(test.database->write(WriteKind::insert, "default", "", {}).error().reason,
            Reason::empty_documents);
  EXPECT_EQ(test.database->write(WriteKind::insert, "default", "", std::vector<NewDocument>(1025))
                .error()
                .reason,
            Reason::invalid_batch);
  SearchRequest request;
  request.collection = "default";
  request.count = 1025;
  EXPECT_EQ(test.database->search(request).error().reason, Reason::invalid_count);
  EXPECT_EQ(test.database->create({.name = "large", .dimension = 20'001}).error().reason,
            Reason::invalid_dimension);
}

// Writers, searchers and somebody who drops the collection, with the thread in the background.
TEST(Database, many_threads_at_once_do_each_other_no_harm) {
  SimulatedClock clock;
  auto database = *Database::open({}, clock);
  std::atomic<int> found = 0;
  const auto work = [&](int number) {
    TextLike source(16, static_cast<std::uint64_t>(number));
    for (int i = 0; i < 300; ++i) {
      std::vector<NewDocument> documents(1);
      documents[0].id = cat(number, "-", i % 100);
      documents[0].vector = source.fresh();
      EXPECT_TRUE(database->write(WriteKind::upsert, "default", "", std::move(documents)));
      SearchRequest request;
      request.collection = "default";
      request.vector = source.fresh();
      const auto hits = database->search(request);
      if (hits && !hits->empty()) ++found;
      if (i % 10 == 0)
        EXPECT_TRUE(database->erase("default", "", {cat(number, "-", (i + 50) % 100)}));
      if (number == 0 && i == 150) EXPECT_TRUE(database->drop("default"));
    }
  };
  {
    std::vector<std::jthread> threads;
    for (int number = 0; number < 4; ++number) threads.emplace_back(work, number);
  }

  EXPECT_GT(found, 0);
  EXPECT_LE(database->stats("default")->documents, 400U);
}

}  // namespace
}  // namespace mynah::vector
