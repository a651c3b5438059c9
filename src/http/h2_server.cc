// SPDX-License-Identifier: Apache-2.0
// An HTTP/2 connection of a client, and the watch over what it costs.
#include "http/h2_server.h"

#include <algorithm>
#include <string>
#include <utility>

#include "http/chars.h"
#include "http/fields.h"
#include "http/h1.h"

namespace mynah::http {
namespace {

Http2Options options_of(const ServerLimits& limits) {
  return {.message = limits.message,
          .streams_max = limits.streams_max,
          .stream_window_bytes = limits.stream_window_bytes,
          .connection_window_bytes = limits.connection_window_bytes,
          .control_frames_max = limits.control_frames_max,
          .resets_max = limits.resets_max,
          .reset_window = limits.reset_window,
          .header_timeout = limits.header_timeout,
          .idle_timeout = limits.idle_timeout,
          .write_timeout = limits.write_timeout,
          .linger_timeout = limits.linger_timeout};
}

// HTTP/2 lets a client cut its cookies into many fields; everyone else knows them as one.
void join_cookies(Headers& head) {
  if (head.count("cookie") < 2) return;
  std::string joined;
  for (const auto& [name, value] : head) {
    if (name != "cookie") continue;
    if (!joined.empty()) joined.append("; ");
    joined.append(value);
  }
  head.set("cookie", joined);
}

// What nghttp2 does not judge, since it knows the protocol and not what a gateway may forward.
// Makes the head into the form that handlers see.
Refusal judge(Headers& head, const MessageLimits& limits, std::string_view scheme) {
  const std::string_view method = head.value_or(":method", "");
  if (method == "CONNECT") return Refusal::connect_refused;
  if (!is_token(method) || method.size() > 32) return Refusal::method_invalid;
  const std::string_view path = head.value_or(":path", "");
  if (path.size() > limits.uri_bytes) return Refusal::target_too_long;
  if (!is_path(path) || (path == "*" && method != "OPTIONS")) return Refusal::target_invalid;
  if (head.count("host") > 1) return Refusal::host_repeated;
  if (const auto host = head.find("host")) {
    const auto authority = head.find(":authority");
    if (authority && *authority != *host) return Refusal::host_invalid;
    if (!authority) head.add(":authority", std::string(*host));
    head.remove("host");
  }
  if (!head.has(":authority")) return Refusal::host_missing;
  if (!is_authority(head.value_or(":authority", ""))) return Refusal::host_invalid;
  if (head.size() > limits.header_count + 4) return Refusal::too_many_fields;
  head.set(":scheme", scheme);
  join_cookies(head);
  return Refusal::none;
}

}  // namespace

class Http2Server::Exchange final : public ServerStream, public Http2Stream {
 public:
  Exchange(Http2Server& owner, std::int32_t id) : Http2Stream(owner, id), owner_(owner) {}

  void on_progress() override;
  [[nodiscard]] bool disposable() const override { return closed_ && !work_; }

  Task<Result<Piece>> read() override;
  [[nodiscard]] bool readable() const override { return body_readable(); }
  [[nodiscard]] const Headers& trailers() const override { return trailers_; }
  Task<Status> write(Slice bytes, End end) override {
    return write_body(std::move(bytes), end, owner_.limits().write_timeout);
  }
  Task<Status> finish(const Headers& trailers) override {
    return finish_body(trailers, owner_.limits().write_timeout);
  }
  Task<Status> flush() override { co_return ok(); }
  void abort() override { reset(Http2Code::internal_error); }
  [[nodiscard]] Version version() const override { return Version::http2; }

  [[nodiscard]] Headers& request() override { return head_; }
  [[nodiscard]] bool request_ended() const override { return in_ended_ && in_.empty(); }
  [[nodiscard]] std::optional<std::uint64_t> request_length() const override { return length_; }
  [[nodiscard]] std::string_view upgrade() const override { return {}; }
  Task<Status> respond(const Headers& head, End end) override { co_return send_head(head, end); }
  Task<Status> send_interim(const Headers& head) override;
  [[nodiscard]] bool responded() const override { return submitted_; }
  [[nodiscard]] const PeerInfo& peer() const override { return owner_.peer_; }
  void close_after() override { owner_.go_away(); }

 private:
  struct Work {
    Work(Handler& handler, ServerStream& exchange, Server& server)
        : running(server), task(handler.serve(exchange)) {}
    Running running;
    Task<> task;
  };

  void start();
  void end();
  void refuse(Refusal refusal);
  Status send_head(const Headers& head, End end);

