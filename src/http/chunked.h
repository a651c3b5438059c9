// SPDX-License-Identifier: Apache-2.0
// The chunked transfer coding, decoded piece by piece: the input may be cut anywhere. Data is
// handed out as views of the input, so that nothing is copied but chunk-size lines and trailers
// that arrive in parts.
//
//   chunked-body = *( size [ extensions ] CRLF data CRLF ) "0" [ extensions ] CRLF trailers CRLF
//
// Stricter than the grammar: no white space around the size, at most 16 digits of it, no CR or LF
// but at the end of a line, extensions within a limit. A decoder that guesses is one half of a
// smuggled request.
// tidy: allow-file string_view: views into bytes that the caller holds during the call
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/headers.h"
#include "http/limits.h"
#include "http/refusal.h"

namespace mynah::http {

class ChunkedDecoder final {
 public:
  enum class Step : unsigned char {
    more,  // the input is used up; the body goes on
    data,  // data() is the next part of the body
    end,   // the body and its trailers are complete; what is left of the input belongs to the next
           // message
    refused,  // refusal() says why
  };

  explicit ChunkedDecoder(const MessageLimits& limits) : limits_(&limits) {}

  // Uses up a part of `input` and reports what it was. Called again with what is left until it says
  // `more` or ends.
  Step decode(std::string_view& input);

  [[nodiscard]] std::string_view data() const { return data_; }
  [[nodiscard]] Refusal refusal() const { return refusal_; }
  // Complete after Step::end.
  [[nodiscard]] const Headers& trailers() const { return trailers_; }

 private:
  enum class At : unsigned char {
    size_start,
    size,
    extension,
    size_lf,
    data,
    data_cr,
    data_lf,
    trailers,
    done
  };

  bool take_size_line(std::string_view& input);
  bool take_size_digit(char c);
  bool end_size_line();
  bool take_trailers(std::string_view& input);
  bool refuse(Refusal refusal);

  const MessageLimits* limits_;
  At at_ = At::size_start;
  Refusal refusal_ = Refusal::none;
  std::uint64_t left_ = 0;      // of the chunk
  std::size_t line_bytes_ = 0;  // of the size line so far
  std::string_view data_;
  std::string pending_;  // trailer lines so far
  Headers trailers_;
};

}  // namespace mynah::http
