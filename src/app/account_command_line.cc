// SPDX-License-Identifier: Apache-2.0
// Options of the commands on accounts.
#include "app/account_command_line.h"

#include <CLI/CLI.hpp>

namespace mynah {

void add_remote_options(CLI::App& command, RemoteOptions& remote, bool* json) {
  command.add_option("--server", remote.server, "the gateway's console address")
      ->type_name("URL")
      ->capture_default_str();
  command.add_option("--token", remote.token, "a token; else the variable MYNAH_TOKEN")
      ->type_name("TOKEN");
  if (json != nullptr) command.add_flag("--json", *json, "answer in JSON");
}

void AccountCommandLine::add_to(CLI::App& app, End end) {
  add_user(app, end);
  add_token(app, end);
}

void AccountCommandLine::add_user(CLI::App& app, const End& end) {
  auto* user = app.add_subcommand("user", "users of a running gateway's console and admin API");
  user->require_subcommand(1);
  const auto named = [&](const char* name, const char* text) {
    auto* command = user->add_subcommand(name, text);
    command->add_option("name", user_.name, "the user's name")->required()->type_name("NAME");
    return command;
  };
  auto* list = user->add_subcommand("list", "the users");
  add_remote_options(*list, remote_, &json_);
  list->callback([this, end] { end(list_users(remote_, format())); });

  auto* create = named("create", "make a user; the password is read from standard input");
  create->add_flag("--owner", user_.owner, "may do everything");
  create
      ->add_option("--permission", user_.permissions,
                   "what the user may beyond reading: manage (routes, services, plug-ins)")
      ->type_name("WORD");
  add_remote_options(*create, remote_, &json_);
  create->callback([this, end] { end(create_user(remote_, user_, format())); });

  auto* password = named("password", "give a user another password, read from standard input");
  add_remote_options(*password, remote_);
  password->callback([this, end] { end(change_password(remote_, user_.name)); });

  auto* remove = named("delete", "remove a user with its sessions and tokens");
  add_remote_options(*remove, remote_);
  remove->callback([this, end] { end(delete_user(remote_, user_.name)); });
}

void AccountCommandLine::add_token(CLI::App& app, const End& end) {
  auto* token = app.add_subcommand("token", "tokens for programs that use the admin API");
  token->require_subcommand(1);
  auto* list = token->add_subcommand("list", "one's tokens; an owner sees all");
  add_remote_options(*list, remote_, &json_);
  list->callback([this, end] { end(list_tokens(remote_, format())); });

  auto* create = token->add_subcommand("create", "make a token and print it, this once");
  create->add_option("name", token_.name, "the token's name")->required()->type_name("NAME");
  create
      ->add_option("--scope", token_.scope,
                   "what it is good for: read, plugins (and read), or write (and both)")
      ->type_name("WORD")
      ->capture_default_str();
  create->add_option("--user", token_.user, "whose token, if not one's own")->type_name("NAME");
  create->add_option("--expires-in", token_.expires_in, "90d, 12h or 30m; without it: never")
      ->type_name("PERIOD");
  add_remote_options(*create, remote_, &json_);
  create->callback([this, end] { end(create_token(remote_, token_, format())); });

  auto* revoke = token->add_subcommand("revoke", "let a token be good for nothing any more");
  revoke->add_option("name", token_.name, "the token's name")->required()->type_name("NAME");
  add_remote_options(*revoke, remote_);
  revoke->callback([this, end] { end(revoke_token(remote_, token_.name)); });
}

}  // namespace mynah
