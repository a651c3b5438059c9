// SPDX-License-Identifier: Apache-2.0
// `mynah user …` and `mynah token …`: accounts of a running gateway.
#pragma once

#include <string>
#include <vector>

#include "app/check_plugin.h"
#include "app/remote.h"
#include "base/result.h"

namespace mynah {

struct UserOptions {
  std::string name;
  bool owner = false;
  std::vector<std::string> permissions = {};
};

// Prints the users, a line each, or as JSON.
Status list_users(const RemoteOptions& remote, Format format);
// The password is read from standard input: its first line.
Status create_user(const RemoteOptions& remote, const UserOptions& user, Format format);
Status change_password(const RemoteOptions& remote, const std::string& name);
Status delete_user(const RemoteOptions& remote, const std::string& name);

struct TokenOptions {
  std::string name;
  std::string scope = "read";
  std::string user = {};        // Empty: who asks.
  std::string expires_in = {};  // "90d", "12h"; empty: never.
};

Status list_tokens(const RemoteOptions& remote, Format format);
// Prints the token, which is told this once.
Status create_token(const RemoteOptions& remote, const TokenOptions& token, Format format);
Status revoke_token(const RemoteOptions& remote, const std::string& name);

}  // namespace mynah
