// SPDX-License-Identifier: Apache-2.0
// The options of `mynah user …` and `mynah token …`.
#pragma once

#include <functional>

#include "app/account_commands.h"
#include "app/remote.h"
#include "base/result.h"

namespace CLI {
class App;
}

namespace mynah {

// Adds --server and --token, which every command has that talks to a gateway, and --json if `json`
// is not null.
void add_remote_options(CLI::App& command, RemoteOptions& remote, bool* json = nullptr);

// It lives until the line is parsed and its command has run.
class AccountCommandLine final {
 public:
  using End = std::function<void(const Status& outcome)>;

  // `end` is told what came of the command.
  void add_to(CLI::App& app, End end);

 private:
  void add_user(CLI::App& app, const End& end);
  void add_token(CLI::App& app, const End& end);
  [[nodiscard]] Format format() const { return json_ ? Format::json : Format::text; }

  RemoteOptions remote_;
  UserOptions user_;
  TokenOptions token_;
  bool json_ = false;
};

}  // namespace mynah