  Http2Server& owner_;
  std::optional<Work> work_;
  std::optional<std::uint64_t> length_;
  Errc read_failure_ = Errc::cancelled;  // Why the body could not be read; cancelled: it could.
  bool started_ = false;
  bool ended_ = false;  // The handler has.
  bool is_head_ = false;
  bool expects_continue_ = false;
};

Http2Server::Http2Server(Server& server, Connection& connection, const PeerInfo& peer,
                         InputBuffer& input)
    : Http2Session(connection, input, Side::server, options_of(server.limits())),
      ServerConnection(server),
      peer_(peer),
      begun_(connection.loop().now()) {
  if (server.draining()) go_away();
}

Http2Server::~Http2Server() { drop_streams(); }

std::unique_ptr<Http2Stream> Http2Server::make_stream(std::int32_t id) {
  if (stream_count() >= limits().streams_max) return nullptr;
  ++exchanges_;
  const bool enough = limits().exchanges_max != 0 && exchanges_ >= limits().exchanges_max;
  const bool old = limits().connection_lifetime.count() != 0 &&
                   loop().now() >= begun_ + limits().connection_lifetime;
  if (enough || old) go_away();
  return std::make_unique<Exchange>(*this, id);
}

void Http2Server::Exchange::on_progress() {
  if (closed_ && !sent_end_ && work_ && !ended_) {
    // The client has taken its request back, or is gone.
    owner_.count_gone();
    work_.reset();
    return;
  }
  if (head_complete_ && !started_ && !closed_) start();
  wake();
  if (ended_ && work_) end();
}

void Http2Server::Exchange::start() {
  started_ = true;
  const std::string_view scheme = owner_.peer_.tls ? "https" : "http";
  Refusal refusal = head_too_large_ ? Refusal::head_too_large : Refusal::none;
  if (refusal == Refusal::none) refusal = judge(head_, owner_.limits().message, scheme);
  if (refusal != Refusal::none) return refuse(refusal);
  is_head_ = head_.value_or(":method", "") == "HEAD";
  length_ = parse_length(head_.value_or("content-length", ""));
  if (in_ended_ && !length_) length_ = 0;
  expects_continue_ =
      equals_ignoring_case(head_.value_or("expect", ""), "100-continue") && !in_ended_;
  head_.remove("expect");
  work_.emplace(owner_.server().handler(), *this, owner_.server());
  work_->task.start(
      [](void* self) {
        auto& exchange = *static_cast<Exchange*>(self);
        exchange.ended_ = true;
        exchange.session_.touch(exchange.id_);
      },
      this);
}

void Http2Server::Exchange::refuse(Refusal refusal) {
  owner_.count(refusal);
  const std::string text = std::string(text_of(refusal)) + "\n";
  Headers head;
  head.add(":status", std::to_string(status_of(refusal)));
  head.add("content-type", "text/plain");
  head.add("content-length", std::to_string(text.size()));
  // A head of our own making is always fit to be sent.
  send_head(head, End::no).ignore();
  out_.push_back(Slice::copy_of(text));
  out_bytes_ = text.size();
  out_ended_ = true;
  session_.resume_stream(*this);
}

// The handler has returned: what it left undone is done for it.
void Http2Server::Exchange::end() {
  work_.reset();
  if (closed_) return;
  if (!submitted_ && !reset_by_us_) {
    send_head(head_for_failed_read(read_failure_), End::yes).ignore();
  }
  if (!out_ended_ && !out_no_body_) return reset(Http2Code::internal_error);
}

Status Http2Server::Exchange::send_head(const Headers& head, End end) {
  if (submitted_) return Error{Errc::invalid_argument, "the response was begun before"};
  if (closed_ || reset_by_us_) return Error{Errc::closed, "the stream was reset"};
  const std::string_view status = head.value_or(":status", "");
  const bool number =
      status.size() == 3 && std::all_of(status.begin(), status.end(), chars::is_digit);
  if (!number || status[0] < '2' || status[0] > '5') {
    return Error{Errc::invalid_argument, "the status is not a number from 200 to 599"};
  }
  const bool silent = is_head_ || status == "204" || status == "304";
  MYNAH_OK(session_.submit_response(*this, head, silent ? End::yes : end));
  begin_body(head, end, silent);
  return ok();
}

Task<Status> Http2Server::Exchange::send_interim(const Headers& head) {
  if (submitted_) co_return Error{Errc::invalid_argument, "the response was begun before"};
  const std::string_view status = head.value_or(":status", "");
  if (status.size() != 3 || status[0] != '1' || status == "101") {
    co_return Error{Errc::invalid_argument, "an interim response has a status from 100 to 199"};
  }
  if (closed_ || reset_by_us_) co_return Error{Errc::closed, "the stream was reset"};
  if (status == "100") expects_continue_ = false;
  co_return session_.submit_interim(*this, head);
}

Task<Result<Piece>> Http2Server::Exchange::read() {
  if (std::exchange(expects_continue_, false) && !submitted_) {
    Headers head;
    head.add(":status", "100");
    session_.submit_interim(*this, head)
        .ignore();  // The read itself finds out if the stream is gone.
  }
  auto piece = co_await read_body(owner_.limits().body_timeout, owner_.limits().message.body_bytes);
  if (!piece) {
    read_failure_ = piece.error().code;
    if (read_failure_ == Errc::timeout) owner_.count(Violation::body_timeout);
  }
  co_return piece;
}

}  // namespace mynah::http
