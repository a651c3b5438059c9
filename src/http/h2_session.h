// SPDX-License-Identifier: Apache-2.0
// One HTTP/2 connection over nghttp2, the part that both ends share: bytes in and out, streams with
// their bodies and flow control, and the watch over what a hostile peer does. Internal to the
// server and the client.
//
// nghttp2 calls back while it takes input or makes output. In those calls only the state of streams
// changes; whatever runs code of others (handlers, readers, writers) waits in the list of touched
// streams until the call has returned, so that nobody re-enters nghttp2 and no coroutine is
// destroyed from inside its own resumption. Output is made at the end of the loop's turn, once for
// all streams.
#pragma once

#include <bitset>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aio/connection.h"
#include "aio/loop.h"
#include "base/headers.h"
#include "base/result.h"
#include "base/slice.h"
#include "base/task.h"
#include "http/droppable.h"
#include "http/input.h"
#include "http/limits.h"
#include "http/server.h"
#include "http/stream.h"

struct nghttp2_session;

namespace mynah::http {

class Http2Session;

// The codes of RFC 9113, section 7, that we send or look for.
enum class Http2Code : std::uint32_t {
  no_error = 0,
  protocol_error = 1,
  internal_error = 2,
  refused_stream = 7,
  cancel = 8,
  enhance_your_calm = 11,
};

class Http2Stream {
 public:
  // A request's id is given when it is submitted; 0 until then.
  Http2Stream(Http2Session& session, std::int32_t id);
  Http2Stream(const Http2Stream&) = delete;
  Http2Stream& operator=(const Http2Stream&) = delete;
  virtual ~Http2Stream() = default;

  // Runs outside of nghttp2 after anything about the stream has changed.
  virtual void on_progress() = 0;
  // An interim head of a response, for those who want it.
  virtual void on_interim_head(const Headers&) {}
  // True if nobody uses the stream any more and nghttp2 has closed it.
  [[nodiscard]] virtual bool disposable() const = 0;

  Task<Result<Piece>> read_body(Milliseconds timeout, std::uint64_t body_bytes_max);
  Task<Status> write_body(Slice bytes, End end, Milliseconds timeout);
  Task<Status> finish_body(const Headers& trailers, Milliseconds timeout);
  [[nodiscard]] bool body_readable() const { return !in_.empty() || in_ended_ || closed_; }
  void reset(Http2Code code);

 protected:
  friend class Http2Session;
  friend struct Http2Callbacks;

  void wake();
  // What the head that was just submitted announced.
  void begin_body(const Headers& head, End end, bool no_body);

  Http2Session& session_;
  std::int32_t id_;
  const Instant begun_;

  // The peer's message.
  Headers head_;
  bool head_complete_ = false;  // Of a response: the final one.
  bool head_too_large_ = false;
  std::size_t head_bytes_ = 0;
  Headers trailers_;
  std::deque<Slice> in_;
  bool in_ended_ = false;
  std::uint64_t received_ = 0;

  // Ours.
  std::deque<Slice> out_;
  std::size_t out_bytes_ = 0;
  std::optional<std::uint64_t> out_left_;  // Of an announced length.
  std::optional<Headers> out_trailers_;
  bool submitted_ = false;
  bool out_ended_ = false;
  bool out_no_body_ = false;
  bool deferred_ = false;
  bool sent_end_ = false;

  bool closed_ = false;
  bool reset_by_us_ = false;
  std::uint32_t close_code_ = 0;

 private:
  Signal reading_;
  Signal writing_;
  bool read_late_ = false;
  bool write_late_ = false;
};

struct Http2Options {
  MessageLimits message;
  std::uint32_t streams_max;
  std::uint32_t stream_window_bytes;
  std::uint32_t connection_window_bytes;
  std::uint32_t control_frames_max;
  std::uint32_t resets_max;
  std::uint32_t reset_window;
  Milliseconds header_timeout;
  Milliseconds idle_timeout;
  Milliseconds write_timeout;
  Milliseconds linger_timeout;
};

class Http2Session {
 public:
  enum class Side : unsigned char { server, client };

