// SPDX-License-Identifier: Apache-2.0
// Finding out which version a client speaks, and counting what became of connections.
#include "http/server.h"

#include <utility>

#include "aio/tls.h"
#include "base/check.h"
#include "http/droppable.h"
#include "http/h1_server.h"
#include "http/h2_server.h"
#include "http/input.h"
#include "http/server_connection.h"

namespace mynah::http {

std::string_view name_of(Violation violation) {
  switch (violation) {
    case Violation::header_timeout:
      return "header_timeout";
    case Violation::body_timeout:
      return "body_timeout";
    case Violation::write_timeout:
      return "write_timeout";
    case Violation::protocol:
      return "protocol";
    case Violation::rapid_reset:
      return "rapid_reset";
    case Violation::control_flood:
      return "control_flood";
    case Violation::continuation_flood:
      return "continuation_flood";
    case Violation::outbound_flood:
      return "outbound_flood";
  }
  return "unknown";
}

ServerConnection::ServerConnection(Server& server)
    : server_(server), next_(server.first_), link_(&server.first_) {
  if (next_ != nullptr) next_->link_ = &next_;
  server.first_ = this;
  ++server.open_;
}

ServerConnection::~ServerConnection() {
  *link_ = next_;
  if (next_ != nullptr) next_->link_ = link_;
  --server_.open_;
}

Server::Server(Loop& loop, const ServerLimits& limits, Handler& handler)
    : loop_(loop), limits_(limits), handler_(handler) {}

Server::~Server() { MYNAH_CHECK(first_ == nullptr); }

Task<> Server::serve(std::unique_ptr<Connection> connection, PeerInfo peer,
                     std::string already_read) {
  ++counters_.connections;
  if (peer.address.empty()) {
    peer.address = connection->peer().ip();
    peer.port = connection->peer().port();
  }
  const TlsSession* const tls = connection->tls();
  peer.tls = tls != nullptr;
  if (tls != nullptr) peer.server_name = tls->server_name();
  InputBuffer input;
  input.append(already_read);

  bool http2 = tls != nullptr && tls->protocol() == "h2";
  if (!http2) {
    Http1Server http1(*this, *connection, peer, input);
    Droppable work(http1.run());
    http1.set_work(work);
    co_await work;
    http2 = http1.met_preface();
  }
  if (http2) {
    Http2Server connection2(*this, *connection, peer, input);
    Droppable work(connection2.run());
    connection2.set_work(work);
    co_await work;
  }
}

Headers head_for_failed_read(Errc failure) {
  Headers head;
  switch (failure) {
    case Errc::protocol:
      head.add(":status", "400");
      break;
    case Errc::too_large:
      head.add(":status", "413");
      break;
    case Errc::timeout:
      head.add(":status", "408");
      break;
    default:
      head.add(":status", "500");
  }
  return head;
}

void Server::drain() {
  draining_ = true;
  tell_all(&ServerConnection::on_drain);
}

void Server::end_idle() { tell_all(&ServerConnection::on_end_idle); }

void Server::tell_all(void (ServerConnection::*what)()) {
  for (ServerConnection* at = first_; at != nullptr;) {
    // Closing one unlinks it, and no other.
    ServerConnection* const next = at->next_;
    (at->*what)();
    at = next;
  }
}

}  // namespace mynah::http
