// SPDX-License-Identifier: Apache-2.0
// What is on disk comes back: after a clean end, after damage, with and without a snapshot.
#include "vector/replay.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "aio/testing.h"
#include "base/text.h"
#include "vector/database.h"
#include "vector/vectors_testing.h"

namespace mynah::vector {
namespace {

constexpr std::size_t kDimension = 16;

struct OnDisk {
  explicit OnDisk(const TempFolder& folder, DiskOptions disk = {}) {
    disk.report = [this](const std::string& line) { reports.push_back(line); };
    auto opened = Database::open({.folder = folder.file("vectors"),
                                  .disk = std::move(disk),
                                  .background = Background::by_hand},
                                 clock);
    EXPECT_TRUE(opened.ok());
    database = *std::move(opened);
  }
  void put(int number, std::optional<Duration> lifetime = {}) {
    TextLike source(kDimension, static_cast<std::uint64_t>(number) + 100);
    std::vector<NewDocument> documents(1);
    documents[0].id = cat(number);
    documents[0].vector = source.fresh();
    documents[0].fields = *pack_fields(Json::parse(cat("{\"n\":", number, "}"))->root());
    documents[0].lifetime = lifetime;
    ASSERT_TRUE(database->write(WriteKind::upsert, "default", "", std::move(documents)));
  }
  // The first answer to a document's own vector.
  std::string nearest_to(int number) {
    TextLike source(kDimension, static_cast<std::uint64_t>(number) + 100);
    SearchRequest request;
    request.collection = "default";
    request.vector = source.fresh();
    request.count = 1;
    const auto found = database->search(request);
    return found && !found->empty() ? found->front().id : "nothing";
  }
  std::size_t count() { return database->stats("default")->documents; }

  SimulatedClock clock;
  std::vector<std::string> reports;
  std::unique_ptr<Database> database;
};

std::vector<std::filesystem::path> files(const TempFolder& folder, std::string_view kind) {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder.file("vectors"))) {
    if (entry.path().filename().string().starts_with(kind)) found.push_back(entry.path());
  }
  std::ranges::sort(found);
  return found;
}

void flip_byte(const std::filesystem::path& path, std::uintmax_t at) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(at));
  const int byte = file.get();
  file.seekp(static_cast<std::streamoff>(at));
  file.put(static_cast<char>(byte ^ 0x20));
}

TEST(Replay, everything_comes_back_from_the_log) {
  const TempFolder folder;
  {
    OnDisk before(folder);
    for (int i = 0; i < 20; ++i) before.put(i);
    before.put(7);
    ASSERT_TRUE(before.database->erase("default", "", {"3"}));
    ASSERT_TRUE(before.database->create({.name = "other",
                                         .dimension = 3,
                                         .metric = Metric::euclidean,
                                         .schema = {{"n", FieldType::integer}}}));
    ASSERT_TRUE(before.database->create_partition("other", "part"));
  }
  OnDisk after(folder);

  EXPECT_EQ(after.count(), 19U);
  EXPECT_EQ(after.nearest_to(7), "7");
  EXPECT_NE(after.nearest_to(3), "3");
  EXPECT_EQ(after.database->describe("other")->metric, Metric::euclidean);
  EXPECT_EQ(after.database->describe("other")->schema.size(), 1U);
  EXPECT_EQ(after.database->partitions("other")->size(), 2U);
  EXPECT_TRUE(after.reports.empty());
}

TEST(Replay, a_snapshot_keeps_the_links_and_the_log_behind_it_adds_to_them) {
  const TempFolder folder;
  {
    OnDisk before(folder);
    for (int i = 0; i < 30; ++i) before.put(i);
    before.database->maintain();
    ASSERT_TRUE(before.database->snapshot());
    before.put(30);
    ASSERT_TRUE(before.database->erase("default", "", {"5"}));
  }
  OnDisk after(folder);

  EXPECT_EQ(after.count(), 30U);
  // All but the one that came later are linked.
  EXPECT_NEAR(after.database->stats("default")->completeness, 29.0 / 30, 1e-9);
  after.database->maintain();
  EXPECT_EQ(after.database->stats("default")->completeness, 1.0);
  EXPECT_EQ(after.nearest_to(30), "30");
  EXPECT_EQ(files(folder, "snapshot-").size(), 1U);
}

