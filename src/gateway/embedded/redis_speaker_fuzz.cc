// SPDX-License-Identifier: Apache-2.0
// Any bytes from a Redis client, in pieces of any size, before or after it has logged in (the first
// byte decides). Properties: what is answered is RESP, and the connection ends.
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <utility>

#include "aio/scope.h"
#include "base/check.h"
#include "gateway/embedded/redis_speaker.h"

using namespace mynah;

namespace {

Task<> serve(PortSpeaker& speaker, std::unique_ptr<Connection> connection, bool& ended) {
  co_await speaker.serve(std::move(connection));
  ended = true;
}

Task<> talk(Connection& to, std::string bytes, std::size_t at_once) {
  for (std::size_t at = 0; at < bytes.size(); at += at_once) {
    const std::string_view piece = std::string_view(bytes).substr(at, at_once);
    if (!co_await to.write(piece, kNever)) co_return;
    co_await Yield(to.loop());
  }
  to.shut_write();
}

Task<> hear(Connection& from) {
  RespDecoder decoder;
  std::string room(64U << 10U, '\0');
  while (true) {
    const auto got = co_await from.read(room, kNever);
    if (!got || *got == 0) co_return;
    decoder.feed({room.data(), *got});
    while (true) {
      const auto reply = decoder.next();
      MYNAH_CHECK(reply.ok());
      if (!*reply) break;
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  SimulatedClock clock;
  const auto loop = *Loop::create(clock);
  const auto store = *store::Store::open({.background = store::Background::by_hand}, clock);
  Metrics metrics(1);
  PortMeters meters(metrics);
  model::Service service;
  service.origin = model::Embedded{.password = "p"};
  const auto speaker = speak_redis(*loop, *store, service, meters);

  int ends[2];
  MYNAH_CHECK(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
  auto near = *Connection::adopt(*loop, ends[0], Address());
  const auto far = *Connection::adopt(*loop, ends[1], Address());
  std::string bytes((data[0] & 1U) != 0 ? "AUTH p\r\n" : "");
  bytes.append(reinterpret_cast<const char*>(data + 1), size - 1);
  bool ended = false;
  Scope scope(*loop);
  scope.spawn(serve, std::ref(*speaker), std::move(near), std::ref(ended));
  scope.spawn(hear, std::ref(*far));
  scope.spawn(talk, std::ref(*far), std::move(bytes), std::size_t{1} + data[0] / 2U);
  loop->run_until_idle();
  MYNAH_CHECK(ended);
  return 0;
}
