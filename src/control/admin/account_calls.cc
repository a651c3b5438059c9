// SPDX-License-Identifier: Apache-2.0
// Users are the owner's business, tokens everybody's own and the owner's.
#include "control/admin/account_calls.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "control/admin/listing.h"

namespace mynah::control {

namespace {

using Context = ApiCall::Context;

ApiResponse malformed(std::string_view what) { return api_error(400, "bad-request", what); }

// ---- Users

std::string json_of(const User& user) {
  JsonWriter json;
  json.begin_object().member("name", user.name).member("role", name_of(user.role));
  write_permissions(json, user.manages);
  json.member("created", rfc3339(user.created)).end_object();
  return std::move(json).take();
}

std::string json_of(const std::optional<User>& user) { return user ? json_of(*user) : ""; }

struct WantedUser {
  User user;
  std::string password;
};

Result<WantedUser> read_user(const Context& call) {
  MYNAH_LET(const Json body, call.json());
  WantedUser wanted{.user = {.name = call.parameter("name")}, .password = {}};
  for (const auto& [name, value] : body.root().members()) {
    if (name == "role" && (value.text() == "owner" || value.text() == "user")) {
      wanted.user.role = value.text() == "owner" ? Role::owner : Role::user;
    } else if (name == "permissions" && value.is_array()) {
      for (const JsonView permission : value.items()) {
        if (permission.text() == "manage") {
          wanted.user.manages = true;
          continue;
        }
        return Error{Errc::invalid_argument, "permissions: the one that there is, is \"manage\""};
      }
    } else if (name == "password" && value.is_string()) {
      wanted.password = value.text();
    } else {
      return Error{Errc::invalid_argument,
                   cat("a user has \"role\" (user or owner), \"permissions\" (a list) and "
                       "\"password\" (a text); what is ",
                       json_string(name), "?")};
    }
  }
  return wanted;
}

ApiResponse list_users(const ApiParts& parts, const Context& call) {
  const auto users = parts.accounts.users();
  if (!users) return api_error(users.error());
  Items items;
  for (const User& user : *users) items.emplace_back(user.name, json_of(user));
  return page_response(call, items);
}

ApiResponse show_user(const ApiParts& parts, const Context& call) {
  const auto user = parts.accounts.find_user(call.parameter("name"));
  if (!user) return api_error(user.error());
  if (!*user) return api_error(404, "not-found", "there is no such user");
  return json_response(200, json_of(**user));
}

Task<ApiResponse> put_user(const ApiParts& parts, const Context& call) {
  const auto wanted = read_user(call);
  if (!wanted) co_return malformed(wanted.error().what);
  const std::string& name = wanted->user.name;
  std::string hash;
  if (!wanted->password.empty()) {
    const Status fits = check_new_password(wanted->password);
    if (!fits) co_return api_error(fits.error());
    auto made = co_await parts.passwords.hash(wanted->password);
    if (!made) co_return api_error(made.error());
    hash = *std::move(made);
  }
  const auto before = parts.accounts.find_user(name);
  if (!before) co_return api_error(before.error());
  const Status put = parts.accounts.put_user_hashed(wanted->user, hash);
  if (!put) co_return api_error(put.error());
  const auto after = parts.accounts.find_user(name);
  if (!after) co_return api_error(after.error());
  const Status told = parts.audit.record(call.author(), "put", cat("users/", name),
                                         json_of(*before), json_of(*after));
  if (!told) co_return api_error(told.error());
  parts.events.tell("user", json_of(*after), Access::owner);
  co_return json_response(*before ? 200 : 201, json_of(*after));
}

ApiResponse delete_user(const ApiParts& parts, const Context& call) {
  const std::string name = call.parameter("name");
  const auto before = parts.accounts.find_user(name);
  if (!before) return api_error(before.error());
  const Status removed = parts.accounts.remove_user(name);
  if (!removed) return api_error(removed.error());
  const Status told =
      parts.audit.record(call.author(), "delete", cat("users/", name), json_of(*before), "");
  return told ? no_content() : api_error(told.error());
}

// ---- Tokens

void write_token(JsonWriter& json, const Token& token) {
  json.member("name", token.name).member("user", token.user);
  json.member("scope", name_of(token.scope)).member("created", rfc3339(token.created));
  if (token.expires) json.member("expires", rfc3339(*token.expires));
}

std::string json_of(const Token& token) {
  JsonWriter json;
  json.begin_object();
  write_token(json, token);
  json.end_object();
  return std::move(json).take();
}

bool may_see(const Principal& who, const Token& token) {
  return who.role == Role::owner || who.user == token.user;
}

Result<Token> read_token(const Context& call) {
  MYNAH_LET(const Json body, call.json());
  const std::string& own = call.principal->user;
  Token token{.name = call.parameter("name"), .user = own.empty() ? "admin" : own};
  for (const auto& [name, value] : body.root().members()) {
    if (name == "scope" && value.is_string()) {
      const auto scopes = {TokenScope::read, TokenScope::plugins, TokenScope::write};
      const auto scope = std::ranges::find(scopes, value.text(), [](auto s) { return name_of(s); });
      if (scope == scopes.end()) {
        return Error{Errc::invalid_argument, "scope: it is one of read, plugins and write"};
      }
      token.scope = *scope;
    } else if (name == "user" && value.is_string()) {
      token.user = value.text();
    } else if (name == "expires" && value.is_string()) {
      MYNAH_LET(token.expires, parse_rfc3339(value.text()));
    } else {
      return Error{Errc::invalid_argument,
                   cat("a token has \"scope\", \"user\" and \"expires\" (a time such as "
                       "2030-01-01T00:00:00Z), all texts; what is ",
                       json_string(name), "?")};
    }
  }
  return token;
}

ApiResponse list_tokens(const ApiParts& parts, const Context& call) {
  const auto tokens = parts.accounts.tokens();
  if (!tokens) return api_error(tokens.error());
  Items items;
  for (const Token& token : *tokens) {
    if (may_see(*call.principal, token)) items.emplace_back(token.name, json_of(token));
  }
  return page_response(call, items);
}

ApiResponse show_token(const ApiParts& parts, const Context& call) {
  const auto token = parts.accounts.find_token_named(call.parameter("name"));
  if (!token) return api_error(token.error());
  if (!*token || !may_see(*call.principal, **token)) {
    return api_error(404, "not-found", "there is no such token");
  }
  return json_response(200, json_of(**token));
}

ApiResponse put_token(const ApiParts& parts, const Context& call) {
  const auto wanted = read_token(call);
  if (!wanted) return malformed(wanted.error().what);
  if (!may_see(*call.principal, *wanted)) {
    return api_error(403, "forbidden", "only the owner makes tokens for others");
  }
  if (wanted->expires && *wanted->expires <= parts.clock.wall_now()) {
    return api_error(422, "invalid-argument", "expires: this time is over");
  }
  const auto secret = parts.accounts.create_token(*wanted);
  if (!secret) return api_error(secret.error());
  const auto made = parts.accounts.find_token_named(wanted->name);
  if (!made) return api_error(made.error());
  const Status told =
      parts.audit.record(call.author(), "put", cat("tokens/", wanted->name), "", json_of(**made));
  if (!told) return api_error(told.error());
  JsonWriter json;
  json.begin_object();
  write_token(json, **made);
  json.member("token", *secret).end_object();
  return json_response(201, std::move(json).take());
}

ApiResponse delete_token(const ApiParts& parts, const Context& call) {
  const std::string name = call.parameter("name");
  const auto before = parts.accounts.find_token_named(name);
  if (!before) return api_error(before.error());
  if (!*before || !may_see(*call.principal, **before)) {
    return api_error(404, "not-found", "there is no such token");
  }
  const Status removed = parts.accounts.remove_token(name);
  if (!removed) return api_error(removed.error());
  const Status told =
      parts.audit.record(call.author(), "delete", cat("tokens/", name), json_of(**before), "");
  return told ? no_content() : api_error(told.error());
}

// ---- The calls

using Handler = ApiResponse (*)(const ApiParts&, const Context&);

ApiCall::Answer with(const ApiParts& parts, Handler handler) {
  return [&parts, handler](const Context& call) { return at_once(handler(parts, call)); };
}

std::vector<ApiCall> user_calls(const ApiParts& parts) {
  return {{.method = "GET",
           .path = "/api/v1/users",
           .access = Access::owner,
           .summary = "The users.",
           .statuses = {200, 400},
           .gives = "users",
           .pages = true,
           .answer = with(parts, list_users)},
          {.method = "GET",
           .path = "/api/v1/users/{name}",
           .access = Access::owner,
           .summary = "A user.",
           .statuses = {200, 404},
           .gives = "user",
           .answer = with(parts, show_user)},
          {.method = "PUT",
           .path = "/api/v1/users/{name}",
           .access = Access::owner,
           .summary = "Makes a user, who needs a password, or changes one.",
           .statuses = {200, 201, 400, 409, 422, 429},
           .takes = "wanted_user",
           .gives = "user",
           .answer = [&parts](const Context& call) { return put_user(parts, call); }},
          {.method = "DELETE",
           .path = "/api/v1/users/{name}",
           .access = Access::owner,
           .summary = "Removes a user with its sessions and tokens; the last owner stays.",
           .statuses = {204, 404, 409},
           .answer = with(parts, delete_user)}};
}

std::vector<ApiCall> token_calls(const ApiParts& parts) {
  return {{.method = "GET",
           .path = "/api/v1/tokens",
           .access = Access::account,
           .summary = "One's tokens; an owner sees all.",
           .statuses = {200, 400},
           .gives = "tokens",
           .pages = true,
           .answer = with(parts, list_tokens)},
          {.method = "GET",
           .path = "/api/v1/tokens/{name}",
           .access = Access::account,
           .summary = "A token, without its secret.",
           .statuses = {200, 404},
           .gives = "token",
           .answer = with(parts, show_token)},
          {.method = "PUT",
           .path = "/api/v1/tokens/{name}",
           .access = Access::account,
           .summary = "Makes a token; its secret is in this answer and nowhere else.",
           .statuses = {201, 400, 403, 409, 422, 429},
           .takes = "wanted_token",
           .gives = "made_token",
           .answer = with(parts, put_token)},
          {.method = "DELETE",
           .path = "/api/v1/tokens/{name}",
           .access = Access::account,
           .summary = "Revokes a token.",
           .statuses = {204, 404},
           .answer = with(parts, delete_token)}};
}

constexpr std::string_view kSchemas = R"(
"user":{"type":"object","required":["name","role","permissions","created"],"properties":{"name":{"type":"string"},"role":{"enum":["user","owner"]},"permissions":{"type":"array","items":{"enum":["manage"]}},"created":{"type":"string"}}},
"users":{"type":"object","required":["items","total"],"properties":{"items":{"type":"array","items":{"$ref":"#/components/schemas/user"}},"total":{"type":"integer"}}},
"wanted_user":{"type":"object","additionalProperties":false,"properties":{"role":{"enum":["user","owner"],"default":"user"},"permissions":{"type":"array","items":{"enum":["manage"]},"default":[]},"password":{"type":"string","minLength":8,"maxLength":1024}}},
"token":{"type":"object","required":["name","user","scope","created"],"properties":{"name":{"type":"string"},"user":{"type":"string"},"scope":{"enum":["read","plugins","write"]},"created":{"type":"string"},"expires":{"type":"string"}}},
"made_token":{"type":"object","required":["name","user","scope","created","token"],"properties":{"name":{"type":"string"},"user":{"type":"string"},"scope":{"enum":["read","plugins","write"]},"created":{"type":"string"},"expires":{"type":"string"},"token":{"type":"string"}}},
"tokens":{"type":"object","required":["items","total"],"properties":{"items":{"type":"array","items":{"$ref":"#/components/schemas/token"}},"total":{"type":"integer"}}},
"wanted_token":{"type":"object","additionalProperties":false,"properties":{"scope":{"enum":["read","plugins","write"],"default":"read"},"user":{"type":"string","description":"Whose token; by default one's own."},"expires":{"type":"string","format":"date-time"}}}
)";

}  // namespace

void write_permissions(JsonWriter& json, bool manages) {
  json.key("permissions").begin_array();
  if (manages) json.value("manage");
  json.end_array();
}

ApiCallSet account_calls(const ApiParts& parts) {
  ApiCallSet set{.calls = user_calls(parts), .schemas = std::string(kSchemas)};
  const std::vector<ApiCall> tokens = token_calls(parts);
  set.calls.insert(set.calls.end(), tokens.begin(), tokens.end());
  return set;
}

}  // namespace mynah::control
