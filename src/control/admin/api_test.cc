// SPDX-License-Identifier: Apache-2.0
// Goal: every call does what the description says, for those whom the table grants it, and for
// nobody else.
#include "control/admin/api.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "aio/loop.h"
#include "base/json.h"
#include "base/text.h"
#include "control/admin/control_database.h"
#include "control/admin/temporary_testing.h"
#include "control/config/load.h"

namespace mynah::control {
namespace {

constexpr std::string_view kConfig = R"(
services: [{name: qwen, host: qwen.example, tls: {}}, {name: own, endpoints: ["127.0.0.1:9000"]}]
routes:
  - {name: chat, match: {path: {prefix: /v1/}, hosts: [a.example], headers: [{name: x-a, exact: b}, {name: x-b, absent: true}]}, service: qwen,
     request_headers: {set: {authorization: "Bearer sk-secret"}}}
  - {name: old, redirect: {path: /new}}
  - {name: no, response: {status: 403}}
plugins:
  - {id: ai-cache, config: {key: sk-secret}, stage: authn, rules: [{routes: [chat], enabled: false}]}
)";

// Makes of a list of parts a request; the body is JSON.
struct Ask {
  std::string method = "GET";
  std::string target;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string ip = "192.0.2.1";
};

class ApiTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { prepared_ = std::make_unique<Prepared>(); }
  static void TearDownTestSuite() { prepared_.reset(); }

  ApiResponse send(const Ask& ask) {
    ApiRequest request{ask.method, ask.target, {}, ask.body, ask.ip};
    request.headers.add(":authority", "gateway:8001");
    for (const auto& [name, value] : ask.headers) request.headers.add(name, value);
    if (!ask.body.empty() && !request.headers.has("content-type")) {
      request.headers.add("content-type", "application/json");
    }
    auto task = api_->handle(request);
    task.start();
    return task.result();
  }

  // All calls of all sets.
  std::vector<ApiCall> calls() {
    std::vector<ApiCall> all;
    for (const ApiCallSet& set : api_->call_sets()) {
      all.insert(all.end(), set.calls.begin(), set.calls.end());
    }
    return all;
  }

  ApiResponse log_in(const std::string& password, const std::string& ip = "192.0.2.1") {
    return send({.method = "POST",
                 .target = "/api/v1/session",
                 .body = cat(R"({"user":"admin","password":")", password, R"("})"),
                 .ip = ip});
  }

  static std::string cookie_of(const ApiResponse& response) {
    return std::string(cut(response.headers.value_or("set-cookie", ""), ";").before);
  }

  static std::string code_of(const ApiResponse& response) {
    const auto json = Json::parse(response.body);
    return json ? json->text("error.code") : "no JSON";
  }

  // Accounts are costly to make, and no test changes them.
  struct Prepared {
    TemporaryFolder folder;
    SimulatedClock clock;
    Database database = *open_control_database(folder.path());
    Accounts accounts{database, clock};
    AuditLog audit{database, clock};
    KeptObjects kept{database, clock, audit};
    std::unique_ptr<Loop> loop = *Loop::create(clock);
    Events events{*loop};
    Loaded loaded = *parse_config(kConfig, "f", "", {});
    std::map<std::string, std::string, std::less<>> tokens;  // By who asks with them.

    Prepared() {
      accounts.ensure_first_account("correct horse").ignore();
      accounts.put_user({.name = "ben"}, "battery staple").ignore();
      accounts.put_user({.name = "mia", .manages = true}, "battery staple").ignore();
      const auto issue = [this](const std::string& name, const std::string& user,
                                TokenScope scope) {
        const auto expires = name == "expired" ? std::optional(clock.wall_now()) : std::nullopt;
        tokens[name] = *accounts.create_token(
            {.name = name, .user = user, .scope = scope, .expires = expires});
      };
      issue("viewer", "ben", TokenScope::write);
      issue("manager", "mia", TokenScope::write);
      issue("plugins", "mia", TokenScope::plugins);
      issue("reader", "admin", TokenScope::read);
      issue("expired", "admin", TokenScope::write);
    }
  };
  static inline std::unique_ptr<Prepared> prepared_;

