// SPDX-License-Identifier: Apache-2.0
// Sending on an HTTP/1 connection: what is held back, gathered, or sent as it is.
#include "http/h1_output.h"

#include <array>
#include <utility>

namespace mynah::http {
namespace {

// Pieces up to this size are copied into the buffer: a copy costs less than a longer gather list.
constexpr std::size_t kCopyMax = 4 * 1024;
// More is not held back.
constexpr std::size_t kHeldMax = 16 * 1024;
// A buffer that grew beyond this is not kept.
constexpr std::size_t kKeptMax = 4 * 1024;

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kLastChunk = "0\r\n\r\n";

iovec piece_of(std::string_view bytes) { return {const_cast<char*>(bytes.data()), bytes.size()}; }

}  // namespace

Http1Output::Http1Output(Connection& connection, Milliseconds timeout)
    : connection_(connection),
      timeout_(timeout),
      soon_([](void* self) { static_cast<Http1Output*>(self)->push(); }, this),
      pump_ended_([](void* self) { static_cast<Http1Output*>(self)->pumped_.notify(); }, this) {}

Instant Http1Output::deadline() const { return connection_.loop().in(timeout_); }

Error Http1Output::broken() const {
  return {Errc::closed, "the connection broke while it was written to"};
}

void Http1Output::begin(BodyFraming framing, Kind kind, End end) {
  framing_ = framing;
  kind_ = kind;
  ended_ = end == End::yes;
}

void Http1Output::hold() {
  if (!held_.empty()) soon_.schedule(connection_.loop());
}

void Http1Output::push() {
  soon_.cancel();
  if (held_.empty() || failed() || pumping_) return;
  const iovec piece = piece_of(held_);
  auto sent = connection_.try_write({&piece, 1});
  if (!sent) {
    failed_ = true;
    return;
  }
  if (*sent == held_.size()) {
    held_.clear();
    return;
  }
  sending_.assign(held_, *sent);
  held_.clear();
  pumping_ = true;
  pump_.reset();
  pump_.emplace(*this);
  pump_->task.start();
}

Task<> Http1Output::pump() {
  while (!sending_.empty()) {
    const Status sent = co_await connection_.write(sending_, deadline());
    if (!sent) {
      failed_ = true;
      break;
    }
    sending_.clear();
    if (!pumped_.awaited()) sending_.swap(held_);
  }
  pumping_ = false;
  pump_ended_.schedule(connection_.loop());
}

Task<Status> Http1Output::flush() {
  soon_.cancel();
  while (pumping_) co_await pumped_;
  if (failed()) co_return broken();
  if (held_.empty()) co_return ok();
  writing_ = true;
  Status sent = co_await connection_.write(held_, deadline());
  writing_ = false;
  held_.clear();
  if (!sent) failed_ = true;
  co_return sent;
}

Status Http1Output::admit(std::size_t bytes, End end) {
  if (failed()) return broken();
  if (ended_ && (bytes > 0 || kind_ != Kind::no_body)) {
    if (bytes == 0) return ok();
    return Error{Errc::invalid_argument, "body bytes after the end of the message"};
  }
  if (kind_ != Kind::framed || framing_.body != Body::length) return ok();
  if (bytes > framing_.length) {
    return Error{Errc::invalid_argument, "more body bytes than the announced content-length"};
  }
  framing_.length -= bytes;
  if (end == End::yes && framing_.length > 0) {
    failed_ = true;
    return Error{Errc::invalid_argument, "fewer body bytes than the announced content-length"};
  }
  return ok();
}

void Http1Output::append_small(std::string_view bytes, End end) {
  if (framing_.body != Body::chunked) {
    held_.append(bytes);
    return;
  }
  if (!bytes.empty()) {
    char head[kChunkHeadMax];
    held_.append(head, write_chunk_head(head, bytes.size())).append(bytes).append(kLineEnd);
  }
  if (end == End::yes) held_.append(kLastChunk);
}

void Http1Output::end_message() {
  ended_ = true;
  if (kind_ == Kind::raw && !failed()) connection_.shut_write();
}

Task<Status> Http1Output::write(Slice bytes, End end) {
  MYNAH_CO_OK(admit(bytes.size(), end));
  if (ended_) co_return ok();
  if (kind_ == Kind::no_body) {
    if (end == End::yes) {
      ended_ = true;
      push();
    }
    co_return ok();
  }
  if (bytes.size() > kCopyMax) co_return co_await gather_write(std::move(bytes), end);
  append_small(bytes.view(), end);
  if (kind_ == Kind::raw && end == End::yes) MYNAH_CO_OK(co_await flush());
  if (end == End::yes) {
    end_message();
    push();
    if (failed()) co_return broken();
  } else if (held_.size() >= kHeldMax) {
    co_return co_await flush();
  } else {
    hold();
  }
  co_return ok();
}

Task<Status> Http1Output::gather_write(Slice bytes, End end) {
  soon_.cancel();
  while (pumping_) co_await pumped_;
  if (failed()) co_return broken();
  const bool chunked = framing_.body == Body::chunked;
  std::string_view tail;
  if (chunked) {
    char head[kChunkHeadMax];
    held_.append(head, write_chunk_head(head, bytes.size()));
    tail = end == End::yes ? std::string_view("\r\n0\r\n\r\n") : kLineEnd;
  }
  const std::array<iovec, 3> pieces = {piece_of(held_), piece_of(bytes.view()), piece_of(tail)};
  writing_ = true;
  Status sent = co_await connection_.write(pieces, deadline());
  writing_ = false;
  held_.clear();
  if (!sent) failed_ = true;
  if (sent && end == End::yes) end_message();
  co_return sent;
}

Task<Status> Http1Output::finish(const Headers& trailers) {
  if (ended_ || kind_ != Kind::framed || framing_.body != Body::chunked)
    co_return co_await write({}, End::yes);
  MYNAH_CO_OK(admit(0, End::yes));
  write_last_chunk(held_, trailers);
  end_message();
  push();
  if (failed()) co_return broken();
  co_return ok();
}

void Http1Output::release() {
  if (!pumping_) pump_.reset();
  if (held_.empty() && held_.capacity() > kKeptMax) held_ = {};
  if (!pumping_) sending_ = {};
}

}  // namespace mynah::http
