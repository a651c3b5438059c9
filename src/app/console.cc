// SPDX-License-Identifier: Apache-2.0
// From exchanges to the API's values and back.
#include "app/console.h"

#include <utility>

namespace mynah {
namespace {

constexpr Duration kHandshakeTime = 10s;

http::ServerLimits limits(const control::Api& api) {
  http::ServerLimits limits;
  limits.message.body_bytes = api.body_bytes_max();
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

Console::Console(Parts parts, ConsoleFiles files)
    : loop_(parts.loop),
      api_(std::move(parts.api)),
      files_(std::move(files)),
      server_(loop_, limits(api_), *this),
      connections_(loop_) {}

Result<std::unique_ptr<Console>> Console::open(const model::Console& settings, Parts parts) {
  MYNAH_LET(auto files, ConsoleFiles::load(parts.folder));
  parts.api.tls = settings.tls.has_value();
  // tidy: allow new: private constructor
  std::unique_ptr<Console> console(new Console(std::move(parts), std::move(files)));
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
  control::ApiRequest request;
  request.headers = std::move(exchange.request());
  request.method = request.headers.value_or(":method", "");
  request.target = request.headers.value_or(":path", "");
  request.client_ip = exchange.peer().address;
  if (!control::Api::owns(request.target)) {
    control::ApiResponse file = files_.handle(request);
    co_return co_await send(exchange, request, file);
  }
  control::Api::Admission admission = api_.admit(request);
  if (admission.call != nullptr) {
    // One byte too many is enough for the refusal.
    const std::size_t bytes_max = admission.call->body_bytes_max;
    bool ended = exchange.request_ended();
    while (!ended && request.body.size() <= bytes_max) {
      auto piece = co_await exchange.read();
      if (!piece) co_return;
      ended = piece->end == http::End::yes;
      request.body.append(piece->bytes.view());
    }
  }
  control::ApiResponse response = co_await api_.answer(std::move(admission), request);
  co_await send(exchange, request, response);
}

Task<> Console::send(http::ServerStream& exchange, const control::ApiRequest& request,
                     control::ApiResponse& response) {
  Headers head;
  head.add(":status", std::to_string(response.status));
  for (const auto& [name, value] : response.headers) head.add(name, value);
  const bool streams = response.stream != nullptr;
  // The length of a 304 would be that of the file, which is not here.
  if (response.status != 304 && !streams) {
    head.add("content-length", std::to_string(response.body.size()));
  }
  const bool is_short = request.method == "HEAD" || (response.body.empty() && !streams);
  const auto end = is_short ? http::End::yes : http::End::no;
  if (!co_await exchange.respond(head, end) || end == http::End::yes) co_return;
  // A client that has gone away does not want the rest.
  if (!streams) {
    (co_await exchange.write(Slice::of(std::move(response.body)), http::End::yes)).ignore();
    co_return;
  }
  while (auto piece = co_await response.stream->next()) {
    if (!co_await exchange.write(Slice::of(*std::move(piece)), http::End::no)) co_return;
  }
  (co_await exchange.write({}, http::End::yes)).ignore();
}

}  // namespace mynah
