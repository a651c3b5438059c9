// SPDX-License-Identifier: Apache-2.0
// Server: speaks HTTP with clients on one worker's loop. The owner accepts connections (and does
// their TLS handshake), spawns serve() for each, and gives a handler that is called for every
// exchange.
//
//   http::Server server(loop, limits, handler);
//   scope.spawn([&](…) { return server.serve(std::move(connection), peer); }, …);
//   server.drain();             // each connection ends after the exchanges that it carries
//
// Which version is spoken is found out for each connection: by ALPN over TLS, by the client's first
// bytes without. What a hostile client sends is refused here, counted by reason, and never reaches
// the handler.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "aio/connection.h"
#include "aio/loop.h"
#include "base/task.h"
#include "http/limits.h"
#include "http/refusal.h"
#include "http/stream.h"

namespace mynah::http {

// Serves exchanges. The task is dropped when its client goes away (see ServerStream).
class Handler {
 public:
  virtual Task<> serve(ServerStream& exchange) = 0;

 protected:
  ~Handler() = default;
};

// Why connections ended that did not end well; one counter a violation.
enum class Violation : std::uint8_t {
  header_timeout,      // a head did not come in time: 408
  body_timeout,        // a body made no progress
  write_timeout,       // a client took nothing
  protocol,            // HTTP/2: a frame that breaks the rules
  rapid_reset,         // HTTP/2: streams that end before their time
  control_flood,       // HTTP/2: PING, SETTINGS, PRIORITY or empty frames without end
  continuation_flood,  // HTTP/2: a head that does not end
  outbound_flood,      // HTTP/2: answers to control frames that the client does not take
};
inline constexpr std::size_t kViolations = static_cast<std::size_t>(Violation::outbound_flood) + 1;
std::string_view name_of(Violation violation);

struct ServerCounters {
  std::uint64_t connections = 0;
  std::uint64_t exchanges = 0;
  std::uint64_t clients_gone = 0;  // Handlers dropped since their client went away.
  std::array<std::uint64_t, kRefusals> refusals{};
  std::array<std::uint64_t, kViolations> violations{};
};

class ServerConnection;

class Server final {
 public:
  // `loop` and `handler` outlive the server, the server outlives the tasks of serve().
  Server(Loop& loop, const ServerLimits& limits, Handler& handler);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  // Serves one connection until it ends. `already_read` holds bytes that were read before, for
  // example behind a PROXY protocol header.
  Task<> serve(std::unique_ptr<Connection> connection, PeerInfo peer,
               std::string already_read = {});

  // The exchange that a connection carries, or the next one, is its last, and the client is told
  // so; an idle connection is kept, since a request may be on its way. Connections that come later
  // are served one exchange each.
  void drain();
  // Closes connections that wait for a request and have none on its way. After drain().
  void end_idle();
  [[nodiscard]] bool draining() const { return draining_; }

  // Connections served at this moment, and exchanges that are in a handler.
  [[nodiscard]] std::size_t connections() const { return open_; }
  [[nodiscard]] std::size_t exchanges() const { return running_; }

  [[nodiscard]] const ServerCounters& counters() const { return counters_; }
  [[nodiscard]] const ServerLimits& limits() const { return limits_; }
  [[nodiscard]] Loop& loop() const { return loop_; }
  [[nodiscard]] Handler& handler() const { return handler_; }

 private:
  friend class ServerConnection;

  void tell_all(void (ServerConnection::*what)());

  Loop& loop_;
  const ServerLimits limits_;
  Handler& handler_;
  bool draining_ = false;
  std::size_t open_ = 0;
  std::size_t running_ = 0;
  ServerCounters counters_;
  ServerConnection* first_ = nullptr;
};

}  // namespace mynah::http
