// SPDX-License-Identifier: Apache-2.0
// Accounts in SQLite. Times are whole seconds since 1970.
#include "control/admin/accounts.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "base/text.h"
#include "control/admin/secrets.h"

namespace mynah::control {

namespace {

constexpr std::int64_t kNoEnd = INT64_MAX;

std::int64_t seconds_of(WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

// A role that nobody knows grants the least.
Role role_of(const std::string& name) { return name == "owner" ? Role::owner : Role::user; }

TokenScope scope_of(const std::string& name) {
  if (name == "write") return TokenScope::write;
  return name == "plugins" ? TokenScope::plugins : TokenScope::read;
}

const std::string& text_of(const Database::Value& value) { return std::get<std::string>(value); }

std::int64_t number_in(const Database::Value& value) { return std::get<std::int64_t>(value); }

WallTime time_of(const Database::Value& seconds) {
  return WallTime(std::chrono::seconds(number_in(seconds)));
}

}  // namespace

Status check_new_password(std::string_view password) {
  if (password.size() >= Accounts::kPasswordBytesMin &&
      password.size() <= Accounts::kPasswordBytesMax) {
    return ok();
  }
  return Error{Errc::invalid_argument, cat("password: it must have ", Accounts::kPasswordBytesMin,
                                           " to ", Accounts::kPasswordBytesMax, " bytes")};
}

Status check_account_name(std::string_view name) {
  constexpr std::size_t kNameBytesMax = 64;
  const bool legal = std::ranges::all_of(name, [](char c) {
    return is_alpha(c) || is_digit(c) || std::string_view("-._@+").contains(c);
  });
  if (legal && !name.empty() && name.size() <= kNameBytesMax) return ok();
  return Error{Errc::invalid_argument, "a name has 1 to 64 letters, digits and -._@+"};
}

std::string_view name_of(Role role) { return role == Role::owner ? "owner" : "user"; }

std::string_view name_of(TokenScope scope) {
  constexpr std::array<std::string_view, 3> kNames = {"read", "plugins", "write"};
  return kNames[static_cast<std::size_t>(scope)];
}

std::int64_t Accounts::now() const { return seconds_of(clock_->wall_now()); }

Result<std::optional<std::string>> Accounts::ensure_first_account(std::string_view password) {
  MYNAH_LET(const auto users, database_->run("select 1 from users limit 1"));
  if (!users.empty()) return std::optional<std::string>();
  if (!password.empty() && password.size() < kPasswordBytesMin) {
    return Error{Errc::invalid_argument, cat("the first account's password needs at least ",
                                             kPasswordBytesMin, " characters")};
  }
  const std::string chosen = password.empty() ? random_password() : std::string(password);
  MYNAH_LET(const auto inserted,
            database_->run("insert into users values ('admin', ?1, 'owner', ?2, 0)",
                           {hash_password(chosen), now()}));
  return password.empty() ? std::optional(chosen) : std::nullopt;
}

Result<std::string> Accounts::hash_to_verify(const std::string& name) {
  MYNAH_LET(const auto rows, database_->run("select password from users where name = ?1", {name}));
  // An unknown user costs as much time as a wrong password.
  static const std::string nobody = hash_password(random_secret());
  return rows.empty() ? nobody : text_of(rows[0][0]);
}

Result<std::optional<Principal>> Accounts::principal_of(const std::string& name) {
  MYNAH_LET(const auto user, find_user(name));
  if (!user) return std::optional<Principal>();
  return std::optional(Principal{.name = name,
                                 .user = name,
                                 .role = user->role,
                                 .manages = user->manages,
                                 .by = Principal::By::session});
}

Result<std::optional<Principal>> Accounts::check_password(const std::string& name,
                                                          std::string_view password) {
  MYNAH_LET(const std::string hash, hash_to_verify(name));
  if (!verify_password(password, hash)) return std::optional<Principal>();
  return principal_of(name);
}

Result<Session> Accounts::begin_session(const Principal& user) {
  const WallTime expires = clock_->wall_now() + kSessionLifetime;
  Session session{random_secret(), user, expires};
  MYNAH_LET(const auto swept, database_->run("delete from sessions where expires <= ?1", {now()}));
  MYNAH_LET(const auto inserted,
            database_->run("insert into sessions values (?1, ?2, ?3)",
                           {sha256_hex(session.id), user.name, seconds_of(expires)}));
  return session;
}

Result<std::optional<Principal>> Accounts::find_session(std::string_view id) {
  MYNAH_LET(const auto rows,
            database_->run("select name, role, manages from sessions join users on name = user "
                           "where hash = ?1 and expires > ?2",
                           {sha256_hex(id), now()}));
  if (rows.empty()) return std::optional<Principal>();
  const std::string& name = text_of(rows[0][0]);
  return std::optional(Principal{.name = name,
                                 .user = name,
                                 .role = role_of(text_of(rows[0][1])),
                                 .manages = number_in(rows[0][2]) != 0,
                                 .by = Principal::By::session});
}

Status Accounts::end_session(std::string_view id) {
  MYNAH_LET(const auto deleted,
            database_->run("delete from sessions where hash = ?1", {sha256_hex(id)}));
  return ok();
}

Result<std::vector<User>> Accounts::users_where(const std::string& condition,
                                                const std::string& name) {
  MYNAH_LET(const auto rows,
            database_->run(cat("select name, role, manages, created from users where ", condition,
                               " order by name"),
                           {name}));
  std::vector<User> found;
  for (const Database::Row& row : rows) {
    found.push_back({.name = text_of(row[0]),
                     .role = role_of(text_of(row[1])),
                     .manages = number_in(row[2]) != 0,
                     .created = time_of(row[3])});
  }
  return found;
}

Result<std::vector<User>> Accounts::users() { return users_where("?1 = ''", ""); }

Result<std::optional<User>> Accounts::find_user(const std::string& name) {
  MYNAH_LET(auto found, users_where("name = ?1", name));
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

// Without an owner nobody could make one.
Status Accounts::check_owner_stays(const User& after) {
  if (after.role == Role::owner) return ok();
  MYNAH_LET(const auto others, users_where("role = 'owner' and name <> ?1", after.name));
  if (!others.empty()) return ok();
  MYNAH_LET(const auto now_owner, users_where("role = 'owner' and name = ?1", after.name));
  if (now_owner.empty()) return ok();
  return Error{Errc::already_exists, cat(after.name, " is the last owner; make another one first")};
}

Status Accounts::put_user(const User& user, std::string_view password) {
  if (password.empty()) return put_user_hashed(user, "");
  MYNAH_OK(check_new_password(password));
  return put_user_hashed(user, hash_password(password));
}

Status Accounts::put_user_hashed(const User& user, const std::string& hash) {
  MYNAH_OK(check_account_name(user.name));
  MYNAH_OK(check_owner_stays(user));
  MYNAH_LET(const auto before, find_user(user.name));
  const std::string role(name_of(user.role));
  if (!before) {
    if (hash.empty()) return check_new_password("");
    MYNAH_LET(const auto known, users());
    if (known.size() >= kUsersMax) return Error{Errc::exhausted, "there are too many users"};
    MYNAH_OK(database_->run("insert into users values (?1, ?2, ?3, ?4, ?5)",
                            {user.name, hash, role, now(), std::int64_t{user.manages}}));
    return ok();
  }
  MYNAH_OK(database_->run("update users set role = ?2, manages = ?3 where name = ?1",
                          {user.name, role, std::int64_t{user.manages}}));
  if (hash.empty()) return ok();
  MYNAH_OK(database_->run("update users set password = ?2 where name = ?1", {user.name, hash}));
  MYNAH_OK(database_->run("delete from sessions where user = ?1", {user.name}));
  return ok();
}

Status Accounts::remove_user(const std::string& name) {
  MYNAH_OK(check_owner_stays({.name = name}));
  MYNAH_OK(database_->run("delete from users where name = ?1", {name}));
  if (database_->changed() == 0) return Error{Errc::not_found, cat("there is no user ", name)};
  return ok();
}

Result<std::vector<Token>> Accounts::tokens_where(const std::string& condition,
                                                  const std::string& name) {
  MYNAH_LET(const auto rows,
            database_->run(cat("select name, user, scope, created, expires from tokens where ",
                               condition, " order by name"),
                           {name}));
  std::vector<Token> found;
  for (const Database::Row& row : rows) {
    Token& token = found.emplace_back();
    token = {.name = text_of(row[0]),
             .user = text_of(row[1]),
             .scope = scope_of(text_of(row[2])),
             .created = time_of(row[3])};
    if (number_in(row[4]) != kNoEnd) token.expires = time_of(row[4]);
  }
  return found;
}

Result<std::vector<Token>> Accounts::tokens() { return tokens_where("?1 = ''", ""); }

Result<std::optional<Token>> Accounts::find_token_named(const std::string& name) {
  MYNAH_LET(auto found, tokens_where("name = ?1", name));
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Result<std::string> Accounts::create_token(const Token& token) {
  MYNAH_OK(check_account_name(token.name));
  MYNAH_LET(const auto known, tokens());
  if (known.size() >= kTokensMax) return Error{Errc::exhausted, "there are too many tokens"};
  if (std::ranges::find(known, token.name, &Token::name) != known.end()) {
    return Error{Errc::already_exists, cat("there is a token named ", token.name)};
  }
  MYNAH_LET(const auto user, find_user(token.user));
  if (!user) {
    return Error{Errc::invalid_argument, cat("user: there is no user ", token.user)};
  }
  std::string secret = cat("mynah_", random_secret());
  const std::int64_t end = token.expires ? seconds_of(*token.expires) : kNoEnd;
  MYNAH_OK(database_->run(
      "insert into tokens values (?1, ?2, ?3, ?4, ?5, ?6)",
      {sha256_hex(secret), token.name, token.user, std::string(name_of(token.scope)), now(), end}));
  return secret;
}

Status Accounts::remove_token(const std::string& name) {
  MYNAH_OK(database_->run("delete from tokens where name = ?1", {name}));
  if (database_->changed() == 0) return Error{Errc::not_found, cat("there is no token ", name)};
  return ok();
}

Result<std::optional<Principal>> Accounts::find_token(std::string_view token) {
  MYNAH_LET(const auto rows,
            database_->run("select tokens.name, user, role, manages, scope from tokens "
                           "join users on users.name = user where hash = ?1 and expires > ?2",
                           {sha256_hex(token), now()}));
  if (rows.empty()) return std::optional<Principal>();
  return std::optional(Principal{.name = text_of(rows[0][0]),
                                 .user = text_of(rows[0][1]),
                                 .role = role_of(text_of(rows[0][2])),
                                 .manages = number_in(rows[0][3]) != 0,
                                 .scope = scope_of(text_of(rows[0][4]))});
}

}  // namespace mynah::control
