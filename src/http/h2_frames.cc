// SPDX-License-Identifier: Apache-2.0
// Where the session meets nghttp2: what nghttp2 calls, and the messages that are submitted to it.
#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include <nghttp2/nghttp2.h>

#include "base/check.h"
#include "http/chars.h"
#include "http/fields.h"
#include "http/h2_session.h"

namespace mynah::http {
namespace {

// What a useful frame pays for.
constexpr std::uint32_t kControlCredit = 10;

nghttp2_nv pair_of(std::string_view name, std::string_view value) {
  const auto bytes = [](std::string_view text) {
    return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(text.data()));
  };
  return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

bool is_lower_token(std::string_view name) {
  return is_token(name) &&
         std::none_of(name.begin(), name.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

// The fields of a head as nghttp2 takes them, pseudo fields first as they come.
Result<std::vector<nghttp2_nv>> pairs_of(const Headers& head) {
  std::vector<nghttp2_nv> pairs;
  pairs.reserve(head.size());
  for (const auto& [name, value] : head) {
    if (!is_field_value(value))
      return Error{Errc::invalid_argument, "a field's value cannot be sent"};
    if (name.starts_with(':')) {
      if (name != ":authority" || !value.empty()) pairs.push_back(pair_of(name, value));
      continue;
    }
    if (name == "te" && equals_ignoring_case(value, "trailers"))
      pairs.push_back(pair_of(name, "trailers"));
    if (is_hop_by_hop(name) || name == "host") continue;
    if (!is_lower_token(name))
      return Error{Errc::invalid_argument, "a field's name cannot be sent"};
    pairs.push_back(pair_of(name, trim_blanks(value)));
  }
  return pairs;
}

nghttp2_option* make_options() {
  nghttp2_option* options = nullptr;
  MYNAH_CHECK(nghttp2_option_new(&options) == 0);
  nghttp2_option_set_no_auto_window_update(options, 1);
  // Counted here, with a goodbye that tells why.
  nghttp2_option_set_stream_reset_rate_limit(options, UINT64_MAX / 2, 0);
  return options;
}

}  // namespace

// What nghttp2 calls. None of these may call back into it but to submit.
struct Http2Callbacks {
  static Http2Session& self(void* user) { return *static_cast<Http2Session*>(user); }

  // nghttp2 passes over a head on a stream that was skipped, since it cannot tell it from one that
  // was closed.
  static int on_begin_frame(nghttp2_session*, const nghttp2_frame_hd* head, void* user) {
    Http2Session& session = self(user);
    if (head->type == NGHTTP2_HEADERS && session.never_opened(head->stream_id)) {
      session.on_violation(Violation::protocol);
      session.terminate(Http2Code::protocol_error);
    }
    return 0;
  }

  static int on_begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    Http2Session& session = self(user);
    session.in_head_ = true;
    if (session.side_ == Http2Session::Side::client || frame->headers.cat != NGHTTP2_HCAT_REQUEST)
      return 0;
    session.note_opened(frame->hd.stream_id);
    auto stream = session.make_stream(frame->hd.stream_id);
    if (stream == nullptr) {
      session.reset_stream(frame->hd.stream_id, Http2Code::refused_stream);
      return 0;
    }
    session.streams_.emplace(frame->hd.stream_id, std::move(stream));
    return 0;
  }

  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                       std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                       std::uint8_t, void* user) {
    Http2Session& session = self(user);
    Http2Stream* const stream = session.find(frame->hd.stream_id);
    if (stream == nullptr) return 0;
    Headers& into = stream->head_complete_ ? stream->trailers_ : stream->head_;
    stream->head_bytes_ += name_size + value_size + 4;
    const MessageLimits& limits = session.options_.message;
    if (stream->head_bytes_ > limits.header_bytes || into.size() >= limits.header_count + 4) {
      stream->head_too_large_ = true;
      return 0;
    }
    const std::string_view name_text(reinterpret_cast<const char*>(name), name_size);
    const std::string_view value_text(reinterpret_cast<const char*>(value), value_size);
    if (stream->head_complete_ && is_forbidden_in_trailers(name_text)) return 0;
    into.add(name_text, value_text);
    return 0;
  }

