// SPDX-License-Identifier: Apache-2.0
// From exchanges to the API's values and back.
#include "app/console.h"

#include <utility>

namespace mynah {
namespace {

constexpr Duration kHandshakeTime = 10s;

http::ServerLimits limits() {
  http::ServerLimits limits;
  limits.message.body_bytes = control::Api::kBodyBytesMax;
  return limits;
}

Task<> serve_connection(http::Server& server, std::shared_ptr<const TlsServerContext> tls,
                        std::unique_ptr<Connection> connection) {
  http::PeerInfo peer;
  peer.address = connection->peer().ip();
  peer.port = connection->peer().port();
  if (tls != nullptr) {
    const Instant deadline = server.loop().now() + kHandshakeTime;
    if (!co_await TlsHandshake(*connection, *tls, deadline)) co_return;
    peer.tls = true;
  }
  co_await server.serve(std::move(connection), std::move(peer));
}

}  // namespace

Console::Console(const model::Console& settings, Parts parts, ConsoleFiles files)
    : loop_(parts.loop),
      api_({.accounts = parts.accounts,
            .clock = parts.clock,
            .config = std::move(parts.config),
            .ready = std::move(parts.ready),
            .metrics = std::move(parts.metrics),
            .admin_token = std::move(parts.admin_token),
            .tls = settings.tls.has_value()}),
      files_(std::move(files)),
      server_(loop_, limits(), *this),
      connections_(loop_) {}

Result<std::unique_ptr<Console>> Console::open(const model::Console& settings, Parts parts) {
  MYNAH_LET(auto files, ConsoleFiles::load(parts.folder));
  // tidy: allow new: private constructor
  std::unique_ptr<Console> console(new Console(settings, std::move(parts), std::move(files)));
  if (settings.tls) {
    TlsServerOptions options;
    for (const auto& [certificate, key] : settings.tls->certificates)
      options.certificates.push_back({certificate, key});
    MYNAH_LET(console->tls_, TlsServerContext::create(options));
  }
  MYNAH_LET(console->listener_,
            Listener::open(console->loop_, settings.address, {.shared_port = false}));
  console->connections_.spawn(&Console::accept, std::ref(*console));
  return console;
}

Task<> Console::accept(Console& console) {
  while (true) {
    auto accepted = co_await console.listener_->accept();
    if (!accepted) continue;
    console.connections_.spawn(serve_connection, std::ref(console.server_), console.tls_,
                               *std::move(accepted));
  }
}

Task<> Console::serve(http::ServerStream& exchange) {
  Headers& head = exchange.request();
  control::ApiRequest request;
  request.method = head.value_or(":method", "");
  request.target = head.value_or(":path", "");
  request.client_ip = exchange.peer().address;
  bool ended = exchange.request_ended();
  while (!ended) {
    auto piece = co_await exchange.read();
    if (!piece) co_return;
    ended = piece->end == http::End::yes;
    request.body.append(piece->bytes.view());
  }
  request.headers = std::move(head);
  control::ApiResponse response =
      control::Api::owns(request.target) ? api_.handle(request) : files_.handle(request);
  Headers answer;
  answer.add(":status", std::to_string(response.status));
  for (const auto& [name, value] : response.headers) answer.add(name, value);
  // The length of a 304 would be that of the file, which is not here.
  if (response.status != 304) {
    answer.add("content-length", std::to_string(response.body.size()));
  }
  const auto end = response.body.empty() ? http::End::yes : http::End::no;
  if (!co_await exchange.respond(answer, end) || end == http::End::yes) co_return;
  // A client that has gone away does not want the rest.
  (co_await exchange.write(Slice::of(std::move(response.body)), http::End::yes)).ignore();
}

}  // namespace mynah
