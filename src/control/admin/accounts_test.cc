// SPDX-License-Identifier: Apache-2.0
// Goal: the first account is made once; passwords, sessions and tokens let in whom they should, for
// as long as they should; secrets are not in the file.
#include "control/admin/accounts.h"

#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "control/admin/control_database.h"
#include "control/admin/temporary_testing.h"

namespace mynah::control {
namespace {

class AccountsTest : public testing::Test {
 protected:
  TemporaryFolder folder_;
  SimulatedClock clock_;
  Database database_ = *open_control_database(folder_.path());
  Accounts accounts_{database_, clock_};
};

TEST_F(AccountsTest, TheFirstAccountHasTheGivenPassword) {
  const auto shown = accounts_.ensure_first_account("correct horse");

  ASSERT_TRUE(shown.ok());
  EXPECT_EQ(*shown, std::nullopt);
  const auto user = accounts_.check_password("admin", "correct horse");
  ASSERT_TRUE(user->has_value());
  EXPECT_EQ((*user)->role, Role::owner);
}

TEST_F(AccountsTest, TheFirstAccountHasARandomPasswordThatIsShownOnce) {
  const auto shown = accounts_.ensure_first_account("");
  const auto again = accounts_.ensure_first_account("");

  ASSERT_TRUE(shown->has_value());
  EXPECT_EQ(*again, std::nullopt);
  EXPECT_TRUE(accounts_.check_password("admin", **shown)->has_value());
}

TEST_F(AccountsTest, ALaterPasswordOfTheEnvironmentChangesNothing) {
  accounts_.ensure_first_account("correct horse").ignore();
  accounts_.ensure_first_account("another one").ignore();

  EXPECT_FALSE(accounts_.check_password("admin", "another one")->has_value());
}

TEST_F(AccountsTest, AShortFirstPasswordIsRefused) {
  EXPECT_FALSE(accounts_.ensure_first_account("short").ok());
}

TEST_F(AccountsTest, AWrongPasswordAndAnUnknownUserAreNobody) {
  accounts_.ensure_first_account("correct horse").ignore();

  EXPECT_FALSE(accounts_.check_password("admin", "wrong horse")->has_value());
  EXPECT_FALSE(accounts_.check_password("root", "correct horse")->has_value());
  EXPECT_FALSE(accounts_.check_password("' or 1=1 --", "correct horse")->has_value());
}

TEST_F(AccountsTest, ASessionEndsWithItsLogoutOrItsTime) {
  accounts_.ensure_first_account("correct horse").ignore();
  const Principal admin{.name = "admin", .role = Role::owner, .by = Principal::By::session};
  const auto first = accounts_.begin_session(admin);
  const auto second = accounts_.begin_session(admin);

  EXPECT_EQ((*accounts_.find_session(first->id))->name, "admin");
  ASSERT_TRUE(accounts_.end_session(first->id).ok());
  EXPECT_FALSE(accounts_.find_session(first->id)->has_value());
  EXPECT_TRUE(accounts_.find_session(second->id)->has_value());
  clock_.advance(Accounts::kSessionLifetime);
  EXPECT_FALSE(accounts_.find_session(second->id)->has_value());
  EXPECT_FALSE(accounts_.find_session("")->has_value());
}

TEST_F(AccountsTest, ASessionOutlivesTheProcess) {
  accounts_.ensure_first_account("correct horse").ignore();
  const auto session = accounts_.begin_session(
      Principal{.name = "admin", .role = Role::owner, .by = Principal::By::session});

  Database again = *open_control_database(folder_.path());
  Accounts reopened{again, clock_};

  EXPECT_TRUE(reopened.find_session(session->id)->has_value());
}

TEST_F(AccountsTest, ATokenIsGoodUntilItExpires) {
  accounts_.ensure_first_account("correct horse").ignore();
  const auto token =
      accounts_.create_token({.name = "ci", .user = "admin", .expires = clock_.wall_now() + 1h});
  const auto endless =
      accounts_.create_token({.name = "ops", .user = "admin", .scope = TokenScope::write});

  EXPECT_EQ((*accounts_.find_token(*token))->name, "ci");
  EXPECT_EQ((*accounts_.find_token(*token))->scope, TokenScope::read);
  clock_.advance(1h);
  EXPECT_FALSE(accounts_.find_token(*token)->has_value());
  EXPECT_EQ((*accounts_.find_token(*endless))->role, Role::owner);
  EXPECT_EQ(accounts_.tokens()->size(), 2U);
}

TEST_F(AccountsTest, TwoTokensOfOneNameAreRefused) {
  accounts_.ensure_first_account("correct horse").ignore();
  ASSERT_TRUE(accounts_.create_token({.name = "ci", .user = "admin"}).ok());

  EXPECT_EQ(accounts_.create_token({.name = "ci", .user = "admin"}).error().code,
            Errc::already_exists);
  EXPECT_EQ(accounts_.create_token({.name = "cd", .user = "nobody"}).error().code,
            Errc::invalid_argument);
  EXPECT_EQ(accounts_.create_token({.name = "a b", .user = "admin"}).error().code,
            Errc::invalid_argument);
}

TEST_F(AccountsTest, ATokenMayWhatItsUserMayAndGoesWithIt) {
  accounts_.ensure_first_account("correct horse").ignore();
  ASSERT_TRUE(accounts_.put_user({.name = "ben", .manages = true}, "battery staple").ok());
  const auto token =
      accounts_.create_token({.name = "ci", .user = "ben", .scope = TokenScope::write});
  EXPECT_TRUE((*accounts_.find_token(*token))->manages);

  ASSERT_TRUE(accounts_.put_user({.name = "ben"}, "").ok());
  EXPECT_FALSE((*accounts_.find_token(*token))->manages);

  ASSERT_TRUE(accounts_.remove_user("ben").ok());
  EXPECT_FALSE(accounts_.find_token(*token)->has_value());
  EXPECT_EQ(accounts_.remove_user("ben").error().code, Errc::not_found);
}

TEST_F(AccountsTest, ARevokedTokenIsNoMore) {
  accounts_.ensure_first_account("correct horse").ignore();
  const auto token = accounts_.create_token({.name = "ci", .user = "admin"});

  ASSERT_TRUE(accounts_.remove_token("ci").ok());

  EXPECT_FALSE(accounts_.find_token(*token)->has_value());
  EXPECT_EQ(accounts_.remove_token("ci").error().code, Errc::not_found);
}

TEST_F(AccountsTest, ANewPasswordEndsTheSessionsOfTheOldOne) {
  ASSERT_TRUE(accounts_.put_user({.name = "ben"}, "battery staple").ok());
  const auto session = accounts_.begin_session({.name = "ben", .user = "ben"});

  ASSERT_TRUE(accounts_.put_user({.name = "ben"}, "another battery").ok());

  EXPECT_FALSE(accounts_.find_session(session->id)->has_value());
  EXPECT_TRUE(accounts_.check_password("ben", "another battery")->has_value());
  EXPECT_FALSE(accounts_.check_password("ben", "battery staple")->has_value());
}

TEST_F(AccountsTest, ANewUserNeedsANameAndAPassword) {
  EXPECT_EQ(accounts_.put_user({.name = "ben"}, "").error().code, Errc::invalid_argument);
  EXPECT_EQ(accounts_.put_user({.name = "a/b"}, "battery staple").error().code,
            Errc::invalid_argument);
}

TEST_F(AccountsTest, TheLastOwnerStays) {
  accounts_.ensure_first_account("correct horse").ignore();

  EXPECT_EQ(accounts_.remove_user("admin").error().code, Errc::already_exists);
  EXPECT_EQ(accounts_.put_user({.name = "admin"}, "").error().code, Errc::already_exists);
  ASSERT_TRUE(accounts_.put_user({.name = "ben", .role = Role::owner}, "battery staple").ok());
  EXPECT_TRUE(accounts_.remove_user("admin").ok());
}

TEST_F(AccountsTest, NoSecretIsInTheFiles) {
  accounts_.ensure_first_account("correct horse").ignore();
  const auto token = accounts_.create_token({.name = "ci", .user = "admin"});
  const auto session = accounts_.begin_session(
      Principal{.name = "admin", .role = Role::owner, .by = Principal::By::session});

  std::string bytes;
  for (const char* name : {"control.db", "control.db-wal"}) {
    std::ifstream file(folder_ / name, std::ios::binary);
    bytes.append(std::istreambuf_iterator<char>(file), {});
  }
  EXPECT_NE(bytes.find("admin"), std::string::npos);
  EXPECT_EQ(bytes.find("correct horse"), std::string::npos);
  EXPECT_EQ(bytes.find(*token), std::string::npos);
  EXPECT_EQ(bytes.find(session->id), std::string::npos);
}

}  // namespace
}  // namespace mynah::control
