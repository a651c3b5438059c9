// SPDX-License-Identifier: Apache-2.0
// Accounts: who may use the console and the admin API. Users with passwords, their sessions, and
// tokens for programs. Of secrets only hashes are kept.
//
// One thread uses it. Calls that take or make a password run for about a tenth of a second.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "control/admin/database.h"

namespace mynah::control {

// What an account may do. Everything beyond is denied.
enum class Role : std::uint8_t {
  user,   // Reads; what it may change is said by its permissions.
  owner,  // Everything, other accounts included.
};
std::string_view name_of(Role role);

// What a token is good for, each including the one before; never more than its account may.
enum class TokenScope : std::uint8_t {
  read,
  plugins,  // Publishing and managing plug-ins.
  write,
};
std::string_view name_of(TokenScope scope);

// Who asks.
struct Principal {
  enum class By : std::uint8_t { session, token };
  std::string name;  // Of the user, or of the token.
  std::string user;  // Whose session or token it is. Empty: the environment's token, nobody's.
  Role role = Role::user;
  bool manages = false;  // Has the permission to manage the gateway; an owner needs none.
  TokenScope scope = TokenScope::write;
  By by = By::token;

  // Whose deeds these are: a person's, by whichever token.
  [[nodiscard]] const std::string& person() const { return user.empty() ? name : user; }
};

struct Session {
  std::string id;  // The secret that the cookie carries.
  Principal principal;
  WallTime expires;
};

struct User {
  std::string name;
  Role role = Role::user;
  bool manages = false;
  WallTime created = {};
};

struct Token {
  std::string name;
  std::string user;
  TokenScope scope = TokenScope::read;
  WallTime created = {};
  std::optional<WallTime> expires = std::nullopt;
};

// Whether it may be a password: its length.
Status check_new_password(std::string_view password);

// 1 to 64 letters, digits and -._@+, as names of users and tokens are.
Status check_account_name(std::string_view name);

class Accounts final {
 public:
  static constexpr Duration kSessionLifetime = 12h;
  static constexpr std::size_t kPasswordBytesMin = 8;
  static constexpr std::size_t kPasswordBytesMax = 1024;
  static constexpr std::size_t kUsersMax = 1000;
  static constexpr std::size_t kTokensMax = 10'000;

  // Both outlive the accounts.
  Accounts(Database& database, const Clock& clock) : database_(&database), clock_(&clock) {}

  // Makes the first account, `admin`, an owner, if there is no account at all. Its password is the
  // one given, or a random one, which is returned to be shown once.
  Result<std::optional<std::string>> ensure_first_account(std::string_view password);

  // The user, if name and password are right. The time it takes does not tell which of them is
  // wrong.
  Result<std::optional<Principal>> check_password(const std::string& name,
                                                  std::string_view password);
  // The same in parts, for who has the slow one, verify_password(), done by another thread: what a
  // password is held against, for unknown users too, and the user whose it was.
  Result<std::string> hash_to_verify(const std::string& name);
  Result<std::optional<Principal>> principal_of(const std::string& name);

  Result<Session> begin_session(const Principal& user);
  Result<std::optional<Principal>> find_session(std::string_view id);
  Status end_session(std::string_view id);

  Result<std::vector<User>> users();
  Result<std::optional<User>> find_user(const std::string& name);
  // Makes the user, or changes what it may. A new user needs a password; that of another stays when
  // it is empty, and ends the user's sessions when it is not. At least one owner stays:
  // already_exists otherwise.
  Status put_user(const User& user, std::string_view password);
  // The same with the password's hash.
  Status put_user_hashed(const User& user, const std::string& hash);
  // With its sessions and tokens.
  Status remove_user(const std::string& name);

  // Ordered by name.
  Result<std::vector<Token>> tokens();
  Result<std::optional<Token>> find_token_named(const std::string& name);
  // The token itself is returned and cannot be had again.
  Result<std::string> create_token(const Token& token);
  Status remove_token(const std::string& name);
  // Who asks with this token, unless it has expired.
  Result<std::optional<Principal>> find_token(std::string_view token);

 private:
  [[nodiscard]] std::int64_t now() const;
  Result<std::vector<User>> users_where(const std::string& condition, const std::string& name);
  Result<std::vector<Token>> tokens_where(const std::string& condition, const std::string& name);
  Status check_owner_stays(const User& after);

  Database* database_;
  const Clock* clock_;
};

}  // namespace mynah::control
