// SPDX-License-Identifier: Apache-2.0
// Goal: a data folder is made for its owner only and held by one at a time.
#include "control/admin/data_folder.h"

#include <filesystem>
#include <optional>
#include <unistd.h>

#include <gtest/gtest.h>

#include "base/text.h"
#include "control/admin/temporary_testing.h"

namespace mynah::control {
namespace {

TEST(DataFolder, IsMadeForItsOwnerOnly) {
  const TemporaryFolder temporary;

  const auto folder = DataFolder::open(temporary / "a/data");

  ASSERT_TRUE(folder.ok()) << folder.error().what;
  EXPECT_EQ(folder->path(), temporary / "a/data");
  EXPECT_EQ(std::filesystem::status(temporary / "a/data").permissions(),
            std::filesystem::perms::owner_all);
}

TEST(DataFolder, ASecondHolderIsRefusedWithTheFirstOnesProcess) {
  const TemporaryFolder temporary;
  const auto first = DataFolder::open(temporary.path());

  const auto second = DataFolder::open(temporary.path());

  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, Errc::already_exists);
  EXPECT_EQ(second.error().what, cat("the data folder ", temporary.path(), " is in use by process ",
                                     ::getpid(), "; a gateway needs a data folder of its own"));
}

TEST(DataFolder, IsFreeAgainAfterItsHolder) {
  const TemporaryFolder temporary;
  {
    const auto first = DataFolder::open(temporary.path());
  }

  EXPECT_TRUE(DataFolder::open(temporary.path()).ok());
}

TEST(DataFolder, MovesWithItsHold) {
  const TemporaryFolder temporary;
  auto first = DataFolder::open(temporary.path());
  std::optional<DataFolder> moved(*std::move(first));

  EXPECT_FALSE(DataFolder::open(temporary.path()).ok());
  moved.reset();
  EXPECT_TRUE(DataFolder::open(temporary.path()).ok());
}

TEST(DataFolder, AFileInItsPlaceIsAnError) {
  EXPECT_FALSE(DataFolder::open("/dev/null/data").ok());
}

}  // namespace
}  // namespace mynah::control
