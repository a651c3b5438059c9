// SPDX-License-Identifier: Apache-2.0
// The life of an HTTP/2 session: input, output, time-outs, goodbyes, and the counters that end a
// flood.
#include "http/h2_session.h"

#include <algorithm>
#include <utility>

#include <nghttp2/nghttp2.h>

namespace mynah::http {
namespace {

// Made at once; the rest waits in nghttp2 and in the streams until the socket has taken these.
constexpr std::size_t kSendBytes = 64 * 1024;
// Streams that live longer did not end before their time.
constexpr Duration kPrematureAge = 1s;
// How long new streams may still come in after the first half of a goodbye.
constexpr Milliseconds kGoodbyeGap{200};

}  // namespace

Http2Session::Http2Session(Connection& connection, InputBuffer& input, Side side,
                           const Http2Options& options)
    : connection_(connection),
      input_(input),
      options_(options),
      side_(side),
      flush_([](void* self) { static_cast<Http2Session*>(self)->flush(); }, this),
      quiet_([](void* self) { static_cast<Http2Session*>(self)->quiet_too_long(); }, this),
      goodbye_([](void* self) { static_cast<Http2Session*>(self)->say_second_goodbye(); }, this) {
  open();
  flush_soon();
}

Http2Session::~Http2Session() { nghttp2_session_del(session_); }

Http2Stream* Http2Session::find(std::int32_t id) {
  const auto found = streams_.find(id);
  return found == streams_.end() ? nullptr : found->second.get();
}

Task<> Http2Session::read_until_end() {
  in_head_ = true;  // The peer's preface and settings come first.
  update_quiet_timer();
  if (!input_.empty()) feed();
  while (true) {
    if (streams_.empty()) {
      // A session without streams may wait for long and holds no block.
      input_.release_if_empty();
      if (!co_await connection_.readable(kNever)) co_return;
    }
    auto got = co_await connection_.read(input_.room(), kNever);
    if (!got || *got == 0) co_return;
    input_.filled(*got);
    if (!over_) {
      feed();
    } else {
      // What comes after our goodbye is thrown away until the peer has seen it, or for a while.
      input_.consume(*got);
    }
  }
}

void Http2Session::feed() {
  const std::string_view bytes = input_.unread();
  const ssize_t taken = nghttp2_session_mem_recv(
      session_, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  input_.consume(bytes.size());
  if (taken < 0) {
    if (taken == NGHTTP2_ERR_TOO_MANY_CONTINUATIONS) {
      violate(Violation::continuation_flood);
    } else if (taken == NGHTTP2_ERR_FLOODED) {
      violate(Violation::outbound_flood);
    } else {
      on_violation(Violation::protocol);
      terminate(Http2Code::protocol_error);
    }
  }
  process_touched();
  flush_soon();
  update_quiet_timer();
}

void Http2Session::touch(std::int32_t id) {
  touched_.push_back(id);
  flush_soon();
}

void Http2Session::process_touched() {
  if (std::exchange(processing_, true)) return;
  for (std::size_t i = 0; i < touched_.size(); ++i) {
    const std::int32_t id = touched_[i];
    Http2Stream* const stream = find(id);
    if (stream == nullptr) continue;
    stream->on_progress();
    if (stream->disposable()) streams_.erase(id);
  }
  touched_.clear();
  processing_ = false;
}

void Http2Session::fill() {
  while (sending_.size() < kSendBytes) {
    const std::uint8_t* bytes = nullptr;
    const ssize_t count = nghttp2_session_mem_send(session_, &bytes);
    if (count <= 0) {
      if (count < 0) over_ = true;
      return;
    }
    sending_.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(count));
  }
}

// Runs at the end of a turn, outside of everyone else.
void Http2Session::flush() {
  if (pumping_ || finished_) return;
  fill();
  process_touched();
  // What was touched may have submitted more.
  fill();
  update_quiet_timer();
  if (over_) return finish();
  if (!sending_.empty()) {
    const iovec piece{sending_.data(), sending_.size()};
    auto sent = connection_.try_write({&piece, 1});
    if (!sent) return finish();
    if (*sent < sending_.size()) {
      sent_ = *sent;
      pumping_ = true;
      pump_.reset();
      pump_.emplace(*this);
      pump_->task.start();
      return;
    }
    const bool full = sending_.size() >= kSendBytes;
    sending_.clear();
    if (full) flush_soon();
  }
  if (!touched_.empty()) flush_soon();
  if (nghttp2_session_want_read(session_) == 0 && nghttp2_session_want_write(session_) == 0)
    finish();
}

Task<> Http2Session::pump() {
  const Status sent = co_await connection_.write(std::string_view(sending_).substr(sent_),
                                                 loop().in(options_.write_timeout));
  if (!sent) {
    if (sent.error().code == Errc::timeout) on_violation(Violation::write_timeout);
    over_ = true;
  }
  sending_.clear();
  pumping_ = false;
  flush_soon();
}

// The session has said all it had to say. The socket's other half is drained by the reader before
// it is closed.
void Http2Session::finish() {
  if (std::exchange(finished_, true)) return;
  over_ = true;
  quiet_.disarm();
  connection_.shut_write();
  lose_streams();
  goodbye_.arm(loop().timers(), loop().in(options_.linger_timeout));
}

void Http2Session::lose_streams() {
  std::vector<std::int32_t> ids;
  for (const auto& [id, stream] : streams_) {
    stream->closed_ = true;
    ids.push_back(id);
  }
  for (const std::int32_t id : ids) touched_.push_back(id);
  process_touched();
}

void Http2Session::drop_streams() {
  processing_ = true;  // Whatever the handlers' destructors touch is gone.
  for (const auto& [id, stream] : streams_) stream->closed_ = true;
  streams_.clear();
}

void Http2Session::update_quiet_timer() {
  if (finished_) return;
  const bool for_head = in_head_;
  if (!for_head && !streams_.empty()) return quiet_.disarm();
  if (quiet_.armed() && quiet_for_head_ == for_head) return;
  quiet_for_head_ = for_head;
  quiet_.arm(loop().timers(),
             loop().in(for_head ? options_.header_timeout : options_.idle_timeout));
}

void Http2Session::quiet_too_long() {
  if (quiet_for_head_) on_violation(Violation::header_timeout);
  terminate(Http2Code::no_error);
}

void Http2Session::go_away() {
  if (std::exchange(going_, true) || terminated_) return;
  if (side_ == Side::client) {
    if (streams_.empty()) terminate(Http2Code::no_error);
    return;
  }
  nghttp2_submit_shutdown_notice(session_);
  goodbye_.arm(loop().timers(), loop().in(kGoodbyeGap));
  flush_soon();
}

void Http2Session::say_second_goodbye() {
  if (finished_) return on_finished();
  nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE,
                        nghttp2_session_get_last_proc_stream_id(session_), NGHTTP2_NO_ERROR,
                        nullptr, 0);
  flush_soon();
}

