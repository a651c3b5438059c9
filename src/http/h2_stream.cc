// SPDX-License-Identifier: Apache-2.0
// The bodies of one HTTP/2 stream. Unread bytes are bounded by the stream's window, which opens as
// they are read; unsent bytes by kOutMax, at which writers wait.
#include <algorithm>
#include <utility>

#include "http/fields.h"
#include "http/h1.h"
#include "http/h2_session.h"

namespace mynah::http {
namespace {

constexpr std::size_t kOutMax = 64 * 1024;

}  // namespace

Http2Stream::Http2Stream(Http2Session& session, std::int32_t id)
    : session_(session), id_(id), begun_(session.loop().now()) {}

void Http2Stream::wake() {
  reading_.notify();
  writing_.notify();
}

void Http2Stream::reset(Http2Code code) {
  if (closed_ || reset_by_us_) return;
  reset_by_us_ = true;
  session_.reset_stream(id_, code);
}

void Http2Stream::begin_body(const Headers& head, End end, bool no_body) {
  submitted_ = true;
  out_ended_ = end == End::yes;
  out_no_body_ = no_body;
  if (!no_body) out_left_ = parse_length(head.value_or("content-length", ""));
}

Task<Result<Piece>> Http2Stream::read_body(Milliseconds timeout, std::uint64_t body_bytes_max) {
  while (true) {
    if (!in_.empty()) {
      Slice bytes = std::move(in_.front());
      in_.pop_front();
      session_.consume(id_, bytes.size());
      received_ += bytes.size();
      if (received_ > body_bytes_max) co_return to_error(Refusal::body_too_large);
      co_return Piece{std::move(bytes), in_ended_ && in_.empty() ? End::yes : End::no};
    }
    if (in_ended_) co_return Piece{{}, End::yes};
    if (closed_ || reset_by_us_) {
      const bool broken = close_code_ == static_cast<std::uint32_t>(Http2Code::protocol_error);
      co_return Error{broken ? Errc::protocol : Errc::closed,
                      "the stream was reset before the end of the body"};
    }
    read_late_ = false;
    Timer timer(
        [](void* self) {
          static_cast<Http2Stream*>(self)->read_late_ = true;
          static_cast<Http2Stream*>(self)->reading_.notify();
        },
        this);
    timer.arm(session_.loop().timers(), session_.loop().in(timeout));
    co_await reading_;
    if (read_late_) co_return Error{Errc::timeout, "no byte of the body came in time"};
  }
}

Task<Status> Http2Stream::write_body(Slice bytes, End end, Milliseconds timeout) {
  if (closed_ || reset_by_us_) co_return Error{Errc::closed, "the stream was reset"};
  if (out_ended_ || out_no_body_) {
    if (end == End::yes) out_ended_ = true;
    if (out_no_body_ || bytes.empty()) co_return ok();
    co_return Error{Errc::invalid_argument, "body bytes after the end of the message"};
  }
  if (out_left_) {
    const bool too_much = bytes.size() > *out_left_;
    if (too_much)
      co_return Error{Errc::invalid_argument, "more body bytes than the announced content-length"};
    *out_left_ -= bytes.size();
    if (end == End::yes && *out_left_ > 0) {
      reset(Http2Code::internal_error);
      co_return Error{Errc::invalid_argument, "fewer body bytes than the announced content-length"};
    }
  }
  out_bytes_ += bytes.size();
  if (!bytes.empty()) out_.push_back(std::move(bytes));
  out_ended_ = end == End::yes;
  session_.resume_stream(*this);
  while (out_bytes_ > kOutMax) {
    write_late_ = false;
    Timer timer(
        [](void* self) {
          static_cast<Http2Stream*>(self)->write_late_ = true;
          static_cast<Http2Stream*>(self)->writing_.notify();
        },
        this);
    timer.arm(session_.loop().timers(), session_.loop().in(timeout));
    const std::size_t before = out_bytes_;
    co_await writing_;
    if (closed_) co_return Error{Errc::closed, "the stream was reset"};
    if (write_late_ && out_bytes_ >= before) {
      reset(Http2Code::cancel);
      co_return Error{Errc::timeout, "the peer took nothing in time"};
    }
  }
  co_return ok();
}

Task<Status> Http2Stream::finish_body(const Headers& trailers, Milliseconds timeout) {
  if (!out_ended_ && !out_no_body_) {
    Headers allowed;
    for (const auto& [name, value] : trailers) {
      if (!name.starts_with(':') && !is_forbidden_in_trailers(name)) allowed.add(name, value);
    }
    if (!allowed.empty()) out_trailers_ = std::move(allowed);
  }
  co_return co_await write_body({}, End::yes, timeout);
}

}  // namespace mynah::http
