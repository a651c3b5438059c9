// SPDX-License-Identifier: Apache-2.0
// Reading the body of an HTTP/1 message, by whichever way its end is told, the same for both ends.
#pragma once

#include <cstdint>
#include <optional>

#include "aio/connection.h"
#include "base/result.h"
#include "base/task.h"
#include "http/chunked.h"
#include "http/h1.h"
#include "http/input.h"
#include "http/stream.h"

namespace mynah::http {

// How long a body may take.
struct BodyPace {
  Milliseconds timeout{};              // without a byte
  std::uint64_t bytes_per_second = 0;  // on average, after the first timeout; 0: no minimum
};

class Http1Body final {
 public:
  Http1Body(Connection& connection, InputBuffer& input, const MessageLimits& limits, BodyPace pace)
      : connection_(connection), input_(input), limits_(limits), pace_(pace) {}
  Http1Body(const Http1Body&) = delete;
  Http1Body& operator=(const Http1Body&) = delete;

  void begin(BodyFraming framing);

  // See Stream::read.
  Task<Result<Piece>> read();
  // True if read() would not wait.
  [[nodiscard]] bool readable() const;
  [[nodiscard]] bool ended() const { return ended_; }
  // Why the body was refused, if it was.
  [[nodiscard]] Refusal refusal() const { return refusal_; }
  [[nodiscard]] const Headers& trailers() const;

 private:
  std::optional<Result<Piece>> take();
  std::optional<Result<Piece>> take_chunks();
  Result<Piece> deliver(Slice bytes, End end);
  Error refuse(Refusal refusal);
  [[nodiscard]] bool too_slow() const;

  Connection& connection_;
  InputBuffer& input_;
  const MessageLimits& limits_;
  BodyPace pace_;
  BodyFraming framing_;  // `length` counts down.
  bool ended_ = true;
  Refusal refusal_ = Refusal::none;
  std::uint64_t received_ = 0;
  Instant begun_{};
  std::optional<ChunkedDecoder> chunks_;
};

}  // namespace mynah::http
