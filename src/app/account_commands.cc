// SPDX-License-Identifier: Apache-2.0
// From options to calls of the API, and from their answers to lines.
#include "app/account_commands.h"

#include <cstdio>
#include <iostream>
#include <utility>

#include "aio/loop.h"
#include "app/say.h"
#include "base/encoding.h"
#include "base/json_writer.h"
#include "base/text.h"

namespace mynah {
namespace {

std::string path_of(std::string_view kind, std::string_view name) {
  return cat("/api/v1/", kind, "/", percent_encode(name));
}

// Not from the command line: other users of the machine see that.
Result<std::string> read_password() {
  std::string line;
  std::fputs("password: ", stderr);  // tidy: allow printf: asks for what is typed
  if (!std::getline(std::cin, line) || line.empty()) {
    return Error{Errc::invalid_argument, "the password is read from standard input; it is empty"};
  }
  return line;
}

Result<Duration> parse_period(std::string_view text) {
  const std::string_view digits = text.substr(0, text.size() - (text.empty() ? 0 : 1));
  const auto count = parse_number<std::uint32_t>(digits);
  if (count && *count > 0 && *count < 100'000) {
    if (text.back() == 'd') return Duration(*count * 24h);
    if (text.back() == 'h') return Duration(*count * 1h);
    if (text.back() == 'm') return Duration(*count * 1min);
  }
  return Error{Errc::invalid_argument, cat("--expires-in ", text,
                                           ": it is a number of days, hours or minutes: 90d, 12h, "
                                           "30m")};
}

Status put_user(const RemoteOptions& options, const std::string& name, JsonWriter body,
                Format format, std::string_view done) {
  MYNAH_LET(const Remote remote, Remote::open(options));
  MYNAH_LET(const Json user,
            remote.ask_json("PUT", path_of("users", name), std::move(body).take()));
  say(format == Format::json ? user.dump() : cat(name, " ", done));
  return ok();
}

}  // namespace

Status list_users(const RemoteOptions& options, Format format) {
  MYNAH_LET(const Remote remote, Remote::open(options));
  MYNAH_LET(const Json users, remote.list("/api/v1/users"));
  if (format == Format::json) {
    say(users.dump());
    return ok();
  }
  Table table({"NAME", "ROLE", "PERMISSIONS", "CREATED"});
  for (const JsonView user : users.root().items()) {
    table.add(
        {user.text("name"), user.text("role"), user.text("permissions.0"), user.text("created")});
  }
  say(table.text());
  return ok();
}

Status create_user(const RemoteOptions& options, const UserOptions& user, Format format) {
  MYNAH_LET(const std::string password, read_password());
  JsonWriter body;
  body.begin_object().member("role", user.owner ? "owner" : "user").member("password", password);
  body.key("permissions").begin_array();
  for (const std::string& permission : user.permissions) body.value(permission);
  body.end_array().end_object();
  return put_user(options, user.name, std::move(body), format, "is a user");
}

// What the user may stays as it is.
Status change_password(const RemoteOptions& options, const std::string& name) {
  MYNAH_LET(const Remote remote, Remote::open(options));
  MYNAH_LET(const Json user, remote.ask_json("GET", path_of("users", name)));
  MYNAH_LET(const std::string password, read_password());
  JsonWriter body;
  body.begin_object().member("role", user.text("role")).member("password", password);
  body.key("permissions").value(user["permissions"]).end_object();
  return put_user(options, name, std::move(body), Format::text, "has a new password");
}

Status delete_user(const RemoteOptions& options, const std::string& name) {
  MYNAH_LET(const Remote remote, Remote::open(options));
  MYNAH_OK(remote.ask_json("DELETE", path_of("users", name)));
  say(cat(name, " is no user any more"));
  return ok();
}

Status list_tokens(const RemoteOptions& options, Format format) {
  MYNAH_LET(const Remote remote, Remote::open(options));
  MYNAH_LET(const Json tokens, remote.list("/api/v1/tokens"));
  if (format == Format::json) {
    say(tokens.dump());
    return ok();
  }
  Table table({"NAME", "USER", "SCOPE", "CREATED", "EXPIRES"});
  for (const JsonView token : tokens.root().items()) {
    const std::string expires = token.text("expires");
    table.add({token.text("name"), token.text("user"), token.text("scope"), token.text("created"),
               expires.empty() ? "never" : expires});
  }
  say(table.text());
  return ok();
}

Status create_token(const RemoteOptions& options, const TokenOptions& token, Format format) {
  JsonWriter body;
  body.begin_object().member("scope", token.scope);
  if (!token.user.empty()) body.member("user", token.user);
  if (!token.expires_in.empty()) {
    MYNAH_LET(const Duration period, parse_period(token.expires_in));
    body.member("expires", rfc3339(SystemClock().wall_now() + period));
  }
  body.end_object();
  MYNAH_LET(const Remote remote, Remote::open(options));
  MYNAH_LET(const Json made,
            remote.ask_json("PUT", path_of("tokens", token.name), std::move(body).take()));
  say(format == Format::json ? made.dump() : made.text("token"));
  return ok();
}

Status revoke_token(const RemoteOptions& options, const std::string& name) {
  MYNAH_LET(const Remote remote, Remote::open(options));
  MYNAH_OK(remote.ask_json("DELETE", path_of("tokens", name)));
  say(cat(name, " is revoked"));
  return ok();
}

}  // namespace mynah
