// SPDX-License-Identifier: Apache-2.0
// One client's HTTP/2 connection.
#pragma once

#include "aio/connection.h"
#include "http/droppable.h"
#include "http/input.h"
#include "http/server.h"
#include "http/server_connection.h"

namespace mynah::http {

class Http2Server final : private ServerConnection {
 public:
  Http2Server(Server& server, Connection&, const PeerInfo&, InputBuffer&)
      : ServerConnection(server) {}
  Task<> run() { co_return; }
  void set_work(Droppable&) {}

 private:
  void on_drain() override {}
};

}  // namespace mynah::http