  Http2Session(Connection& connection, InputBuffer& input, Side side, const Http2Options& options);
  Http2Session(const Http2Session&) = delete;
  Http2Session& operator=(const Http2Session&) = delete;
  virtual ~Http2Session();

  [[nodiscard]] Loop& loop() const { return connection_.loop(); }

  // Reads until the connection ends or the session is over.
  Task<> read_until_end();

  // For streams. Heads are checked as those of HTTP/1 are: what cannot stand in a field is
  // Errc::invalid_argument.
  Status submit_response(Http2Stream& stream, const Headers& head, End end);
  Status submit_interim(Http2Stream& stream, const Headers& head);
  // Gives the stream its id and takes it over; after an error it is still the caller's.
  Status submit_request(std::unique_ptr<Http2Stream>& stream, const Headers& head, End end);
  void reset_stream(std::int32_t id, Http2Code code);
  void resume_stream(Http2Stream& stream);
  void consume(std::int32_t id, std::size_t bytes);
  // The stream is looked at after whatever runs now.
  void touch(std::int32_t id);

  // Says goodbye: streams in flight go on, no more are taken.
  void go_away();
  // Ends the session at once, with the code.
  void terminate(Http2Code code);

 protected:
  friend struct Http2Callbacks;

  // A head begins on a stream of the peer's; null refuses it.
  virtual std::unique_ptr<Http2Stream> make_stream(std::int32_t id) = 0;
  virtual void on_violation(Violation violation) = 0;
  // Nothing more will be read or written; the owner closes the connection, not from inside this
  // call.
  virtual void on_finished() = 0;
  virtual void on_settings() {}

  // Destroys all streams, and with them the handlers that wait. Before the derived object is
  // destroyed.
  void drop_streams();
  // Closes all streams since the connection is gone.
  void lose_streams();
  [[nodiscard]] std::size_t stream_count() const { return streams_.size(); }
  [[nodiscard]] bool over() const { return over_; }
  [[nodiscard]] std::uint32_t peer_streams_max() const;
  [[nodiscard]] bool may_request() const;
  [[nodiscard]] bool goodbye_said_or_heard() const { return going_ || goaway_received_; }

  Connection& connection_;
  InputBuffer& input_;
  const Http2Options options_;

 private:
  struct Pump {
    explicit Pump(Http2Session& session) : task(session.pump()) {}
    Task<> task;
  };

  void open();
  Http2Stream* find(std::int32_t id);
  void flush_soon() { flush_.schedule(loop()); }
  void flush();
  void fill();
  Task<> pump();
  void feed();
  void process_touched();
  void finish();
  void update_quiet_timer();
  void quiet_too_long();
  void say_second_goodbye();
  void note_opened(std::int32_t id);
  [[nodiscard]] bool never_opened(std::int32_t id) const;
  void count_control();
  void credit_control(std::uint32_t frames);
  void count_close(const Http2Stream& stream);
  void violate(Violation violation);

  const Side side_;
  nghttp2_session* session_ = nullptr;
  std::map<std::int32_t, std::unique_ptr<Http2Stream>> streams_;
  std::vector<std::int32_t> touched_;
  // Which of the peer's latest streams it really opened, by half their number.
  static constexpr std::int32_t kOpenedKept = 1024;
  std::bitset<kOpenedKept> opened_;
  std::int32_t newest_ = 0;
  bool processing_ = false;

  Soon flush_;
  std::string sending_;
  std::size_t sent_ = 0;  // Of sending_.
  bool pumping_ = false;
  std::optional<Pump> pump_;

  Timer quiet_;    // No stream, or a head that does not end.
  Timer goodbye_;  // Between the two halves of a graceful goodbye, then until lingering ends.
  bool in_head_ = false;
  bool quiet_for_head_ = false;
  bool going_ = false;
  bool goaway_received_ = false;
  bool terminated_ = false;
  bool over_ = false;
  bool finished_ = false;
  std::uint32_t control_ = 0;
  std::uint32_t ended_ = 0;      // Streams, in the present window of streams.
  std::uint32_t premature_ = 0;  // Among them.
};

}  // namespace mynah::http
