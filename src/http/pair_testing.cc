// SPDX-License-Identifier: Apache-2.0
// A client and a server of the codec, joined by a pair of sockets.
#include "http/pair_testing.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "base/check.h"

namespace mynah::http {
namespace {

std::pair<int, int> open_pair() {
  std::array<int, 2> ends{};
  MYNAH_CHECK(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) ==
              0);
  return {ends[0], ends[1]};
}

std::unique_ptr<Connection> adopt(Loop& loop, int descriptor) {
  auto connection = Connection::adopt(loop, descriptor, Address());
  MYNAH_CHECK(connection.ok());
  return *std::move(connection);
}

}  // namespace

void RawPeer::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;  // The other side is gone or full: the test sees what comes of it.
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void RawPeer::pull() {
  std::array<char, 65536> room;
  while (!ended_) {
    const ssize_t got = ::recv(descriptor_, room.data(), room.size(), 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
      ended_ = true;
      return;
    }
    received_.append(room.data(), static_cast<std::size_t>(got));
  }
}

std::string RawPeer::receive() {
  pull();
  return std::exchange(received_, {});
}

bool RawPeer::closed() {
  pull();
  return ended_;
}

void RawPeer::shut() { ::shutdown(descriptor_, SHUT_WR); }

void RawPeer::close() {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  ended_ = true;
}

Pair make_pair_on(Loop& loop) {
  const auto [near, far] = open_pair();
  return {adopt(loop, near), std::make_unique<RawPeer>(far)};
}

std::pair<std::unique_ptr<Connection>, std::unique_ptr<Connection>> make_ends(Loop& loop) {
  const auto [one, other] = open_pair();
  return {adopt(loop, one), adopt(loop, other)};
}

Task<> echo(ServerStream& exchange) {
  std::string body;
  for (const std::string_view name : {":method", ":authority", ":path"}) {
    body.append(exchange.request().value_or(name, "")).append(" ");
  }
  while (!exchange.request_ended()) {
    auto piece = co_await exchange.read();
    if (!piece) co_return;
    body.append(piece->bytes.view());
    if (piece->end == End::yes) break;
  }
  Headers head;
  head.add(":status", "200");
  head.add("content-length", std::to_string(body.size()));
  (co_await exchange.respond(head, End::no)).ignore();
  (co_await exchange.write(Slice::copy_of(body), End::yes)).ignore();
}

ServerBench::ServerBench(FunctionHandler::Function function, const ServerLimits& limits)
    : loop(*Loop::create(clock)),
      handler(std::move(function)),
      server(*loop, limits, handler),
      scope(*loop) {}

ServerBench::~ServerBench() { scope.cancel(); }

std::unique_ptr<RawPeer> ServerBench::connect() {
  Pair pair = make_pair_on(*loop);
  scope.spawn(
      [this](std::unique_ptr<Connection> near) {
        return server.serve(std::move(near), PeerInfo{.address = "192.0.2.1"});
      },
      std::move(pair.near));
  return std::move(pair.far);
}

std::string ServerBench::exchange(std::string_view bytes) {
  const auto client = connect();
  client->send(bytes);
  settle();
  return client->receive();
}

void ServerBench::settle() { pass(Duration{}); }

// The clock jumps to the timer only when nothing else is left to do.
void ServerBench::pass(Duration duration) {
  bool passed = false;
  Timer timer([](void* flag) { *static_cast<bool*>(flag) = true; }, &passed);
  timer.arm(loop->timers(), loop->now() + duration + std::chrono::milliseconds(1));
  loop->run_until([&] { return passed; });
}

}  // namespace mynah::http
