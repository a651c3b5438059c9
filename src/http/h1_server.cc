// SPDX-License-Identifier: Apache-2.0
// An HTTP/1 connection of a client: reading heads, running the handler, going on or closing.
#include "http/h1_server.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace mynah::http {
namespace {

constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

// A connection that was idle for so long gives its memory back.
constexpr Milliseconds kShortPause{1'000};
constexpr Milliseconds kFirstRequestTime{1000};
// A body that nobody read is skipped up to this size, for the sake of the next request.
constexpr std::uint64_t kDiscardMax = 256 * 1024;
constexpr std::size_t kLingerMax = 1024 * 1024;

}  // namespace

Http1Server::Http1Server(Server& server, Connection& connection, const PeerInfo& peer,
                         InputBuffer& input)
    : ServerConnection(server),
      connection_(connection),
      peer_(peer),
      input_(input),
      output_(connection, limits().write_timeout),
      body_(connection, input, limits().message,
            {limits().body_timeout, limits().body_bytes_per_second}),
      begun_(connection.loop().now()) {}

Http1Server::~Http1Server() { connection_.watch_hangup(nullptr); }

Task<> Http1Server::run() {
  while (true) {
    switch (co_await next_head()) {
      case Next::closed:
        co_return;
      case Next::preface:
        met_preface_ = true;
        co_return;
      case Next::request:
        break;
    }
    if (!co_await exchange()) co_return;
  }
}

// Waits for the first bytes of a head and reads them. After a short pause the connection gives its
// memory back, so that a busy one pays one system call and no allocation, and one that waits for
// long holds no block.
Task<bool> Http1Server::wait_idle() {
  Loop& loop = connection_.loop();
  const Milliseconds limit = exchanges_ == 0 ? limits().header_timeout : limits().idle_timeout;
  const Instant deadline = loop.in(limit);
  idle_ = true;
  auto got = co_await connection_.read(input_.room(), std::min(loop.in(kShortPause), deadline));
  if (!got && got.error().code == Errc::timeout && loop.now() < deadline) {
    request_ = Headers();
    output_.release();
    input_.release_if_empty();
    if (!co_await connection_.readable(deadline)) co_return false;
    got = co_await connection_.read(input_.room(), deadline);
  }
  idle_ = false;
  if (!got || *got == 0) co_return false;
  input_.filled(*got);
  co_return true;
}

Http1Server::Look Http1Server::look_for_head() {
  std::string_view bytes = input_.unread();
  if (exchanges_ == 0 && !peer_.tls && kPreface.starts_with(bytes.substr(0, kPreface.size()))) {
    return bytes.size() >= kPreface.size() ? Look::preface : Look::more;
  }
  // One empty line before a request is what some old clients send after a body.
  if (!skipped_empty_line_ && std::string_view("\r\n").starts_with(bytes.substr(0, 2))) {
    if (bytes.size() < 2) return Look::more;
    input_.consume(2);
    skipped_empty_line_ = true;
    bytes.remove_prefix(2);
  }
  if (bytes.empty()) return Look::more;
  const HeadSearch::Found found = search_.search(bytes);
  if (found == HeadSearch::Found::end) {
    const std::size_t size = search_.size();
    refusal_ = parse_request_head(bytes.substr(0, size), peer_.tls ? "https" : "http",
                                  limits().message, request_, head_);
    input_.consume(size);
    return refusal_ == Refusal::none ? Look::request : Look::refused;
  }
  refusal_ = judge_unfinished_request(bytes, limits().message);
  if (refusal_ == Refusal::none && found == HeadSearch::Found::refused) refusal_ = Refusal::bare_lf;
  return refusal_ == Refusal::none ? Look::more : Look::refused;
}

Task<Http1Server::Next> Http1Server::next_head() {
  request_.clear();
  head_ = {};
  search_ = {};
  skipped_empty_line_ = false;
  if (input_.empty() && !co_await wait_idle()) co_return Next::closed;
  const Instant deadline = connection_.loop().in(limits().header_timeout);
  while (true) {
    if (!input_.empty()) {
      const Look look = look_for_head();
      if (look == Look::request) co_return Next::request;
      if (look == Look::preface) co_return Next::preface;
      if (look == Look::refused) {
        count(refusal_);
        // Who begins in another protocol would only misread an answer.
        if (refusal_ == Refusal::protocol_unknown && exchanges_ == 0) co_return Next::closed;
        answer_refusal(status_of(refusal_), text_of(refusal_));
        co_await linger();
        co_return Next::closed;
      }
    }
    auto got = co_await connection_.read(input_.room(), deadline);
    if (!got && got.error().code == Errc::timeout && !input_.empty()) {
      count(Violation::header_timeout);
      answer_refusal(408, "the head of the request did not come in time");
      co_await linger();
    }
    if (!got || *got == 0) co_return Next::closed;
    input_.filled(*got);
  }
}

Task<bool> Http1Server::exchange() {
  ++exchanges_;
  responded_ = continued_ = keep_alive_ = upgraded_ = aborted_ = false;
  read_failure_ = Errc::cancelled;
  body_.begin(head_.framing);
  output_.begin({}, Http1Output::Kind::framed, End::no);
  {
    const Running running(server());
    Droppable work(server().handler().serve(*this));
    exchange_ = &work;
    connection_.watch_hangup(this);
    co_await work;
    exchange_ = nullptr;
    connection_.watch_hangup(nullptr);
    if (work.dropped()) {
      count_gone();
      co_return false;
    }
  }
  co_return co_await end_exchange();
}

// Whether the connection goes on.
Task<bool> Http1Server::end_exchange() {
  if (!responded_ && !aborted_) answer_for_handler();
  if (aborted_ || !output_.ended() || output_.failed()) {
    connection_.reset_on_close();
    co_return false;
  }
  if (!output_.idle()) {
    const Status sent = co_await output_.flush();
    if (!sent) {
      if (sent.error().code == Errc::timeout) count(Violation::write_timeout);
      connection_.reset_on_close();
      co_return false;
    }
  }
  if (upgraded_) co_return false;
  if (keep_alive_ && !body_.ended()) keep_alive_ = co_await discard_body();
  if (!keep_alive_) co_await linger();
  co_return keep_alive_;
}

void Http1Server::answer_for_handler() {
  // A head of our own making is always fit to be sent.
  send_head(head_for_failed_read(read_failure_), End::yes).ignore();
}

void Http1Server::answer_refusal(int status, std::string_view text) {
  append(output_.buffer(), "HTTP/1.1 ", status, " ", reason_of(status),
         "\r\ncontent-type: text/plain\r\ncontent-length: ", text.size() + 1,
         "\r\nconnection: close\r\n\r\n", text, "\n");
  output_.push();
}

// Closing a socket with unread bytes in it makes the kernel send a reset, which may reach the
// client before it has read the answer. So our side is shut first, and what the client still sends
// is thrown away for a while.
Task<> Http1Server::linger() {
  if (!output_.idle()) (co_await output_.flush()).ignore();  // The connection ends either way.
  if (refusal_ == Refusal::none && body_.ended() && input_.empty()) co_return;
  connection_.shut_write();
  const Instant deadline = connection_.loop().in(limits().linger_timeout);
  std::size_t total = 0;
  while (total < kLingerMax) {
    input_.consume(input_.unread().size());
    auto got = co_await connection_.read(input_.room(), deadline);
    if (!got || *got == 0) co_return;
    total += *got;
  }
}

Task<bool> Http1Server::discard_body() {
  std::uint64_t total = 0;
  while (total <= kDiscardMax) {
    auto piece = co_await body_.read();
    if (!piece) co_return false;
    if (piece->end == End::yes) co_return true;
    total += piece->bytes.size();
  }
  co_return false;
}

// A request that is on its way already is answered, and that answer says that the connection ends.
void Http1Server::on_end_idle() {
  const bool rests = idle_ && output_.idle() && !connection_.has_arrivals();
  // Whoever has only just connected is about to ask.
  const bool fresh = exchanges_ == 0 && connection_.loop().now() < begun_ + kFirstRequestTime;
  if (rests && !fresh && work_ != nullptr) work_->drop();
}

void Http1Server::on_hangup() {
  if (exchange_ == nullptr) return;
  if (!connection_.broken() && (upgraded_ || !limits().half_close_is_gone)) return;
  exchange_->drop();
}

bool Http1Server::may_keep_alive() const {
  if (!head_.keep_alive || close_after_ || server().draining()) return false;
  if (read_failure_ != Errc::cancelled) return false;
  // Whether a client that was not told to continue sends its body after all cannot be known.
  if (head_.expects_continue && !continued_ && !body_.ended()) return false;
  if (limits().exchanges_max != 0 && exchanges_ >= limits().exchanges_max) return false;
  return limits().connection_lifetime.count() == 0 ||
         connection_.loop().now() < begun_ + limits().connection_lifetime;
}

Status Http1Server::send_head(const Headers& head, End end) {
  if (responded_) return Error{Errc::invalid_argument, "the response was begun before"};
  if (aborted_ || output_.failed()) return Error{Errc::closed, "the exchange was given up"};
  const std::string_view status = head.value_or(":status", "");
  const bool switches = status == "101";
  if (switches ? !head_.upgrade : status.starts_with('1')) {
    return Error{Errc::invalid_argument, "a status under 200 does not end this exchange"};
  }
  const WriteResponse how{.end = switches ? End::no : end,
                          .client = head_.version,
                          .head = head_.head,
                          .keep_alive = may_keep_alive()};
  MYNAH_LET(const Written written, write_response_head(output_.buffer(), head, how));
  responded_ = true;
  keep_alive_ = written.keep_alive;
  if (switches) {
    upgraded_ = true;
    body_.begin({Body::until_close, 0});
    output_.begin(written.framing, Http1Output::Kind::raw, End::no);
  } else {
    const bool silent = written.framing.body == Body::none;
    output_.begin(written.framing, silent ? Http1Output::Kind::no_body : Http1Output::Kind::framed,
                  end);
  }
  if (end == End::yes || switches) {
    output_.push();
  } else {
    output_.hold();
  }
  if (output_.failed()) return Error{Errc::closed, "the client is gone"};
  return ok();
}

Task<Status> Http1Server::respond(const Headers& head, End end) { co_return send_head(head, end); }

Task<Status> Http1Server::send_interim(const Headers& head) {
  if (responded_) co_return Error{Errc::invalid_argument, "the response was begun before"};
  const std::string_view status = head.value_or(":status", "");
  if (!status.starts_with('1') || status == "101") {
    co_return Error{Errc::invalid_argument, "an interim response has a status from 100 to 199"};
  }
  if (head_.version == Version::http10) co_return ok();
  if (status == "100") continued_ = true;
  MYNAH_CO_OK(write_response_head(output_.buffer(), head, {}));
  output_.push();
  co_return ok();
}

Task<Result<Piece>> Http1Server::read() {
  if (head_.expects_continue && !continued_ && !responded_) {
    continued_ = true;
    output_.buffer().append(kContinue);
    output_.push();
  }
  auto piece = co_await body_.read();
  if (!piece) {
    read_failure_ = piece.error().code;
    keep_alive_ = false;
    if (body_.refusal() != Refusal::none) {
      count(body_.refusal());
      refusal_ = body_.refusal();
    }
    if (read_failure_ == Errc::timeout) count(Violation::body_timeout);
  }
  co_return piece;
}

void Http1Server::abort() {
  aborted_ = true;
  output_.fail();
}

std::optional<std::uint64_t> Http1Server::request_length() const {
  switch (head_.framing.body) {
    case Body::none:
      return 0;
    case Body::length:
      return head_.framing.length;
    default:
      return std::nullopt;
  }
}

std::string_view Http1Server::upgrade() const {
  return head_.upgrade ? request_.value_or("upgrade", "") : std::string_view();
}

}  // namespace mynah::http
