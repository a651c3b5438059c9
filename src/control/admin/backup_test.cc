// SPDX-License-Identifier: Apache-2.0
// Goal: a backup of a folder in use comes back whole; what is no backup, or is damaged, brings
// nothing.
#include "control/admin/backup.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "control/admin/accounts.h"
#include "control/admin/control_database.h"
#include "control/admin/data_folder.h"
#include "control/admin/temporary_testing.h"

namespace mynah::control {
namespace {

class BackupTest : public testing::Test {
 protected:
  static void write(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
  }
  static std::string read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  BackupTest() {
    accounts_.put_user({.name = "ben"}, "battery staple").ignore();
    std::filesystem::create_directory(folder_ / "plugins");
    write(folder_ / "plugins/a.wasm", std::string(1000, 'a'));
    Database catalogue = *Database::open(folder_ / "plugins/catalogue.db");
    catalogue.run("create table plugins (id text)").ignore();
  }

  TemporaryFolder folder_;
  TemporaryFolder other_;
  SimulatedClock clock_;
  DataFolder held_ = *DataFolder::open(folder_.path());
  Database database_ = *open_control_database(folder_.path());
  Accounts accounts_{database_, clock_};
};

TEST_F(BackupTest, ComesBackWholeWhileTheFolderIsInUse) {
  const auto made = back_up(folder_.path(), other_ / "b.tar");
  ASSERT_TRUE(made.ok()) << made.error().what;
  EXPECT_EQ(made->files, 3U);

  const auto restored = restore(other_ / "b.tar", other_ / "data");

  ASSERT_TRUE(restored.ok()) << restored.error().what;
  EXPECT_EQ(read(other_ / "data/plugins/a.wasm"), std::string(1000, 'a'));
  Database catalogue = *Database::open(other_ / "data/plugins/catalogue.db");
  EXPECT_TRUE(catalogue.run("select id from plugins").ok());
  Database again = *open_control_database(other_ / "data");
  EXPECT_TRUE((*Accounts(again, clock_).find_user("ben")).has_value());
  EXPECT_FALSE(std::filesystem::exists(other_ / "data/restoring"));
  EXPECT_EQ(std::filesystem::status(other_ / "b.tar").permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(BackupTest, OverwritesNothing) {
  ASSERT_TRUE(back_up(folder_.path(), other_ / "b.tar").ok());

  EXPECT_FALSE(back_up(folder_.path(), other_ / "b.tar").ok());
  EXPECT_EQ(restore(other_ / "b.tar", folder_.path()).error().code, Errc::already_exists);
}

TEST_F(BackupTest, AFolderOfSomethingElseIsNotBackedUp) {
  EXPECT_EQ(back_up(other_.path(), other_ / "b.tar").error().code, Errc::not_found);
}

TEST_F(BackupTest, ADamagedOneBringsNothing) {
  ASSERT_TRUE(back_up(folder_.path(), other_ / "b.tar").ok());
  const std::string whole = read(other_ / "b.tar");
  write(other_ / "short.tar", whole.substr(0, 5000));
  write(other_ / "wrong.tar", "x" + whole);
  std::string up = whole;
  up.replace(0, 10, "../evil.db");
  write(other_ / "up.tar", up);

  for (const char* name : {"short.tar", "wrong.tar", "up.tar"}) {
    EXPECT_FALSE(restore(other_ / name, other_ / "data").ok()) << name;
    EXPECT_FALSE(std::filesystem::exists(other_ / "data/control.db")) << name;
  }
}

}  // namespace
}  // namespace mynah::control
