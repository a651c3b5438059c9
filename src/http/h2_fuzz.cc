// SPDX-License-Identifier: Apache-2.0
// Any bytes behind the preface of HTTP/2, given to a server in pieces. Properties: nothing breaks,
// and once the client is gone every exchange and the connection are too.
#include <algorithm>
#include <array>
#include <cstdint>
#include <fcntl.h>
#include <memory>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "aio/loop.h"
#include "aio/scope.h"
#include "base/check.h"
#include "http/server.h"

using namespace mynah;
using namespace mynah::http;

namespace {

constexpr std::string_view kBegin("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33);

class Reader final : public Handler {
 public:
  Task<> serve(ServerStream& exchange) override {
    while (!exchange.request_ended()) {
      auto piece = co_await exchange.read();
      if (!piece || piece->end == End::yes) break;
    }
    Headers head;
    head.add(":status", "200");
    (co_await exchange.respond(head, End::no)).ignore();
    (co_await exchange.write(Slice::of_static("hello"), End::yes)).ignore();
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  SimulatedClock clock;
  auto loop = *Loop::create(clock);
  Reader handler;
  Server server(*loop, ServerLimits{}, handler);
  Scope scope(*loop);
  std::array<int, 2> ends{};
  MYNAH_CHECK(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) ==
              0);
  auto near = Connection::adopt(*loop, ends[0], Address());
  MYNAH_CHECK(near.ok());
  scope.spawn(
      [&server](std::unique_ptr<Connection> connection) {
        return server.serve(std::move(connection), PeerInfo{.address = "192.0.2.1"});
      },
      *std::move(near));

  const std::size_t at_once = (data[0] + 1U) * 16;
  (void)!::write(ends[1], kBegin.data(), kBegin.size());
  for (int piece = 0; !bytes.empty() && piece < 64; ++piece) {
    const std::string_view now = bytes.substr(0, at_once);
    if (::send(ends[1], now.data(), now.size(), MSG_NOSIGNAL) < 0) break;
    bytes.remove_prefix(now.size());
    int turns = 0;
    loop->run_until([&] { return ++turns > 2; });
  }
  ::close(ends[1]);
  loop->run_until([&] { return server.connections() == 0; });
  MYNAH_CHECK(server.connections() == 0 && server.exchanges() == 0);
  return 0;
}
