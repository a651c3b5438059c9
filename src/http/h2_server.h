// SPDX-License-Identifier: Apache-2.0
// One client's HTTP/2 connection: each stream is an exchange with a handler of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "http/droppable.h"
#include "http/h2_session.h"
#include "http/server.h"
#include "http/server_connection.h"

namespace mynah::http {

class Http2Server final : public Http2Session, private ServerConnection {
 public:
  Http2Server(Server& server, Connection& connection, const PeerInfo& peer, InputBuffer& input);
  ~Http2Server() override;

  Task<> run() { return read_until_end(); }
  // `work` runs run(); it is dropped when the session is over.
  void set_work(Droppable& work) { work_ = &work; }

 private:
  class Exchange;

  std::unique_ptr<Http2Stream> make_stream(std::int32_t id) override;
  void on_violation(Violation violation) override { count(violation); }
  void on_finished() override { work_->drop(); }
  void on_drain() override { go_away(); }
  void on_end_idle() override {}  // The goodbye was said; a client opens no more streams.

  const PeerInfo& peer_;
  Droppable* work_ = nullptr;
  const Instant begun_;
  std::uint32_t exchanges_ = 0;
};

}  // namespace mynah::http