  static int on_frame_recv(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    Http2Session& session = self(user);
    Http2Stream* const stream = session.find(frame->hd.stream_id);
    const bool last = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    switch (frame->hd.type) {
      case NGHTTP2_HEADERS:
        session.in_head_ = false;
        if (stream != nullptr) take_head(session, *stream, last);
        return 0;
      case NGHTTP2_DATA:
        if (frame->hd.length == 0 && !last) session.count_control();
        if (stream != nullptr && last) {
          stream->in_ended_ = true;
          session.touch(stream->id_);
        }
        return 0;
      case NGHTTP2_SETTINGS:
        session.in_head_ = false;
        if ((frame->hd.flags & NGHTTP2_FLAG_ACK) == 0) session.count_control();
        session.on_settings();
        return 0;
      case NGHTTP2_PING:
        if ((frame->hd.flags & NGHTTP2_FLAG_ACK) == 0) session.count_control();
        return 0;
      case NGHTTP2_GOAWAY:
        session.goaway_received_ = true;
        session.on_settings();
        return 0;
      case NGHTTP2_PRIORITY:
      case NGHTTP2_WINDOW_UPDATE:
        session.count_control();
        return 0;
      default:
        return 0;
    }
  }

  // The first head of a stream, the one that ends interim ones, or trailers.
  static void take_head(Http2Session& session, Http2Stream& stream, bool last) {
    const bool interim = !stream.head_complete_ && session.side_ == Http2Session::Side::client &&
                         stream.head_.value_or(":status", "").starts_with('1');
    if (!interim) stream.head_complete_ = true;
    if (last) stream.in_ended_ = true;
    session.credit_control(kControlCredit);
    session.touch(stream.id_);
    if (interim) {
      stream.on_interim_head(stream.head_);
      stream.head_.clear();
    }
  }

  static int on_data(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* data,
                     std::size_t size, void* user) {
    Http2Session& session = self(user);
    Http2Stream* const stream = session.find(id);
    if (stream == nullptr || stream->closed_ || stream->reset_by_us_) {
      session.consume(id, size);
      return 0;
    }
    // The bytes lie in the block that they were read into.
    stream->in_.push_back(session.input_.slice(reinterpret_cast<const char*>(data), size));
    session.credit_control(kControlCredit);
    session.touch(id);
    return 0;
  }

  static int on_close(nghttp2_session*, std::int32_t id, std::uint32_t code, void* user) {
    Http2Session& session = self(user);
    Http2Stream* const stream = session.find(id);
    if (stream == nullptr) return 0;
    stream->closed_ = true;
    stream->close_code_ = code;
    if (!stream->in_ended_) {
      // Nobody will read these any more, but the connection's window must open again.
      for (const Slice& slice : stream->in_) session.consume(id, slice.size());
      stream->in_.clear();
    }
    session.count_close(*stream);
    session.touch(id);
    return 0;
  }

