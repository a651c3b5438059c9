// SPDX-License-Identifier: Apache-2.0
// One client's HTTP/1 connection: reads a head, runs the handler on it, and again, until someone
// closes. Requests that the client sends ahead wait in the socket and are answered in order.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "aio/connection.h"
#include "http/droppable.h"
#include "http/h1.h"
#include "http/h1_body.h"
#include "http/h1_output.h"
#include "http/input.h"
#include "http/server.h"
#include "http/server_connection.h"
#include "http/stream.h"

namespace mynah::http {

class Http1Server final : public ServerStream, private ServerConnection, private HangupWatcher {
 public:
  Http1Server(Server& server, Connection& connection, const PeerInfo& peer, InputBuffer& input);
  ~Http1Server();

  // Until the connection is to be closed, or spoken HTTP/2 on. `work` is this very task, to be
  // dropped when the server drains.
  Task<> run();
  void set_work(Droppable& work) { work_ = &work; }
  // The client has begun with the preface of HTTP/2, which is unread.
  [[nodiscard]] bool met_preface() const { return met_preface_; }

  Task<Result<Piece>> read() override;
  [[nodiscard]] bool readable() const override { return body_.readable(); }
  [[nodiscard]] const Headers& trailers() const override { return body_.trailers(); }
  Task<Status> write(Slice bytes, End end) override { return output_.write(std::move(bytes), end); }
  Task<Status> finish(const Headers& trailers) override { return output_.finish(trailers); }
  Task<Status> flush() override { return output_.flush(); }
  void abort() override;
  [[nodiscard]] Version version() const override { return head_.version; }

  [[nodiscard]] Headers& request() override { return request_; }
  [[nodiscard]] bool request_ended() const override { return body_.ended(); }
  [[nodiscard]] std::optional<std::uint64_t> request_length() const override;
  [[nodiscard]] std::string_view upgrade() const override;
  Task<Status> respond(const Headers& head, End end) override;
  Task<Status> send_interim(const Headers& head) override;
  [[nodiscard]] bool responded() const override { return responded_; }
  [[nodiscard]] const PeerInfo& peer() const override { return peer_; }
  void close_after() override { close_after_ = true; }

 private:
  enum class Next : unsigned char { request, closed, preface };

  void on_drain() override {}
  void on_end_idle() override;
  void on_hangup() override;

  Task<Next> next_head();
  Task<bool> wait_idle();
  enum class Look : unsigned char { more, request, refused, preface };
  Look look_for_head();
  Task<bool> exchange();
  Task<bool> end_exchange();
  Status send_head(const Headers& head, End end);
  [[nodiscard]] bool may_keep_alive() const;
  void answer_for_handler();
  void answer_refusal(int status, std::string_view text);
  Task<> linger();
  Task<bool> discard_body();

  Connection& connection_;
  const PeerInfo& peer_;
  InputBuffer& input_;
  Http1Output output_;
  Http1Body body_;
  Headers request_;
  RequestHead head_;
  HeadSearch search_;
  Refusal refusal_ = Refusal::none;
  Errc read_failure_ = Errc::cancelled;  // Why the body could not be read; cancelled: it could.
  Instant begun_;
  std::uint32_t exchanges_ = 0;
  Droppable* work_ = nullptr;
  Droppable* exchange_ = nullptr;
  bool idle_ = false;
  bool met_preface_ = false;
  bool skipped_empty_line_ = false;
  bool responded_ = false;
  bool continued_ = false;
  bool keep_alive_ = false;
  bool close_after_ = false;
  bool upgraded_ = false;
  bool aborted_ = false;
};

}  // namespace mynah::http
