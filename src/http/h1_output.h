// SPDX-License-Identifier: Apache-2.0
// The sending half of an HTTP/1 connection, the same for both ends. Small things are gathered in
// one buffer: a head and what is written in the same turn of the loop go out in one system call, at
// the end of the turn or with the end of the message. Big pieces are sent as they are, together
// with what was held back. What the socket does not take at once is sent in the background, and the
// next write waits for that.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "aio/connection.h"
#include "aio/loop.h"
#include "base/headers.h"
#include "base/result.h"
#include "base/slice.h"
#include "base/task.h"
#include "http/droppable.h"
#include "http/h1.h"
#include "http/stream.h"

namespace mynah::http {

class Http1Output final {
 public:
  Http1Output(Connection& connection, Milliseconds timeout);
  Http1Output(const Http1Output&) = delete;
  Http1Output& operator=(const Http1Output&) = delete;

  // Where a head is written. Then begin() tells how the body goes on, and hold() or push() sends.
  std::string& buffer() { return held_; }

  enum class Kind : unsigned char {
    framed,   // as the head announced
    no_body,  // whatever is written is dropped: HEAD, 204, 304
    raw,      // after a switch of protocols: the end shuts our side
  };
  void begin(BodyFraming framing, Kind kind, End end);

  // See Stream. A message that breaks its announcement or goes on after its end is
  // Errc::invalid_argument.
  Task<Status> write(Slice bytes, End end);
  Task<Status> finish(const Headers& trailers);
  Task<Status> flush();

  // Sends at the end of the turn, or as much as the socket takes now and the rest in the
  // background.
  void hold();
  void push();

  // Whether the message has been written to its end; whether the connection can take no more.
  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] bool failed() const { return failed_ || writing_; }
  [[nodiscard]] bool idle() const { return held_.empty() && !pump_ && !failed(); }
  void fail() { failed_ = true; }
  // Frees the buffer of a connection that waits.
  void release();

 private:
  struct Pump {
    explicit Pump(Http1Output& output) : task(output.pump()) {}
    Task<> task;
  };

  Task<> pump();
  Task<Status> gather_write(Slice bytes, End end);
  Status admit(std::size_t bytes, End end);
  void append_small(std::string_view bytes, End end);
  void end_message();
  [[nodiscard]] Instant deadline() const;
  Error broken() const;

  Connection& connection_;
  Milliseconds timeout_;
  Soon soon_;
  Soon pump_ended_;  // Wakes whoever waits for the pump from outside of it: they may destroy it.
  std::string held_;
  std::string sending_;  // What the pump sends.
  BodyFraming framing_;  // `length` counts down.
  Kind kind_ = Kind::framed;
  bool ended_ = true;
  bool writing_ = false;  // A write of ours waits; if it was dropped, for ever.
  bool failed_ = false;
  bool pumping_ = false;
  std::optional<Pump> pump_;
  Signal pumped_;
};

}  // namespace mynah::http