  static int on_frame_send(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    Http2Session& session = self(user);
    if (frame->hd.type != NGHTTP2_DATA && frame->hd.type != NGHTTP2_HEADERS) return 0;
    if (frame->hd.type == NGHTTP2_DATA) session.credit_control(kControlCredit);
    Http2Stream* const stream = session.find(frame->hd.stream_id);
    if (stream == nullptr || (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) return 0;
    stream->sent_end_ = true;
    session.touch(stream->id_);
    return 0;
  }

  static int on_invalid_frame(nghttp2_session*, const nghttp2_frame*, int, void* user) {
    self(user).on_violation(Violation::protocol);
    return 0;
  }

  static ssize_t read_data(nghttp2_session* session, std::int32_t id, std::uint8_t* room,
                           std::size_t size, std::uint32_t* flags, nghttp2_data_source* source,
                           void*) {
    auto& stream = *static_cast<Http2Stream*>(source->ptr);
    std::size_t copied = 0;
    while (copied < size && !stream.out_.empty()) {
      Slice& front = stream.out_.front();
      const std::size_t count = std::min(size - copied, front.size());
      std::memcpy(room + copied, front.view().data(), count);
      copied += count;
      front.drop_front(count);
      if (front.empty()) stream.out_.pop_front();
    }
    stream.out_bytes_ -= copied;
    stream.session_.touch(id);
    if (!stream.out_.empty()) return static_cast<ssize_t>(copied);
    if (!stream.out_ended_) {
      if (copied > 0) return static_cast<ssize_t>(copied);
      stream.deferred_ = true;
      return NGHTTP2_ERR_DEFERRED;
    }
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (stream.out_trailers_) {
      if (auto pairs = pairs_of(*stream.out_trailers_); pairs.ok() && !pairs->empty()) {
        *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
        nghttp2_submit_trailer(session, id, pairs->data(), pairs->size());
      }
    }
    return static_cast<ssize_t>(copied);
  }

  static nghttp2_session_callbacks* make() {
    nghttp2_session_callbacks* callbacks = nullptr;
    MYNAH_CHECK(nghttp2_session_callbacks_new(&callbacks) == 0);
    nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks, on_begin_frame);
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame_recv);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, on_frame_send);
    nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks, on_invalid_frame);
    return callbacks;
  }
};

// Begins the session with our settings.
void Http2Session::open() {
  nghttp2_session_callbacks* const callbacks = Http2Callbacks::make();
  nghttp2_option* const session_options = make_options();
  const int made = side_ == Side::server
                       ? nghttp2_session_server_new2(&session_, callbacks, this, session_options)
                       : nghttp2_session_client_new2(&session_, callbacks, this, session_options);
  nghttp2_option_del(session_options);
  nghttp2_session_callbacks_del(callbacks);
  MYNAH_CHECK(made == 0);
  const std::vector<nghttp2_settings_entry> settings = {
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, side_ == Side::server ? options_.streams_max : 0},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, options_.stream_window_bytes},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE,
       static_cast<std::uint32_t>(options_.message.header_bytes)},
      {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
  };
  // A server does not say ENABLE_PUSH.
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings.data(),
                          settings.size() - (side_ == Side::server ? 1 : 0));
  nghttp2_session_set_local_window_size(
      session_, NGHTTP2_FLAG_NONE, 0, static_cast<std::int32_t>(options_.connection_window_bytes));
}

Status Http2Session::submit_response(Http2Stream& stream, const Headers& head, End end) {
  MYNAH_LET(const auto pairs, pairs_of(head));
  nghttp2_data_provider provider{{.ptr = &stream}, Http2Callbacks::read_data};
  const int submitted = nghttp2_submit_response(session_, stream.id_, pairs.data(), pairs.size(),
                                                end == End::yes ? nullptr : &provider);
  if (submitted != 0) return Error{Errc::closed, "the stream was reset"};
  flush_soon();
  return ok();
}

Status Http2Session::submit_interim(Http2Stream& stream, const Headers& head) {
  MYNAH_LET(const auto pairs, pairs_of(head));
  nghttp2_submit_headers(session_, NGHTTP2_FLAG_NONE, stream.id_, nullptr, pairs.data(),
                         pairs.size(), nullptr);
  flush_soon();
  return ok();
}

Status Http2Session::submit_request(std::unique_ptr<Http2Stream>& stream, const Headers& head,
                                    End end) {
  MYNAH_LET(const auto pairs, pairs_of(head));
  nghttp2_data_provider provider{{.ptr = stream.get()}, Http2Callbacks::read_data};
  const std::int32_t id = nghttp2_submit_request(session_, nullptr, pairs.data(), pairs.size(),
                                                 end == End::yes ? nullptr : &provider, nullptr);
  if (id < 0) return Error{Errc::closed, "the connection takes no more requests"};
  stream->id_ = id;
  streams_.emplace(id, std::move(stream));
  flush_soon();
  update_quiet_timer();
  return ok();
}

}  // namespace mynah::http
