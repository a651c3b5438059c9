// SPDX-License-Identifier: Apache-2.0
// RESP: the protocol that Redis speaks, as values and bytes, without any input or output. Versions
// 2 and 3.
//
//   std::string wire;
//   encode_command({"SET", "k", "v"}, wire);          // a client asks
//   RespDecoder decoder;                              // a client reads
//   decoder.feed(bytes);
//   MYNAH_LET(auto reply, decoder.next());            // no value yet: more bytes are needed
//
// A server decodes with RespDecoder::commands() and answers with encode(). Everything a peer can
// send is held against RespLimits; a peer that breaks the protocol or a limit gets an
// Error{protocol | too_large}, after which the decoder yields nothing more: the connection must be
// closed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/shared_bytes.h"

namespace mynah {

enum class RespVersion : std::uint8_t { resp2 = 2, resp3 = 3 };

// One value of the protocol: a reply, or a part of one.
struct Resp {
  enum class Kind : std::uint8_t {
    null,        // RESP2: the null bulk string
    null_array,  // RESP2: the null array; RESP3 knows one null only
    status,      // text
    error,       // text, with its code as first word: "ERR no such key"
    integer,
    bulk,  // text
    array,
    map,      // items hold key, value, key, value …; RESP2: an array
    set,      // RESP2: an array
    pairs,    // items hold two things in turn; RESP2: an array; RESP3: an array of arrays of two
    push,     // RESP3 only: not an answer to anything
    real,     // RESP2: a bulk string
    boolean,  // integer is 0 or 1; RESP2: an integer
    big_number,
    verbatim,  // text begins with its format: "txt:hello"; RESP2: a bulk string without it
  };

  Kind kind = Kind::null;
  std::int64_t integer = 0;
  double real = 0;
  SharedBytes text;
  std::vector<Resp> items;

  static Resp null() { return {}; }
  static Resp null_array() { return of(Kind::null_array); }
  static Resp ok();
  static Resp status(std::string_view text) { return of(Kind::status, SharedBytes::copy_of(text)); }
  static Resp error(std::string_view text) { return of(Kind::error, SharedBytes::copy_of(text)); }
  static Resp number(std::int64_t value) {
    Resp made = of(Kind::integer);
    made.integer = value;
    return made;
  }
  static Resp boolean(bool value) {
    Resp made = number(value ? 1 : 0);
    made.kind = Kind::boolean;
    return made;
  }
  static Resp of_real(double value) {
    Resp made = of(Kind::real);
    made.real = value;
    return made;
  }
  static Resp bulk(std::string_view text) { return of(Kind::bulk, SharedBytes::copy_of(text)); }
  static Resp bulk(SharedBytes text) { return of(Kind::bulk, std::move(text)); }
  static Resp array(std::vector<Resp> items = {}) { return of(Kind::array, {}, std::move(items)); }
  static Resp map(std::vector<Resp> items = {}) { return of(Kind::map, {}, std::move(items)); }
  static Resp set(std::vector<Resp> items = {}) { return of(Kind::set, {}, std::move(items)); }
  static Resp pairs(std::vector<Resp> items = {}) { return of(Kind::pairs, {}, std::move(items)); }
  static Resp of(Kind kind, SharedBytes text = {}, std::vector<Resp> items = {}) {
    Resp made;
    made.kind = kind;
    made.text = std::move(text);
    made.items = std::move(items);
    return made;
  }

  [[nodiscard]] bool is_error() const { return kind == Kind::error; }
  [[nodiscard]] bool is_null() const { return kind == Kind::null || kind == Kind::null_array; }
};

bool operator==(const Resp& a, const Resp& b);

// Appends the value's bytes to `out`.
void encode(const Resp& value, RespVersion version, std::string& out);
// Appends a command: an array of bulk strings.
void encode_command(std::span<const std::string_view> words, std::string& out);

// A real number as Redis prints it: 17 significant digits, "inf", "-inf".
std::string real_text(double value);

struct RespLimits {
  std::size_t line_bytes = std::size_t{64}
                           << 10;  // a line: statuses, errors, numbers, inline commands
  std::size_t bulk_bytes = std::size_t{64} << 20;
  std::size_t items = std::size_t{1} << 20;  // of one message, in all its arrays
  std::size_t message_bytes = std::size_t{256} << 20;
  std::size_t depth = 16;
};

// Turns bytes, in pieces of any size, into values.
class RespDecoder final {
 public:
  explicit RespDecoder(RespLimits limits = {}) : limits_(limits) {}
  // Reads what clients send: arrays of bulk strings, and commands typed as a line of words.
  static RespDecoder commands(RespLimits limits = {}) {
    RespDecoder decoder(limits);
    decoder.commands_ = true;
    return decoder;
  }

  void feed(std::string_view bytes);
  // The next whole value; nothing while it is not complete. Attributes of RESP3 are read and
  // dropped.
  Result<std::optional<Resp>> next();
  // Bytes that were fed and not used yet.
  [[nodiscard]] std::size_t pending_bytes() const { return buffer_.size() - read_; }

 private:
  struct Open {
    Resp value;
    std::size_t missing = 0;
    bool attribute = false;
  };
  enum class Step : std::uint8_t { starved, opened, complete };

  Result<Step> step(Resp& out);
  Result<std::optional<std::string_view>> line();
  Result<Step> bulk(Resp::Kind kind, std::string_view header, std::size_t line_end, Resp& out);
  Result<Step> aggregate(char type, std::string_view header, Resp& out);
  Result<Step> inline_command(std::string_view text, Resp& out);
  bool close_into_parent(Resp& value);
  Error broken(std::string_view why);
  Error over_limit(std::string_view what);

  RespLimits limits_;
  bool commands_ = false;
  bool failed_ = false;
  std::string buffer_;
  std::size_t read_ = 0;      // Where unread bytes begin.
  std::size_t searched_ = 0;  // No line ends before here.
  std::size_t message_items_ = 0;
  std::size_t message_bytes_ = 0;
  std::vector<Open> open_;
};

// Takes one command from the front of `bytes`, which must hold it whole, without copying: the words
// are views into it. Returns how many bytes it takes.
Result<std::size_t> parse_command(std::string_view bytes, std::vector<std::string_view>& words,
                                  const RespLimits& limits = {});

}  // namespace mynah
