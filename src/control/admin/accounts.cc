// SPDX-License-Identifier: Apache-2.0
// Accounts in SQLite. Times are whole seconds since 1970.
#include "control/admin/accounts.h"

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

Principal principal_of(std::string name, const std::string& role, Principal::By by) {
  return {.name = std::move(name),
          .role = role_of(role),
          .scope = role_of(role) == Role::owner || by == Principal::By::session ? TokenScope::write
                                                                                : TokenScope::read,
          .by = by};
}

const std::string& text_of(const Database::Value& value) { return std::get<std::string>(value); }

}  // namespace

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
            database_->run("insert into users values ('admin', ?1, 'owner', ?2)",
                           {hash_password(chosen), now()}));
  return password.empty() ? std::optional(chosen) : std::nullopt;
}

Result<std::optional<Principal>> Accounts::check_password(const std::string& name,
                                                          std::string_view password) {
  MYNAH_LET(const auto rows,
            database_->run("select password, role from users where name = ?1", {name}));
  // An unknown user costs as much time as a wrong password.
  static const std::string nobody = hash_password(random_secret());
  const std::string& hash = rows.empty() ? nobody : text_of(rows[0][0]);
  if (!verify_password(password, hash) || rows.empty()) return std::optional<Principal>();
  return std::optional(principal_of(name, text_of(rows[0][1]), Principal::By::session));
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
            database_->run("select name, role from sessions join users on name = user "
                           "where hash = ?1 and expires > ?2",
                           {sha256_hex(id), now()}));
  if (rows.empty()) return std::optional<Principal>();
  return std::optional(
      principal_of(text_of(rows[0][0]), text_of(rows[0][1]), Principal::By::session));
}

Status Accounts::end_session(std::string_view id) {
  MYNAH_LET(const auto deleted,
            database_->run("delete from sessions where hash = ?1", {sha256_hex(id)}));
  return ok();
}

Result<std::string> Accounts::create_token(const std::string& name, Role role,
                                           std::optional<WallTime> expires) {
  MYNAH_LET(const auto taken, database_->run("select 1 from tokens where name = ?1", {name}));
  if (!taken.empty()) return Error{Errc::already_exists, cat("there is a token named ", name)};
  std::string token = cat("mynah_", random_secret());
  const std::int64_t end = expires ? seconds_of(*expires) : kNoEnd;
  MYNAH_LET(const auto inserted,
            database_->run("insert into tokens values (?1, ?2, ?3, ?4, ?5)",
                           {sha256_hex(token), name, std::string(name_of(role)), now(), end}));
  return token;
}

Result<std::optional<Principal>> Accounts::find_token(std::string_view token) {
  MYNAH_LET(const auto rows,
            database_->run("select name, role from tokens where hash = ?1 and expires > ?2",
                           {sha256_hex(token), now()}));
  if (rows.empty()) return std::optional<Principal>();
  return std::optional(
      principal_of(text_of(rows[0][0]), text_of(rows[0][1]), Principal::By::token));
}

}  // namespace mynah::control
