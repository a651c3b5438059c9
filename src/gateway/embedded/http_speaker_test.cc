// SPDX-License-Identifier: Apache-2.0
// Goal: who does not bring the password is turned away, wherever clients put it.
#include "gateway/embedded/http_speaker.h"

#include <gtest/gtest.h>

#include "aio/testing.h"
#include "base/text.h"
#include "gateway/embedded/local_reply.h"

namespace mynah {
namespace {

Task<> greet(http::ServerStream& exchange) {
  (co_await respond_json(exchange, 200, "{}")).ignore();
}

Task<> serve(PortSpeaker& speaker, std::unique_ptr<Connection> connection) {
  co_await speaker.serve(std::move(connection));
}

// The status line of the answer to a request with this header line.
Task<std::string> status_with(Loop& loop, std::string header) {
  Metrics metrics(1);
  PortMeters meters(metrics);
  model::Service service;
  service.origin = model::Embedded{.kind = model::EmbeddedKind::demo_llm, .password = "secret"};
  const auto speaker = speak_http(loop, greet, service, meters);
  auto [client, served] = connection_pair(loop);
  Scope scope(loop);
  scope.spawn(serve, std::ref(*speaker), std::move(served));
  const std::string request = cat("GET /v1/models HTTP/1.1\r\nhost: x\r\n", header, "\r\n");
  EXPECT_TRUE((co_await client->write(request, kNever)).ok());
  char room[4096];
  const auto got = co_await client->read(room, kNever);
  EXPECT_TRUE(got.ok());
  const std::string_view answer(room, got ? *got : 0);
  co_return std::string(answer.substr(0, answer.find("\r\n")));
}

MYNAH_TEST_CO(HttpSpeaker, AnswersWhoBringsThePassword) {
  EXPECT_EQ(co_await status_with(loop, "authorization: Bearer secret\r\n"), "HTTP/1.1 200 OK");
  EXPECT_EQ(co_await status_with(loop, "authorization: bearer secret\r\n"), "HTTP/1.1 200 OK");
  EXPECT_EQ(co_await status_with(loop, "dashvector-auth-token: secret\r\n"), "HTTP/1.1 200 OK");
}

MYNAH_TEST_CO(HttpSpeaker, TurnsAwayWhoDoesNot) {
  EXPECT_EQ(co_await status_with(loop, ""), "HTTP/1.1 401 Unauthorized");
  EXPECT_EQ(co_await status_with(loop, "authorization: Bearer secre\r\n"),
            "HTTP/1.1 401 Unauthorized");
  EXPECT_EQ(co_await status_with(loop, "authorization: secret\r\n"), "HTTP/1.1 401 Unauthorized");
  EXPECT_EQ(co_await status_with(loop, "dashvector-auth-token:\r\n"), "HTTP/1.1 401 Unauthorized");
}

}  // namespace
}  // namespace mynah