TEST(Replay, dropped_and_cleared_things_stay_away) {
  const TempFolder folder;
  {
    OnDisk before(folder);
    before.put(1);
    ASSERT_TRUE(before.database->clear("default", ""));
    before.put(2);
    ASSERT_TRUE(before.database->create({.name = "other", .dimension = 3}));
    ASSERT_TRUE(before.database->drop("other"));
  }
  OnDisk after(folder);

  EXPECT_EQ(after.count(), 1U);
  EXPECT_EQ(after.nearest_to(2), "2");
  EXPECT_EQ(after.database->collections(), std::vector<std::string>{"default"});
}

TEST(Replay, what_expired_while_nobody_ran_is_gone) {
  const TempFolder folder;
  {
    OnDisk before(folder);
    before.put(1, 10s);
    before.put(2);
  }
  OnDisk after(folder);
  EXPECT_EQ(after.nearest_to(1), "1");
  after.clock.advance(11s);
  EXPECT_NE(after.nearest_to(1), "1");
  after.database->maintain();
  EXPECT_EQ(after.count(), 1U);
}

TEST(Replay, a_torn_end_is_cut_off_and_reported) {
  const TempFolder folder;
  {
    OnDisk before(folder);
    before.put(1);
    before.put(2);
  }
  const auto log = files(folder, "log-").front();
  std::filesystem::resize_file(log, std::filesystem::file_size(log) - 3);

  OnDisk after(folder);

  EXPECT_EQ(after.count(), 1U);
  ASSERT_EQ(after.reports.size(), 1U);
  EXPECT_NE(after.reports[0].find("were not written whole"), std::string::npos);
  after.put(3);
  after.database.reset();
  EXPECT_EQ(OnDisk(folder).count(), 2U);
}

TEST(Replay, of_a_damaged_snapshot_the_rest_is_kept_and_linked_anew) {
  const TempFolder folder;
  {
    OnDisk before(folder);
    for (int i = 0; i < 200; ++i) before.put(i);
    before.database->maintain();
    ASSERT_TRUE(before.database->snapshot());
  }
  const auto snapshot = files(folder, "snapshot-").front();
  flip_byte(snapshot, std::filesystem::file_size(snapshot) / 2);

  OnDisk after(folder);

  EXPECT_GT(after.count(), 50U);
  EXPECT_LT(after.count(), 150U);
  EXPECT_FALSE(after.reports.empty());
  EXPECT_EQ(after.database->stats("default")->completeness, 0.0);
  EXPECT_EQ(after.nearest_to(10), "10");
  after.database->maintain();
  EXPECT_EQ(after.database->stats("default")->completeness, 1.0);
  EXPECT_EQ(after.nearest_to(10), "10");
}

TEST(Replay, a_byte_that_changed_anywhere_never_keeps_it_from_starting) {
  const TempFolder folder;
  {
    OnDisk before(folder, {.log_bytes = 2000});
    for (int i = 0; i < 12; ++i) {
      before.put(i);
      ASSERT_TRUE(before.database->flush());
      if (i == 6) ASSERT_TRUE(before.database->snapshot());
    }
  }
  const std::string whole = folder.file("whole");
  std::filesystem::copy(folder.file("vectors"), whole);
  for (const auto& entry : std::filesystem::directory_iterator(whole)) {
    const std::uintmax_t size = entry.file_size();
    for (std::uintmax_t at = 0; at < size; at += 41) {
      std::filesystem::remove_all(folder.file("vectors"));
      std::filesystem::copy(whole, folder.file("vectors"));
      flip_byte(std::filesystem::path(folder.file("vectors")) / entry.path().filename(), at);
      OnDisk after(folder);
      ASSERT_NE(after.database, nullptr);
      ASSERT_LE(after.count(), 12U);
    }
  }
}

TEST(Replay, logs_that_a_snapshot_holds_are_removed) {
  const TempFolder folder;
  OnDisk store(folder, {.log_bytes = 1000, .snapshot_after_bytes = 4000});
  for (int i = 0; i < 60; ++i) {
    store.put(i % 10);
    store.database->maintain();
  }
  EXPECT_EQ(files(folder, "snapshot-").size(), 1U);
  EXPECT_LT(files(folder, "log-").size(), 20U);
  EXPECT_TRUE(store.database->is_disk_healthy());
}

TEST(Replay, a_queue_that_overflows_loses_nothing_once_the_disk_keeps_up) {
  const TempFolder folder;
  {
    OnDisk store(folder, {.queue_bytes = 500});
    for (int i = 0; i < 30; ++i) store.put(i);
    store.database->maintain();
    store.clock.advance(2s);
    store.database->maintain();
    EXPECT_TRUE(store.database->is_disk_healthy());
  }
  EXPECT_EQ(OnDisk(folder).count(), 30U);
}

}  // namespace
}  // namespace mynah::vector