  bool ready_ = true;
  // Keeps what is to change, without a gateway.
  static Task<Status> keep(std::vector<ObjectChange> changes, Author author) {
    const auto kept = prepared_->kept.all();
    auto loaded = parse_config(kConfig, "f", "", {}, Files::look, changed(*kept, changes));
    if (!loaded) co_return loaded.error();
    prepared_->loaded = *std::move(loaded);
    co_return prepared_->kept.keep(changes, author);
  }

  void use(ApiCallSet more) {
    ApiParts parts{
        .accounts = prepared_->accounts,
        .audit = prepared_->audit,
        .kept = prepared_->kept,
        .events = prepared_->events,
        .clock = prepared_->clock,
        .loaded = []() -> const Loaded& { return prepared_->loaded; },
        .change = [](std::vector<ObjectChange> changes,
                     Author author) { return keep(std::move(changes), std::move(author)); },
        .ready = [this] { return ready_; },
        .metrics = [] { return std::string("mynah_up 1\n"); },
        .admin_token = "the-admin-token"};
    parts.more.push_back(std::move(more));
    api_ = std::make_unique<Api>(std::move(parts));
  }

  ApiTest() { use({}); }

  std::unique_ptr<Api> api_;
};

TEST_F(ApiTest, TheProgramIsHealthyAndReadyUnlessItDrains) {
  EXPECT_EQ(send({.target = "/healthz"}).status, 200);
  EXPECT_EQ(send({.target = "/readyz"}).status, 200);

  ready_ = false;

  EXPECT_EQ(send({.target = "/healthz"}).status, 200);
  EXPECT_EQ(send({.target = "/readyz"}).status, 503);
}

TEST_F(ApiTest, MetricsArePlainText) {
  const ApiResponse response = send({.target = "/metrics"});

  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "mynah_up 1\n");
  EXPECT_EQ(response.headers.find("content-type"), "text/plain; version=0.0.4; charset=utf-8");
}

TEST_F(ApiTest, AnUnknownPathIsNotFoundAndAnUnknownMethodNotAllowed) {
  EXPECT_EQ(code_of(send({.target = "/api/v1/nothing"})), "not-found");
  EXPECT_EQ(code_of(send({.target = "/api/v1/routes/"})), "not-found");

  const ApiResponse response = send({.method = "PUT", .target = "/api/v1/session"});

  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.headers.find("allow"), "POST, GET, DELETE");
}

TEST_F(ApiTest, TheApiKnowsWhichPathsAreItsOwn) {
  EXPECT_TRUE(Api::owns("/api/v1/routes?limit=1"));
  EXPECT_TRUE(Api::owns("/healthz"));
  EXPECT_FALSE(Api::owns("/"));
  EXPECT_FALSE(Api::owns("/apis"));
  EXPECT_FALSE(Api::owns("/index.html?x=/api/"));
}

TEST_F(ApiTest, ALoginGivesACookieThatScriptsAndOtherSitesCannotUse) {
  const ApiResponse response = log_in("correct horse");

  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.body, R"({"user":"admin","role":"owner","permissions":[],"by":"session"})");
  const std::string cookie(*response.headers.find("set-cookie"));
  EXPECT_TRUE(cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict; Max-Age=43200")) << cookie;
  EXPECT_EQ(response.headers.find("cache-control"), "no-store");
}

TEST_F(ApiTest, ASessionLastsUntilTheLogout) {
  const std::string cookie = cookie_of(log_in("correct horse"));
  EXPECT_EQ(send({.target = "/api/v1/session", .headers = {{"cookie", cookie}}}).status, 200);

  const ApiResponse out =
      send({.method = "DELETE", .target = "/api/v1/session", .headers = {{"cookie", cookie}}});

  EXPECT_EQ(out.status, 204);
  EXPECT_EQ(cookie_of(out), "mynah_session=");
  EXPECT_EQ(send({.target = "/api/v1/session", .headers = {{"cookie", cookie}}}).status, 401);
}

