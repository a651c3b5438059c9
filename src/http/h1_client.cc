// SPDX-License-Identifier: Apache-2.0
// An HTTP/1 connection to an origin: one exchange after the other.
#include "http/h1_client.h"

#include <utility>

#include "base/check.h"

namespace mynah::http {
namespace {

// A connection that was idle for so long gives its memory back.
constexpr Milliseconds kShortPause{1'000};

}  // namespace

Http1Client::Http1Client(std::unique_ptr<Connection> connection, const ClientLimits& limits,
                         ClientWatcher* watcher)
    : connection_(std::move(connection)),
      limits_(limits),
      watcher_(watcher),
      output_(*connection_, limits.write_timeout),
      body_(*connection_, input_, limits.message, {limits.body_timeout, 0}),
      pause_([](void* self) { static_cast<Http1Client*>(self)->give_memory_back(); }, this) {
  connection_->watch_hangup(this);
}

Http1Client::~Http1Client() {
  MYNAH_CHECK(!busy_);
  connection_->watch_hangup(nullptr);
}

// Whatever can be read between exchanges is the end of the stream or bytes that nobody asked for.
std::size_t Http1Client::streams_free() {
  if (busy_ || closed_) return 0;
  char byte = 0;
  if (connection_->peer_closed() || connection_->try_read({&byte, 1})) {
    closed_ = true;
    return 0;
  }
  return 1;
}

ClientStreamPtr Http1Client::open() {
  MYNAH_CHECK(!busy_ && !closed_);
  busy_ = true;
  pause_.disarm();
  reused_ = std::exchange(used_, true);
  sent_ = heard_ = answered_ = aborted_ = false;
  interims_ = 0;
  interim_call_ = nullptr;
  refusal_ = Refusal::none;
  output_.begin({}, Http1Output::Kind::framed, End::no);
  return ClientStreamPtr(this);
}

Task<Status> Http1Client::send(const Headers& head, End end) {
  if (sent_) co_return Error{Errc::invalid_argument, "the request was begun before"};
  MYNAH_CO_LET(const Written written, write_request_head(output_.buffer(), head, {end}));
  sent_ = true;
  asked_ = {head.value_or(":method", "") == "HEAD", end == End::yes && head.has("upgrade")};
  search_ = {};
  output_.begin(written.framing, Http1Output::Kind::framed, end);
  if (end == End::yes) {
    output_.push();
  } else {
    output_.hold();
  }
  if (output_.failed()) co_return Error{Errc::closed, "the origin has closed the connection"};
  co_return ok();
}

Http1Client::Look Http1Client::look_for_head(Headers& headers) {
  const std::string_view bytes = input_.unread();
  const HeadSearch::Found found = search_.search(bytes);
  if (found != HeadSearch::Found::end) {
    refusal_ = judge_unfinished_response(bytes, limits_.message);
    if (refusal_ == Refusal::none && found == HeadSearch::Found::refused) {
      refusal_ = Refusal::bare_lf;
    }
    return refusal_ == Refusal::none ? Look::more : Look::refused;
  }
  head_ = {};
  refusal_ =
      parse_response_head(bytes.substr(0, search_.size()), asked_, limits_.message, headers, head_);
  input_.consume(search_.size());
  search_ = {};
  if (refusal_ != Refusal::none) return Look::refused;
  if (head_.status >= 200 || head_.status == 101) return Look::final;
  if (!head_.keep_alive || ++interims_ > limits_.interim_max) {
    refusal_ = Refusal::too_many_interim;
    return Look::refused;
  }
  return Look::interim;
}

void Http1Client::take_final_head() {
  answered_ = true;
  if (head_.status == 101) {
    body_.begin({Body::until_close, 0});
    output_.begin({Body::until_close, 0}, Http1Output::Kind::raw, End::no);
  } else {
    body_.begin(head_.framing);
  }
}

Task<Result<Headers>> Http1Client::response() {
  const Instant deadline = connection_->loop().in(limits_.response_timeout);
  Headers headers;
  while (true) {
    while (!input_.empty()) {
      const Look look = look_for_head(headers);
      if (look == Look::more) break;
      if (look == Look::final) {
        take_final_head();
        co_return headers;
      }
      if (look == Look::refused) {
        aborted_ = true;
        co_return Error{Errc::protocol, to_error(refusal_).within("read a response").what};
      }
      if (interim_call_ != nullptr) interim_call_(interim_whom_, headers);
      headers.clear();
    }
    auto got = co_await connection_->read(input_.room(), deadline);
    if (!got) {
      const bool late = got.error().code == Errc::timeout;
      co_return Error{late ? Errc::timeout : Errc::closed,
                      std::move(got).error().within("wait for a response").what};
    }
    if (*got == 0) {
      co_return Error{Errc::closed, "the origin closed the connection without a response"};
    }
    heard_ = true;
    input_.filled(*got);
  }
}

Task<Result<Piece>> Http1Client::read() {
  auto piece = co_await body_.read();
  if (!piece) {
    aborted_ = true;
    if (piece.error().code == Errc::too_large && body_.refusal() != Refusal::body_too_large) {
      co_return Error{Errc::protocol, std::move(piece).error().what};
    }
  }
  co_return piece;
}

std::optional<std::uint64_t> Http1Client::response_length() const {
  switch (head_.framing.body) {
    case Body::none:
      return 0;
    case Body::length:
      return head_.framing.length;
    default:
      return std::nullopt;
  }
}

void Http1Client::on_interim(void (*call)(void* whom, const Headers& head), void* whom) {
  interim_call_ = call;
  interim_whom_ = whom;
}

bool Http1Client::retry_is_safe() const { return !sent_ || (reused_ && !heard_); }

// A reset, so that half a request does not look like a whole one.
void Http1Client::abort() {
  if (std::exchange(aborted_, true)) return;
  output_.fail();
  connection_->reset_on_close();
  connection_->shut();
}

bool Http1Client::reusable() const {
  return sent_ && answered_ && !aborted_ && body_.ended() && head_.keep_alive && output_.ended() &&
         output_.idle() && input_.empty();
}

void Http1Client::release() {
  if (sent_ && !reusable()) {
    closed_ = true;
    // Half a request must not look like a whole one.
    if (!output_.ended()) connection_->reset_on_close();
    output_.fail();
  }
  busy_ = false;
  pause_.arm(connection_->loop().timers(), connection_->loop().in(kShortPause));
  if (watcher_ != nullptr) watcher_->on_change(*this);
}

void Http1Client::give_memory_back() {
  input_.release_if_empty();
  output_.release();
}

// During an exchange its reads find out; the connection is not used again either way.
void Http1Client::on_hangup() {
  closed_ = true;
  if (!busy_ && watcher_ != nullptr) watcher_->on_change(*this);
}

}  // namespace mynah::http
