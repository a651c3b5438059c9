// SPDX-License-Identifier: Apache-2.0
// FaultProxy: stands between a client and a server, in tests, and spoils what passes: it delays,
// cuts, resets, or holds everything back, as a half-open connection does.
//
//   FaultProxy proxy(loop, server.endpoint());
//   … a client of proxy.endpoint() …
//   proxy.set_fault(FaultProxy::Fault::hold);
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "aio/connect.h"
#include "aio/listener.h"
#include "aio/scope.h"
#include "base/check.h"
#include "redis/options.h"

namespace mynah::redis {

class FaultProxy final {
 public:
  enum class Fault : std::uint8_t {
    none,
    delay,  // each piece of the server's answers comes so much later
    hold,   // nothing passes, in either direction
    cut,    // the server's next answer is swallowed and its connection ends in an orderly way
    reset,  // the same with a reset
  };

  FaultProxy(Loop& loop, const Endpoint& server)
      : loop_(loop), server_(*Address::from_ip(server.host, server.port)), running_(loop) {
    auto opened = Listener::open(loop, *Address::from_ip("127.0.0.1", 0), {});
    MYNAH_CHECK(opened.ok());
    listener_ = *std::move(opened);
    running_.spawn(&FaultProxy::accept, std::ref(*this));
  }

  [[nodiscard]] Endpoint endpoint() const { return {"127.0.0.1", listener_->address().port()}; }
  // Connections that were ever made.
  [[nodiscard]] std::size_t connections() const { return connections_; }

  void set_fault(Fault fault, Duration delay = {}) {
    fault_ = fault;
    delay_ = delay;
  }

 private:
  using ConnectionPtr = std::unique_ptr<Connection>;

  static Task<> accept(FaultProxy& proxy) {
    while (true) {
      auto accepted = co_await proxy.listener_->accept();
      if (!accepted) continue;
      ++proxy.connections_;
      proxy.running_.spawn(&FaultProxy::serve, std::ref(proxy), *std::move(accepted));
    }
  }

  static Task<> serve(FaultProxy& proxy, ConnectionPtr client) {
    auto connected = co_await connect(proxy.loop_, proxy.server_, proxy.loop_.in(5s));
    if (!connected) co_return;
    const ConnectionPtr server = *std::move(connected);
    co_await any(copy(proxy, *client, *server, Way::to_server),
                 copy(proxy, *server, *client, Way::to_client));
    const Fault fault = proxy.fault_;
    if (fault == Fault::reset) client->reset_on_close();
    if (fault == Fault::reset || fault == Fault::cut) proxy.fault_ = Fault::none;
  }

  enum class Way : std::uint8_t { to_server, to_client };

  static Task<> copy(FaultProxy& proxy, Connection& from, Connection& to, Way way) {
    std::vector<char> room(64 * 1024);
    while (true) {
      const auto got = co_await from.read(room, kNever);
      if (!got || *got == 0) co_return;
      if (way == Way::to_client) {
        if (proxy.fault_ == Fault::cut || proxy.fault_ == Fault::reset) co_return;
        if (proxy.fault_ == Fault::delay) co_await Sleep(proxy.loop_, proxy.delay_);
      }
      while (proxy.fault_ == Fault::hold) co_await Sleep(proxy.loop_, 1ms);
      const std::string_view bytes(room.data(), *got);
      if (!co_await to.write(bytes, kNever)) co_return;
    }
  }

  Loop& loop_;
  const Address server_;
  std::unique_ptr<Listener> listener_;
  Fault fault_ = Fault::none;
  Duration delay_{};
  std::size_t connections_ = 0;
  Scope running_;  // Last: its coroutines use all of the above.
};

}  // namespace mynah::redis