TEST_F(ApiTest, ACookieIsFoundAmongOthers) {
  const std::string cookie = cookie_of(log_in("correct horse"));

  const ApiResponse response =
      send({.target = "/api/v1/session", .headers = {{"cookie", cat("a=b; ", cookie, "; c=d")}}});

  EXPECT_EQ(response.status, 200);
}

TEST_F(ApiTest, WrongCredentialsAreRefusedAndSlowedDown) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(code_of(log_in("wrong", "192.0.2.9")), "wrong-credentials");

  const ApiResponse slowed = log_in("correct horse", "192.0.2.9");
  const ApiResponse other = log_in("correct horse", "192.0.2.10");

  EXPECT_EQ(slowed.status, 429);
  EXPECT_EQ(slowed.headers.find("retry-after"), "1");
  EXPECT_EQ(other.status, 201);
  prepared_->clock.advance(1s);
  EXPECT_EQ(log_in("correct horse", "192.0.2.9").status, 201);
}

TEST_F(ApiTest, AMalformedLoginIsRefused) {
  const auto post = [this](const std::string& body, const std::string& type) {
    return send({.method = "POST",
                 .target = "/api/v1/session",
                 .headers = {{"content-type", type}},
                 .body = body});
  };

  EXPECT_EQ(post("user=admin", "application/x-www-form-urlencoded").status, 415);
  EXPECT_EQ(post("{", "application/json").status, 400);
  EXPECT_EQ(post("[]", "application/json; charset=utf-8").status, 400);
  EXPECT_EQ(post(R"({"user":"admin","password":1})", "application/json").status, 400);
  EXPECT_EQ(post(std::string(70'000, ' '), "application/json").status, 413);
}

TEST_F(ApiTest, APageOfAnotherOriginCannotActWithTheCookie) {
  const std::string cookie = cookie_of(log_in("correct horse"));
  const auto log_out = [&](const std::string& name, const std::string& value) {
    return send({.method = "DELETE",
                 .target = "/api/v1/session",
                 .headers = {{"cookie", cookie}, {name, value}}})
        .status;
  };

  EXPECT_EQ(log_out("origin", "http://evil.example"), 403);
  EXPECT_EQ(log_out("origin", "null"), 403);
  EXPECT_EQ(log_out("sec-fetch-site", "cross-site"), 403);
  EXPECT_EQ(log_out("origin", "http://gateway:8001"), 204);
}

TEST_F(ApiTest, TheTokenOfTheEnvironmentIsAnOwners) {
  const ApiResponse response =
      send({.target = "/api/v1/session", .headers = {{"authorization", "Bearer the-admin-token"}}});

  EXPECT_EQ(
      response.body,
      R"({"user":"MYNAH_ADMIN_TOKEN","role":"owner","permissions":[],"by":"token","scope":"write"})");
}

TEST_F(ApiTest, ATokenThatIsWrongIsNotHelpedByACookie) {
  const std::string cookie = cookie_of(log_in("correct horse"));

  const ApiResponse response =
      send({.target = "/api/v1/session",
            .headers = {{"authorization", "Bearer wrong"}, {"cookie", cookie}}});

  EXPECT_EQ(response.status, 401);
  EXPECT_EQ(response.headers.find("www-authenticate"), "Bearer");
}

TEST_F(ApiTest, RoutesAreListedWithoutTheirSecrets) {
  const ApiResponse response =
      send({.target = "/api/v1/routes", .headers = {{"authorization", "bearer the-admin-token"}}});

  const auto json = Json::parse(response.body);
  ASSERT_TRUE(json.ok()) << response.body;
  EXPECT_EQ(json->text("total"), "3");
  EXPECT_EQ((*json)["items"].at(0).raw(),
            R"({"name":"chat","match":{"hosts":["a.example"],"path":{"prefix":"/v1/"},)"
            R"("headers":[{"name":"x-a","exact":"b"},{"name":"x-b","absent":true}]},)"
            R"("services":[{"service":"qwen","weight":1}],"origin":"file"})");
  EXPECT_EQ((*json)["items"].at(1)["redirect"].raw(), R"({"status":302,"path":"/new"})");
  EXPECT_EQ((*json)["items"].at(2)["response"].raw(), R"({"status":403})");
  EXPECT_EQ(response.body.find("sk-secret"), std::string::npos);
}

TEST_F(ApiTest, ServicesAreListedWithoutTheirSecrets) {
  const Ask services{.target = "/api/v1/services?name=qwen",
                     .headers = {{"authorization", "Bearer the-admin-token"}}};

  EXPECT_EQ(send(services).body,
            R"({"items":[{"name":"qwen","host":"qwen.example","port":443,"tls":true,)"
            R"("protocol":"http1","load_balancing":"round_robin","origin":"file"}],"total":1})");
}

TEST_F(ApiTest, AListingComesInPages) {
  const auto get = [this](const std::string& query) {
    return send({.target = "/api/v1/services" + query,
                 .headers = {{"authorization", "Bearer the-admin-token"}}});
  };

  const auto page = Json::parse(get("?limit=2&offset=1").body);
  EXPECT_EQ(page->text("items.#"), "2");
  EXPECT_EQ(page->text("items.0.name"), "own");
  EXPECT_EQ(page->text("total"), "6");
  EXPECT_EQ(Json::parse(get("?offset=100").body)->text("items.#"), "0");
  EXPECT_EQ(get("?limit=501").status, 400);
  EXPECT_EQ(get("?offset=-1").status, 400);
}

// ---- Who may do what: every call, asked by everybody.

enum class Asker : std::uint8_t {
  nobody,
  wrong_token,
  wrong_cookie,
  expired_token,
  viewer,         // A user without a permission.
  manager,        // A user with it.
  plugins_token,  // The manager's, for plug-ins.
  read_token,     // The owner's, for reading.
  owner,
  owners_session,
};

struct Grants : ApiTest, testing::WithParamInterface<Asker> {
  static bool is_to_be_granted(const ApiCall& call, Asker asker) {
    if (call.access == Access::everybody) return true;
    switch (asker) {
      case Asker::nobody:
      case Asker::wrong_token:
      case Asker::wrong_cookie:
      case Asker::expired_token:
        return false;
      case Asker::viewer:
        return call.access == Access::account;
      case Asker::manager:
        return call.access != Access::owner;
      case Asker::plugins_token:
        return call.access != Access::owner && call.scope_needed() != TokenScope::write;
      case Asker::read_token:
        return call.scope_needed() == TokenScope::read;
      case Asker::owner:
      case Asker::owners_session:
        return true;
    }
    return false;
  }

  std::vector<std::pair<std::string, std::string>> credentials_of(Asker asker) {
    const auto token = [](const std::string& name) {
      return std::vector<std::pair<std::string, std::string>>{
          {"authorization", "Bearer " + prepared_->tokens.at(name)}};
    };
    switch (asker) {
      case Asker::nobody:
        return {};
      case Asker::wrong_token:
        return {{"authorization", "Bearer guess"}};
      case Asker::wrong_cookie:
        return {{"cookie", "mynah_session=guess"}};
      case Asker::expired_token:
        return token("expired");
      case Asker::viewer:
        return token("viewer");
      case Asker::manager:
        return token("manager");
      case Asker::plugins_token:
        return token("plugins");
      case Asker::read_token:
        return token("reader");
      case Asker::owner:
        return {{"authorization", "Bearer the-admin-token"}};
      case Asker::owners_session:
        return {{"cookie", cookie_of(log_in("correct horse"))}};
    }
    return {};
  }
};

// The bodies are no good, so that a call that is granted changes nothing.
TEST_P(Grants, AreThoseOfTheCalls) {
  const auto description = Json::parse(openapi(api_->call_sets()));
  for (const ApiCall& call : calls()) {
    const ApiResponse response = send({.method = call.method,
                                       .target = call.path,
                                       .headers = credentials_of(GetParam()),
                                       .body = call.takes.empty() ? "" : "{"});

    const std::string shown =
        cat(call.method, " ", call.path, " ", response.status, " ", response.body);
    const bool refused = response.status == 401 || response.status == 403;
    const bool wrong = code_of(response) == "wrong-credentials";
    EXPECT_EQ(refused && !wrong, !is_to_be_granted(call, GetParam())) << shown;
    const JsonView described = (*description)["paths"][call.path][lower(call.method)];
    EXPECT_TRUE(described["responses"][std::to_string(response.status)]) << shown;
  }
}

INSTANTIATE_TEST_SUITE_P(Calls, Grants,
                         testing::Values(Asker::nobody, Asker::wrong_token, Asker::wrong_cookie,
                                         Asker::expired_token, Asker::viewer, Asker::manager,
                                         Asker::plugins_token, Asker::read_token, Asker::owner,
                                         Asker::owners_session));

// The table by hand: a call that is added or opened by mistake shows here.
TEST_F(ApiTest, OnlyTheseCallsAreOpenToEverybody) {
  std::vector<std::string> open;
  for (const ApiCall& call : calls()) {
    if (call.access == Access::everybody) open.push_back(cat(call.method, " ", call.path));
  }

  EXPECT_EQ(open, (std::vector<std::string>{"GET /healthz", "GET /readyz", "GET /metrics",
                                            "GET /api/v1/openapi.json", "POST /api/v1/session"}));
}

// ---- The calls of another part

class Greetings : public ApiTest {
 protected:
  static Task<ApiResponse> greet(ApiCall::Context context) {
    ApiResponse response;
    response.headers.add("content-type", "text/plain");
    response.body = cat(context.parameter("name"), " ", context.request.body.size());
    co_return response;
  }

  static ApiCallSet calls() {
    return {.calls = {{.method = "PUT",
                       .path = "/api/v1/greetings/{name}",
                       .access = Access::manager,
                       .summary = "Greets.",
                       .statuses = {200},
                       .takes = "greeting",
                       .takes_as = "text/plain",
                       .gives = "text/plain",
                       .body_bytes_max = 100'000,
                       .scope = TokenScope::plugins,
                       .answer = [](const ApiCall::Context& call) { return greet(call); }}},
            .schemas = R"("greeting":{"type":"string"})"};
  }

  ApiResponse put(const std::string& target, std::size_t bytes) {
    return send(
        {.method = "PUT",
         .target = target,
         .headers = {{"authorization", "Bearer the-admin-token"}, {"content-type", "text/plain"}},
         .body = std::string(bytes, 'a')});
  }

  Greetings() { use(calls()); }
};

TEST_F(Greetings, AreAnsweredWithTheirPathsPartsAndTheirOwnLimit) {
  EXPECT_EQ(put("/api/v1/greetings/J%C3%BCrg", 100'000).body, "Jürg 100000");
  EXPECT_EQ(put("/api/v1/greetings/anna", 100'001).status, 413);
  EXPECT_EQ(put("/api/v1/greetings/", 1).status, 404);
  EXPECT_EQ(put("/api/v1/greetings/a%zz", 1).status, 404);
  EXPECT_EQ(put("/api/v1/greetings/a/b", 1).status, 404);
}

TEST_F(Greetings, AreGrantedAndDescribedAsAllCallsAre) {
  EXPECT_EQ(send({.method = "PUT", .target = "/api/v1/greetings/anna"}).status, 401);
  const auto described = Json::parse(openapi(api_->call_sets()));
  const JsonView call = (*described)["paths"]["/api/v1/greetings/{name}"]["put"];
  EXPECT_EQ(call.text("x-access"), "manager");
  EXPECT_EQ(call.text("x-scope"), "plugins");
  EXPECT_EQ(call.text("parameters.0.name"), "name");
  EXPECT_EQ(call["requestBody"]["content"]["text/plain"]["schema"].raw().substr(0, 5), "{\n   ");
  EXPECT_TRUE(call["responses"]["415"]);
  EXPECT_TRUE((*described)["components"]["schemas"]["greeting"]);
}

}  // namespace
}  // namespace mynah::control
