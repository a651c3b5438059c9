// SPDX-License-Identifier: Apache-2.0
// ScriptedServer: says what no Redis says. It answers the n-th thing that comes on a connection
// with the n-th text, in which PORT stands for its own port, and says nothing after that.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aio/listener.h"
#include "aio/scope.h"
#include "base/text.h"
#include "redis/endpoint.h"

namespace mynah::redis {

inline constexpr std::string_view kHello =
    "*4\r\n$5\r\nproto\r\n:2\r\n$4\r\nrole\r\n$6\r\nmaster\r\n";

class ScriptedServer final {
 public:
  ScriptedServer(Loop& loop, std::vector<std::string> answers)
      : loop_(loop), answers_(std::move(answers)), running_(loop) {
    listener_ = *Listener::open(loop, *Address::from_ip("127.0.0.1", 0), {});
    for (std::string& answer : answers_) {
      const Halves halves = cut(answer, "PORT");
      if (halves.found) answer = cat(halves.before, endpoint().port, halves.after);
    }
    running_.spawn(&ScriptedServer::accept, std::ref(*this));
  }

  [[nodiscard]] Endpoint endpoint() const { return {"127.0.0.1", listener_->address().port()}; }

 private:
  static Task<> accept(ScriptedServer& server) {
    while (true) {
      auto accepted = co_await server.listener_->accept();
      if (accepted)
        server.running_.spawn(&ScriptedServer::serve, std::ref(server), *std::move(accepted));
    }
  }
  static Task<> serve(ScriptedServer& server, std::unique_ptr<Connection> connection) {
    std::vector<char> room(64 * 1024);
    for (const std::string& answer : server.answers_) {
      const auto got = co_await connection->read(room, kNever);
      if (!got || *got == 0) co_return;
      (co_await connection->write(answer, kNever)).ignore();  // The client may have left.
    }
    co_await Sleep(server.loop_, kNever);
  }

  Loop& loop_;
  std::vector<std::string> answers_;
  std::unique_ptr<Listener> listener_;
  Scope running_;
};

}  // namespace mynah::redis
