// SPDX-License-Identifier: Apache-2.0
// A small server to point protocol checkers and load generators at: http_echo PORT [ORIGIN_PORT].
// Answers every request with the body that it came with, or, with an origin's port, passes it on to
// there over HTTP/1.1 connections that it keeps. HTTP/1 and, by prior knowledge, HTTP/2.
// tidy: allow-file printf: a program of its own, for measuring and for h2spec
// tidy: allow-file unsafe-c: its argument comes from a test
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "aio/connect.h"
#include "aio/listener.h"
#include "aio/loop.h"
#include "aio/scope.h"
#include "http/client.h"
#include "http/server.h"

namespace mynah::http {
namespace {

class Echo final : public Handler {
 public:
  Task<> serve(ServerStream& exchange) override {
    std::string body;
    while (!exchange.request_ended()) {
      auto piece = co_await exchange.read();
      if (!piece) co_return;
      body.append(piece->bytes.view());
      if (piece->end == End::yes) break;
    }
    if (body.empty()) body = "hello\n";
    Headers head;
    head.add(":status", "200");
    head.add("content-type", "application/octet-stream");
    head.add("content-length", std::to_string(body.size()));
    (co_await exchange.respond(head, End::no)).ignore();  // A client that is gone wants nothing.
    (co_await exchange.write(Slice::of(std::move(body)), End::yes)).ignore();
  }
};

class Pass final : public Handler {
 public:
  Pass(Loop& loop, Address origin) : loop_(loop), origin_(std::move(origin)) {}

  Task<> serve(ServerStream& down) override {
    std::unique_ptr<ClientConnection> connection = take();
    if (connection == nullptr) {
      auto connected = co_await connect(loop_, origin_, loop_.in(1s));
      if (!connected) co_return;
      connection = make_client(*std::move(connected), Version::http11, limits_, nullptr);
    }
    {
      const ClientStreamPtr up = connection->open();
      co_await pass(down, *up);
    }
    if (!connection->closed()) idle_.push_back(std::move(connection));
  }

 private:
  std::unique_ptr<ClientConnection> take() {
    while (!idle_.empty()) {
      std::unique_ptr<ClientConnection> connection = std::move(idle_.back());
      idle_.pop_back();
      if (connection->streams_free() > 0) return connection;
    }
    return nullptr;
  }

  static Task<> pass(ServerStream& down, ClientStream& up) {
    const bool ended = down.request_ended();
    if (!co_await up.send(down.request(), ended ? End::yes : End::no)) co_return;
    while (!ended) {
      auto piece = co_await down.read();
      if (!piece) co_return;
      if (!co_await up.write(std::move(piece->bytes), piece->end)) co_return;
      if (piece->end == End::yes) break;
    }
    auto head = co_await up.response();
    if (!head) co_return;
    const bool empty = up.response_ended();
    if (!co_await down.respond(*head, empty ? End::yes : End::no)) co_return;
    while (!empty) {
      auto piece = co_await up.read();
      if (!piece) co_return down.abort();
      const End end = piece->end;
      if (!co_await down.write(std::move(piece->bytes), end)) co_return;
      if (end == End::yes) break;
    }
  }

  Loop& loop_;
  Address origin_;
  ClientLimits limits_;
  std::vector<std::unique_ptr<ClientConnection>> idle_;
};

Task<> accept_all(Listener& listener, Server& server, Scope& scope) {
  while (true) {
    auto accepted = co_await listener.accept();
    if (!accepted) continue;
    scope.spawn(
        [](std::reference_wrapper<Server> on, std::unique_ptr<Connection> connection) {
          return on.get().serve(std::move(connection), {});
        },
        std::ref(server), *std::move(accepted));
  }
}

int run(std::uint16_t port, std::uint16_t origin_port) {
  auto loop = Loop::create();
  auto address = Address::from_ip("127.0.0.1", port);
  auto origin = Address::from_ip("127.0.0.1", origin_port);
  if (!loop || !address || !origin) return 1;
  auto listener = Listener::open(**loop, *address, {});
  if (!listener) {
    std::fprintf(stderr, "%s\n", listener.error().what.c_str());
    return 1;
  }
  Echo echo;
  Pass pass(**loop, *origin);
  Server server(**loop, ServerLimits{}, origin_port != 0 ? static_cast<Handler&>(pass) : echo);
  Scope scope(**loop);
  auto accepting = accept_all(**listener, server, scope);
  accepting.start();
  (*loop)->run();
  return 0;
}

}  // namespace
}  // namespace mynah::http

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: http_echo PORT [ORIGIN_PORT]\n");
    return 2;
  }
  const auto port = [&](int index) {
    return static_cast<std::uint16_t>(argc > index ? std::atoi(argv[index]) : 0);
  };
  return mynah::http::run(port(1), port(2));
}
