// SPDX-License-Identifier: Apache-2.0
// Bodies of HTTP/1 as they come in: by length, in chunks, or until the connection ends.
#include "http/h1_body.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace mynah::http {
namespace {

const Headers kNoTrailers;

}  // namespace

void Http1Body::begin(BodyFraming framing) {
  framing_ = framing;
  ended_ = framing.body == Body::none;
  refusal_ = Refusal::none;
  received_ = 0;
  begun_ = connection_.loop().now();
  chunks_.reset();
  if (framing.body == Body::chunked) chunks_.emplace(limits_);
}

const Headers& Http1Body::trailers() const { return chunks_ ? chunks_->trailers() : kNoTrailers; }

bool Http1Body::readable() const { return ended_ || refusal_ != Refusal::none || !input_.empty(); }

Error Http1Body::refuse(Refusal refusal) {
  refusal_ = refusal;
  return to_error(refusal);
}

Result<Piece> Http1Body::deliver(Slice bytes, End end) {
  received_ += bytes.size();
  if (received_ > limits_.body_bytes) return refuse(Refusal::body_too_large);
  ended_ = end == End::yes;
  return Piece{std::move(bytes), end};
}

bool Http1Body::too_slow() const {
  if (pace_.bytes_per_second == 0) return false;
  const auto taken = std::chrono::duration_cast<Milliseconds>(connection_.loop().now() - begun_);
  if (taken < pace_.timeout) return false;
  return received_ < pace_.bytes_per_second * static_cast<std::uint64_t>(taken.count()) / 1000;
}

Task<Result<Piece>> Http1Body::read() {
  while (true) {
    if (auto piece = take()) co_return *std::move(piece);
    if (too_slow()) co_return Error{Errc::timeout, "the body comes more slowly than the limit"};
    auto got = co_await connection_.read(input_.room(), connection_.loop().in(pace_.timeout));
    if (!got) {
      const bool late = got.error().code == Errc::timeout;
      co_return Error{late ? Errc::timeout : Errc::closed,
                      std::move(got).error().within("read a body").what};
    }
    input_.filled(*got);
    if (*got > 0) continue;
    if (framing_.body == Body::until_close) co_return deliver({}, End::yes);
    co_return Error{Errc::closed, "the peer closed the connection before the end of the body"};
  }
}

// What can be had without reading; nothing if that is nothing.
std::optional<Result<Piece>> Http1Body::take() {
  if (refusal_ != Refusal::none) return refuse(refusal_);
  if (ended_) return Piece{{}, End::yes};
  switch (framing_.body) {
    case Body::none:
      return deliver({}, End::yes);
    case Body::chunked:
      return take_chunks();
    case Body::length: {
      if (input_.empty()) return std::nullopt;
      const auto count = static_cast<std::size_t>(
          std::min<std::uint64_t>(framing_.length, input_.unread().size()));
      framing_.length -= count;
      return deliver(input_.take(count), framing_.length == 0 ? End::yes : End::no);
    }
    case Body::until_close:
      if (input_.empty()) return std::nullopt;
      return deliver(input_.take(input_.unread().size()), End::no);
  }
  return std::nullopt;
}

// All chunks that are there, moved together over the framing between them, so that they make one
// piece.
std::optional<Result<Piece>> Http1Body::take_chunks() {
  char* from = nullptr;
  std::size_t size = 0;
  End end = End::no;
  while (true) {
    const std::string_view given = input_.unread();
    std::string_view left = given;
    const ChunkedDecoder::Step step = chunks_->decode(left);
    input_.consume(given.size() - left.size());
    if (step == ChunkedDecoder::Step::data) {
      const std::string_view data = chunks_->data();
      if (from == nullptr) from = input_.position() - data.size();
      if (from + size != data.data()) std::memmove(from + size, data.data(), data.size());
      size += data.size();
      continue;
    }
    if (step == ChunkedDecoder::Step::end) end = End::yes;
    if (step == ChunkedDecoder::Step::refused && size == 0) return refuse(chunks_->refusal());
    break;
  }
  if (size == 0 && end == End::no) return std::nullopt;
  return deliver(size == 0 ? Slice() : input_.slice(from, size), end);
}

}  // namespace mynah::http