void Http2Session::terminate(Http2Code code) {
  if (std::exchange(terminated_, true)) return;
  nghttp2_session_terminate_session(session_, static_cast<std::uint32_t>(code));
  flush_soon();
}

void Http2Session::violate(Violation violation) {
  if (terminated_) return;
  on_violation(violation);
  terminate(Http2Code::enhance_your_calm);
}

void Http2Session::note_opened(std::int32_t id) {
  if (id - newest_ >= 2 * kOpenedKept) {
    opened_.reset();
  } else {
    for (std::int32_t skipped = newest_ + 2; skipped < id; skipped += 2) {
      opened_.reset(static_cast<std::size_t>(skipped / 2 % kOpenedKept));
    }
  }
  opened_.set(static_cast<std::size_t>(id / 2 % kOpenedKept));
  newest_ = id;
}

bool Http2Session::never_opened(std::int32_t id) const {
  if (side_ == Side::client || id % 2 == 0 || id >= newest_ || newest_ - id >= 2 * kOpenedKept)
    return false;
  return !opened_.test(static_cast<std::size_t>(id / 2 % kOpenedKept));
}

void Http2Session::count_control() {
  if (++control_ > options_.control_frames_max) violate(Violation::control_flood);
}

void Http2Session::credit_control(std::uint32_t frames) { control_ -= std::min(control_, frames); }

// Streams that end early with an error are what reset floods are made of, whoever sent the
// RST_STREAM.
void Http2Session::count_close(const Http2Stream& stream) {
  if (side_ == Side::client) return;
  ++ended_;
  const bool early = loop().now() - stream.begun_ < kPrematureAge;
  if (early && stream.close_code_ != 0 && !stream.sent_end_) ++premature_;
  if (premature_ >= options_.resets_max && 2 * premature_ >= ended_)
    violate(Violation::rapid_reset);
  if (ended_ >= options_.reset_window) {
    ended_ /= 2;
    premature_ /= 2;
  }
}

void Http2Session::reset_stream(std::int32_t id, Http2Code code) {
  nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, static_cast<std::uint32_t>(code));
  flush_soon();
}

void Http2Session::resume_stream(Http2Stream& stream) {
  if (std::exchange(stream.deferred_, false)) nghttp2_session_resume_data(session_, stream.id_);
  flush_soon();
}

void Http2Session::consume(std::int32_t id, std::size_t bytes) {
  if (find(id) != nullptr && !find(id)->closed_) {
    nghttp2_session_consume(session_, id, bytes);
  } else {
    nghttp2_session_consume_connection(session_, bytes);
  }
  flush_soon();
}

std::uint32_t Http2Session::peer_streams_max() const {
  return nghttp2_session_get_remote_settings(session_, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
}

bool Http2Session::may_request() const {
  return !over_ && !terminated_ && !going_ && !goaway_received_ &&
         nghttp2_session_check_request_allowed(session_) != 0;
}

}  // namespace mynah::http
