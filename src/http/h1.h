// SPDX-License-Identifier: Apache-2.0
// HTTP/1 heads: finding where one ends, parsing it strictly, writing one. Pure functions over
// bytes.
//
// The parser is as strict as RFC 9112 allows a recipient to be, and refuses what the standard lets
// a lenient one repair: two parties that repair differently are how requests are smuggled. What it
// accepts, it makes into the one form that the rest of the program sees: lower-case names, pseudo
// fields first, no connection-level fields.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/headers.h"
#include "base/result.h"
#include "http/limits.h"
#include "http/refusal.h"
#include "http/stream.h"

namespace mynah::http {

// No head has more fields than this, whatever MessageLimits::header_count says.
inline constexpr std::size_t kFieldsMax = 256;

// Where the end of a message's body is.
enum class Body : unsigned char {
  none,
  length,  // after BodyFraming::length bytes
  chunked,
  until_close,  // responses only
};

struct BodyFraming {
  Body body = Body::none;
  std::uint64_t length = 0;
};

struct RequestHead {
  Version version = Version::http11;
  BodyFraming framing;
  bool keep_alive = true;
  bool expects_continue = false;
  bool upgrade = false;  // the headers hold an `upgrade` field that may be taken up
  bool head = false;     // the method is HEAD
};

struct ResponseHead {
  Version version = Version::http11;
  int status = 0;
  BodyFraming framing;
  bool keep_alive = true;
};

// What a response answers; decides whether it has a body and whether it may switch protocols.
struct Asked {
  bool head = false;
  bool upgrade = false;
};

// Looks for the end of a head in bytes that arrive piece by piece.
class HeadSearch final {
 public:
  enum class Found : unsigned char { nothing_yet, end, refused };

  // `bytes` starts where the head starts and has grown since the last call. At `end`, size() is the
  // head's size with the empty line. A line that ends with LF alone is refused at once, for the end
  // might never come.
  Found search(std::string_view bytes);
  [[nodiscard]] std::size_t size() const { return at_; }

 private:
  std::size_t at_ = 0;  // Everything before it has been looked at.
};

// Parses a complete request head (as HeadSearch found it) and fills `headers`, which must be empty.
// `scheme` is that of the connection: "http" or "https". After a refusal `headers` is of no use.
Refusal parse_request_head(std::string_view block, std::string_view scheme,
                           const MessageLimits& limits, Headers& headers, RequestHead& head);

// The same for a response. 1xx heads are parsed like others and have no body.
Refusal parse_response_head(std::string_view block, Asked asked, const MessageLimits& limits,
                            Headers& headers, ResponseHead& head);

// Why the beginning of a head cannot become a good one, for example since it is over the limit or
// no HTTP at all; Refusal::none while it still can. `bytes` is all that has arrived, with no end of
// a head in it.
Refusal judge_unfinished_request(std::string_view bytes, const MessageLimits& limits);
Refusal judge_unfinished_response(std::string_view bytes, const MessageLimits& limits);

// Trailer lines, from the first byte after the last chunk to the empty line, included. Fields that
// may not stand in trailers are left out.
Refusal parse_trailers(std::string_view block, const MessageLimits& limits, Headers& trailers);

// How a head is to be written.
struct WriteRequest {
  End end = End::yes;
};
struct WriteResponse {
  End end = End::yes;
  Version client = Version::http11;  // what the client speaks
  bool head = false;                 // the request's method was HEAD
  bool keep_alive = true;            // as far as we are willing; BodyFraming may force a close
};

// What has been announced by a written head.
struct Written {
  BodyFraming framing;     // how the body must be written; length 0 and none mean that none follows
  bool keep_alive = true;  // whether the connection may go on after the message
};

// Append a head to `out` in one pass. Names and values are checked: what would break the line is
// refused as Errc::invalid_argument and leaves `out` as it was. Framing fields are made from
// `content-length` and `end`.
Result<Written> write_request_head(std::string& out, const Headers& headers, WriteRequest how);
Result<Written> write_response_head(std::string& out, const Headers& headers, WriteResponse how);
// Appends `0 CRLF`, the trailers that may stand there, and the empty line.
void write_last_chunk(std::string& out, const Headers& trailers);

// Writes "1f4\r\n" and returns its length; the room must hold kChunkHeadMax.
inline constexpr std::size_t kChunkHeadMax = 18;
std::size_t write_chunk_head(char* room, std::uint64_t size);

// The reason phrase of a status; "Unknown" if it has none.
std::string_view reason_of(int status);

// A number written as 1*DIGIT without sign, blanks or leading zeros, at most 2^63 - 1.
std::optional<std::uint64_t> parse_length(std::string_view text);

}  // namespace mynah::http
