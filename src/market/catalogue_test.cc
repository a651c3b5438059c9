// SPDX-License-Identifier: Apache-2.0
// What is published, what is refused, and what a crash leaves.
#include "market/catalogue.h"

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "aio/files.h"
#include "market/modules_testing.h"

namespace mynah::market {
namespace {

Identity named(const std::string& id, const std::string& version) {
  Identity identity;
  identity.id = id;
  identity.version = version;
  identity.stage = "default";
  identity.priority = 50;
  return identity;
}

class CatalogueTest : public testing::Test {
 protected:
  CatalogueTest() { reopen(); }

  void reopen() {
    catalogue.reset();
    auto opened = Catalogue::open(folder.path(), clock);
    ASSERT_TRUE(opened.ok()) << opened.error().what;
    catalogue = *std::move(opened);
  }
  Result<bool> publish(const Identity& identity, const std::string& bytes,
                       const std::string& who = "ann", bool for_all = false) {
    return catalogue->publish(identity, wasm::sha256_hex(bytes), bytes, who, for_all);
  }
  std::size_t files() const {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& file :
         std::filesystem::directory_iterator(folder.path() + "/modules"))
      ++count;
    return count;
  }

  TemporaryFolder folder;
  SimulatedClock clock;
  std::unique_ptr<Catalogue> catalogue;
};

TEST_F(CatalogueTest, WhatIsPublishedIsThereAfterARestart) {
  ASSERT_TRUE(*publish(named("greeter", "1.0.0"), "bytes"));

  reopen();

  const auto found = catalogue->find("greeter", "1.0.0");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->identity.priority, 50);
  EXPECT_EQ(found->published_by, "ann");
  EXPECT_EQ(found->published_at, "2023-11-14T22:13:20.000Z");
  EXPECT_EQ(*read_file(found->path, 100), "bytes");
}

TEST_F(CatalogueTest, TheSameBytesAgainAreTheSameVersion) {
  EXPECT_TRUE(*publish(named("greeter", "1.0.0"), "bytes"));

  EXPECT_FALSE(*publish(named("greeter", "1.0.0"), "bytes"));
  EXPECT_EQ(catalogue->all()->at("greeter").versions.size(), 1u);
}

TEST_F(CatalogueTest, AVersionDoesNotChangeAndAnIdIsItsOwners) {
  ASSERT_TRUE(publish(named("greeter", "1.0.0"), "bytes").ok());

  EXPECT_EQ(publish(named("greeter", "1.0.0"), "others").error().code, Errc::already_exists);
  EXPECT_EQ(publish(named("greeter", "1.1.0"), "others", "bob").error().code, Errc::denied);
  EXPECT_TRUE(*publish(named("greeter", "1.1.0"), "others", "owner", true));
  EXPECT_EQ(catalogue->find_conflict(named("greeter", "1.0.0"), "x", "ann", false)->code,
            RefusalCode::version_exists);
}

TEST_F(CatalogueTest, TheNewestReleaseComesFirst) {
  for (const char* version : {"1.9.0", "2.0.0-rc.1", "1.10.0", "1.0.0"}) {
    ASSERT_TRUE(publish(named("greeter", version), version).ok());
  }

  EXPECT_EQ(catalogue->find("greeter", "")->identity.version, "1.10.0");
  EXPECT_EQ(catalogue->find("greeter", "2.0.0-rc.1")->identity.version, "2.0.0-rc.1");
  EXPECT_FALSE(catalogue->find("greeter", "3.0.0"));
}

TEST_F(CatalogueTest, BytesGoWithTheLastPlugInThatHasThem) {
  ASSERT_TRUE(publish(named("one", "1.0.0"), "shared").ok());
  ASSERT_TRUE(publish(named("two", "1.0.0"), "shared").ok());
  EXPECT_EQ(files(), 1u);

  ASSERT_TRUE(catalogue->remove("one").ok());
  EXPECT_EQ(files(), 1u);
  ASSERT_TRUE(catalogue->remove("two").ok());

  EXPECT_EQ(files(), 0u);
  EXPECT_EQ(catalogue->remove("two").error().code, Errc::not_found);
}

TEST_F(CatalogueTest, WhatACrashLeavesIsSweptAtTheNextStart) {
  ASSERT_TRUE(publish(named("one", "1.0.0"), "bytes").ok());
  ASSERT_TRUE(catalogue->keep_bytes(wasm::sha256_hex("lost"), "lost").ok());
  ASSERT_TRUE(write_file_atomically(folder.path() + "/modules/draft.XyZ", "half").ok());
  EXPECT_EQ(files(), 3u);

  reopen();

  EXPECT_EQ(files(), 1u);
  EXPECT_TRUE(catalogue->find("one", "1.0.0"));
}

TEST_F(CatalogueTest, WhetherNewVersionsAreFollowedIsKept) {
  ASSERT_TRUE(publish(named("one", "1.0.0"), "bytes").ok());
  EXPECT_TRUE(catalogue->all()->at("one").follows);

  ASSERT_TRUE(catalogue->set_follows("one", false).ok());
  reopen();

  EXPECT_FALSE(catalogue->all()->at("one").follows);
}

}  // namespace
}  // namespace mynah::market
