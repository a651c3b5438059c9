// SPDX-License-Identifier: Apache-2.0
// An HTTP/2 connection to an origin, shared by the exchanges of a pool.
#include "http/h2_client.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "http/chars.h"
#include "http/h1.h"

namespace mynah::http {
namespace {

Http2Options options_of(const ClientLimits& limits) {
  return {.message = limits.message,
          .streams_max = limits.streams_max,
          .stream_window_bytes = limits.stream_window_bytes,
          .connection_window_bytes = limits.connection_window_bytes,
          .control_frames_max = limits.control_frames_max,
          .resets_max = UINT32_MAX,
          .reset_window = UINT32_MAX,
          .header_timeout = limits.response_timeout,
          .idle_timeout = std::chrono::hours(24 * 365),
          .write_timeout = limits.write_timeout,
          .linger_timeout = Milliseconds{1'000}};
}

}  // namespace

class Http2Client::Session final : public Http2Session {
 public:
  Session(Http2Client& client, const Http2Options& options)
      : Http2Session(*client.connection_, client.input_, Side::client, options), client_(client) {}
  ~Session() override { drop_streams(); }

  using Http2Session::goodbye_said_or_heard;
  using Http2Session::lose_streams;
  using Http2Session::may_request;
  using Http2Session::over;
  using Http2Session::peer_streams_max;

 private:
  std::unique_ptr<Http2Stream> make_stream(std::int32_t) override {
    return nullptr;
  }  // Nothing is pushed to us.
  void on_violation(Violation) override {}
  void on_finished() override { client_.tell(); }
  void on_settings() override { client_.tell(); }

  Http2Client& client_;
};

class Http2Client::Exchange final : public ClientStream, public Http2Stream {
 public:
  explicit Exchange(Http2Client& client) : Http2Stream(*client.session_, 0), client_(client) {}

  void on_progress() override {
    wake();
    progress_.notify();
  }
  [[nodiscard]] bool disposable() const override { return closed_ && released_; }

  Task<Result<Piece>> read() override {
    return read_body(client_.limits_.body_timeout, client_.limits_.message.body_bytes);
  }
  [[nodiscard]] bool readable() const override { return body_readable(); }
  [[nodiscard]] const Headers& trailers() const override { return trailers_; }
  Task<Status> write(Slice bytes, End end) override {
    return write_body(std::move(bytes), end, client_.limits_.write_timeout);
  }
  Task<Status> finish(const Headers& trailers) override {
    return finish_body(trailers, client_.limits_.write_timeout);
  }
  Task<Status> flush() override { co_return ok(); }
  void abort() override {
    if (id_ != 0) reset(Http2Code::cancel);
  }
  [[nodiscard]] Version version() const override { return Version::http2; }

  Task<Status> send(const Headers& head, End end) override;
  Task<Result<Headers>> response() override;
  [[nodiscard]] bool response_ended() const override {
    return head_complete_ && in_ended_ && in_.empty();
  }
  [[nodiscard]] std::optional<std::uint64_t> response_length() const override { return length_; }
  void on_interim(void (*call)(void* whom, const Headers& head), void* whom) override {
    interim_call_ = call;
    interim_whom_ = whom;
  }
  [[nodiscard]] bool retry_is_safe() const override {
    return id_ == 0 ||
           (closed_ && close_code_ == static_cast<std::uint32_t>(Http2Code::refused_stream));
  }
  void release() override;

 private:
  void on_interim_head(const Headers& head) override {
    if (interim_call_ != nullptr) interim_call_(interim_whom_, head);
  }

  Http2Client& client_;
  std::optional<std::uint64_t> length_;
  void (*interim_call_)(void*, const Headers&) = nullptr;
  void* interim_whom_ = nullptr;
  Signal progress_;
  bool late_ = false;
  bool released_ = false;
};

Http2Client::Http2Client(std::unique_ptr<Connection> connection, const ClientLimits& limits,
                         ClientWatcher* watcher)
    : connection_(std::move(connection)),
      limits_(limits),
      watcher_(watcher),
      session_(std::make_unique<Session>(*this, options_of(limits))) {
  reader_.emplace(&Http2Client::run, *this);
  reader_->task.start();
}

Http2Client::~Http2Client() { MYNAH_CHECK(open_ == 0); }

Task<> Http2Client::run(Http2Client& client) {
  co_await client.session_->read_until_end();
  client.ended_ = true;
  client.session_->lose_streams();
  client.tell();
}

void Http2Client::tell() {
  if (watcher_ != nullptr) watcher_->on_change(*this);
}

bool Http2Client::closed() const {
  return ended_ || draining_ || session_->over() || session_->goodbye_said_or_heard();
}

std::size_t Http2Client::streams_free() {
  if (closed() || !session_->may_request()) return 0;
  const std::size_t most = std::min(limits_.streams_max, session_->peer_streams_max());
  return most > open_ ? most - open_ : 0;
}

ClientStreamPtr Http2Client::open() {
  ++open_;
  auto exchange = std::make_unique<Exchange>(*this);
  ClientStreamPtr stream(exchange.get());
  fresh_.push_back(std::move(exchange));
  return stream;
}

void Http2Client::drain() {
  draining_ = true;
  session_->go_away();
}

Task<Status> Http2Client::Exchange::send(const Headers& head, End end) {
  if (id_ != 0) co_return Error{Errc::invalid_argument, "the request was begun before"};
  if (client_.ended_) co_return Error{Errc::closed, "the origin has closed the connection"};
  auto& fresh = client_.fresh_;
  const auto self = std::find_if(fresh.begin(), fresh.end(),
                                 [this](const auto& stream) { return stream.get() == this; });
  const bool ends = end == End::yes;
  if (ends && parse_length(head.value_or("content-length", "0")).value_or(1) != 0) {
    co_return Error{Errc::invalid_argument,
                    "a content-length was announced for a message without a body"};
  }
  MYNAH_CO_OK(session_.submit_request(*self, head, end));
  fresh.erase(self);
  begin_body(head, end, false);
  co_return ok();
}

Task<Result<Headers>> Http2Client::Exchange::response() {
  Timer timer(
      [](void* self) {
        static_cast<Exchange*>(self)->late_ = true;
        static_cast<Exchange*>(self)->progress_.notify();
      },
      this);
  timer.arm(session_.loop().timers(), session_.loop().in(client_.limits_.response_timeout));
  while (!head_complete_) {
    if (closed_ || client_.ended_)
      co_return Error{Errc::closed, "the origin gave the request up without a response"};
    if (late_) co_return Error{Errc::timeout, "no response came in time"};
    co_await progress_;
  }
  if (head_too_large_) co_return Error{Errc::protocol, "the response's head is over the limit"};
  const std::string_view status = head_.value_or(":status", "");
  if (status.size() != 3 || status[0] < '2' || status[0] > '5') {
    reset(Http2Code::protocol_error);
    co_return Error{Errc::protocol, "the response's status is not a number from 200 to 599"};
  }
  length_ = parse_length(head_.value_or("content-length", ""));
  co_return std::move(head_);
}

void Http2Client::Exchange::release() {
  --client_.open_;
  Http2Client& client = client_;
  if (id_ == 0) {
    std::erase_if(client.fresh_, [this](const auto& stream) { return stream.get() == this; });
  } else {
    released_ = true;
    // What is still to come is not wanted; a request that was not ended must not look ended.
    if (!closed_ && !(in_ended_ && out_ended_)) reset(Http2Code::cancel);
    for (const Slice& slice : in_) session_.consume(id_, slice.size());
    in_.clear();
    session_.touch(id_);
  }
  client.tell();
}

}  // namespace mynah::http
