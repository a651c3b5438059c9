// SPDX-License-Identifier: Apache-2.0
// Goal: values go in and come out as they are, migrations run once and all or nothing.
#include "control/admin/database.h"

#include <array>
#include <filesystem>

#include <gtest/gtest.h>

#include "control/admin/temporary_testing.h"

namespace mynah::control {
namespace {

constexpr std::array<const char*, 1> kFirst = {"create table t (a integer, b text) strict"};
constexpr std::array<const char*, 2> kBoth = {kFirst[0], "insert into t values (1, 'two')"};
constexpr std::array<const char*, 2> kBroken = {kFirst[0],
                                                "insert into t values (2, 'x'); nonsense"};

using Row = Database::Row;

TEST(Database, IsReadableForItsOwnerOnly) {
  const TemporaryFolder folder;

  ASSERT_TRUE(Database::open(folder / "a.db").ok());

  const auto permissions = std::filesystem::status(folder / "a.db").permissions();
  EXPECT_EQ(permissions, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST(Database, ReturnsWhatWasStored) {
  const TemporaryFolder folder;
  auto database = Database::open(folder / "a.db");
  ASSERT_TRUE(database->migrate(kFirst).ok());
  const std::string text("quote ' and zero \0 byte", 23);

  ASSERT_TRUE(database->run("insert into t values (?1, ?2)", {INT64_MIN, text}).ok());
  ASSERT_TRUE(database->run("insert into t values (?1, ?2)", {std::monostate{}, ""}).ok());

  const auto rows = database->run("select a, b from t order by rowid");
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ(*rows, (std::vector<Row>{{INT64_MIN, text}, {std::monostate{}, std::string()}}));
  EXPECT_EQ(database->changed(), 1);
}

TEST(Database, RunsEachMigrationOnce) {
  const TemporaryFolder folder;
  ASSERT_TRUE(Database::open(folder / "a.db")->migrate(kFirst).ok());

  ASSERT_TRUE(Database::open(folder / "a.db")->migrate(kBoth).ok());
  ASSERT_TRUE(Database::open(folder / "a.db")->migrate(kBoth).ok());

  const auto rows = Database::open(folder / "a.db")->run("select count(*) from t");
  EXPECT_EQ(rows->at(0), Row{std::int64_t{1}});
}

TEST(Database, AMigrationThatFailsLeavesNothing) {
  const TemporaryFolder folder;
  auto database = Database::open(folder / "a.db");

  EXPECT_FALSE(database->migrate(kBroken).ok());

  EXPECT_EQ(database->run("select count(*) from t")->at(0), Row{std::int64_t{0}});
  EXPECT_TRUE(database->migrate(kBoth).ok());
}

TEST(Database, AFileOfANewerProgramIsRefused) {
  const TemporaryFolder folder;
  ASSERT_TRUE(Database::open(folder / "a.db")->migrate(kBoth).ok());

  const Status status = Database::open(folder / "a.db")->migrate(kFirst);

  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, Errc::unsupported);
}

TEST(Database, AStatementThatIsWrongIsAnError) {
  const TemporaryFolder folder;

  EXPECT_FALSE(Database::open(folder / "a.db")->run("select nonsense").ok());
  EXPECT_FALSE(Database::open("/nowhere/a.db").ok());
}

}  // namespace
}  // namespace mynah::control
