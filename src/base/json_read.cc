// SPDX-License-Identifier: Apache-2.0
// The JSON reader: one pass, no recursion, one node a value. The open arrays and objects are
// chained through their nodes, so hostile nesting costs nothing beside them and ends at the limit.
#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "base/decimal.h"
#include "base/json_tape.h"
#include "base/text.h"

namespace mynah::detail {
namespace {

constexpr std::size_t kBytesMax = 256U << 20U;  // what the bits of a node can count

// The first byte of a word that ends a run of plain string characters: quote, backslash, control
// character or a byte of a longer character; 8 when there is none.
unsigned plain_bytes(std::uint64_t word) {
  constexpr std::uint64_t kOnes = 0x0101010101010101U;
  constexpr std::uint64_t kHighs = 0x8080808080808080U;
  const std::uint64_t quote = word ^ (kOnes * '"');
  const std::uint64_t backslash = word ^ (kOnes * '\\');
  // A borrow can only mark a byte behind one that is marked rightly, and the lowest mark is the one
  // that counts.
  const std::uint64_t marks =
      (word | (word - kOnes * 0x20) | (quote - kOnes) | (backslash - kOnes)) & kHighs;
  return static_cast<unsigned>(std::countr_zero(marks)) / 8;
}
static_assert(std::endian::native == std::endian::little,
              "plain_bytes takes the first byte from the low end");

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char letter = lower(c);
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

class Reader final {
 public:
  explicit Reader(JsonTape& tape)
      : tape_(tape), begin_(tape.text.data()), at_(begin_), end_(begin_ + tape.text.size()) {}

  Status read() {
    while (true) {
      if (!value()) return failure();
      // A value has ended; so may have any number of arrays and objects around it.
      while (true) {
        if (depth_ == 0) return last();
        skip_blanks();
        JsonNode& outer = tape_.nodes[innermost_];
        ++outer.count;
        const bool object = outer.kind == static_cast<unsigned>(JsonKind::object);
        if (next_is(',')) {
          skip_blanks();
          if (object && !name()) return failure();
          break;
        }
        if (!next_is(object ? '}' : ']')) {
          fail(object ? "expected ',' or '}'" : "expected ',' or ']'");
          return failure();
        }
        close();
      }
    }
  }

 private:
  // Reads a scalar, an empty array or object, or the opening of one up to where its first value
  // stands. Returns with the reader behind a complete value, or false.
  bool value() {
    while (true) {
      skip_blanks();
      switch (at_ < end_ ? *at_ : '\0') {
        case '"':
          return string();
        case '{':
          if (!open(JsonKind::object)) return false;
          if (next_is('}')) return close(), true;
          if (!name()) return false;
          continue;
        case '[':
          if (!open(JsonKind::array)) return false;
          if (next_is(']')) return close(), true;
          continue;
        case 't':
          return literal("true", JsonKind::boolean);
        case 'f':
          return literal("false", JsonKind::boolean);
        case 'n':
          return literal("null", JsonKind::null);
        default:
          return number();
      }
    }
  }

  bool open(JsonKind kind) {
    if (depth_ >= tape_.limits.depth_max) {
      code_ = Errc::too_large;
      return fail("nested too deeply");
    }
    const std::uint32_t outer = std::exchange(innermost_, node_count());
    add(kind, at_++);
    tape_.nodes.back().link = outer;
    ++depth_;
    skip_blanks();
    return true;
  }

  void close() {
    JsonNode& node = tape_.nodes[innermost_];
    node.end = offset();
    innermost_ = std::exchange(node.link, node_count());
    --depth_;
  }

  bool name() {
    if (at_ == end_ || *at_ != '"') return fail("expected a member's name");
    if (!string()) return false;
    skip_blanks();
    return next_is(':') || fail("expected ':'");
  }

  bool literal(std::string_view spelling, JsonKind kind) {
    if (!std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(spelling)) {
      return fail("expected a value");
    }
    const char* begin = at_;
    at_ += spelling.size();
    add(kind, begin);
    return true;
  }

  bool number() {
    const char* begin = at_;
    next_is('-');
    if (at_ == end_ || !is_digit(*at_)) {
      return fail(at_ == end_    ? "the text ends early"
                  : at_ == begin ? "expected a value"
                                 : "expected a digit");
    }
    if (*at_ == '0') {
      ++at_;
      if (at_ < end_ && is_digit(*at_)) return fail("a number must not begin with 0");
    }
    digits();
    if (next_is('.') && !digits()) return fail("expected a digit");
    if (at_ < end_ && lower(*at_) == 'e') {
      ++at_;
      if (!next_is('+')) next_is('-');
      if (!digits()) return fail("expected a digit");
    }
    add(JsonKind::number, begin);
    return true;
  }

  bool digits() {
    const char* begin = at_;
    while (at_ < end_ && is_digit(*at_)) ++at_;
    return at_ > begin;
  }

  bool string() {
    const char* begin = at_++;
    bool escaped = false;
    std::size_t resolved_at = tape_.resolved.size();
    const char* copied = at_;  // what stands before is in `resolved`, once there was an escape
    while (true) {
      skip_plain();
      if (at_ == end_) return fail("a string is not closed");
      const auto c = static_cast<unsigned char>(*at_);
      if (c == '"') break;
      if (c == '\\') {
        escaped = true;
        tape_.resolved.append(copied, static_cast<std::size_t>(at_ - copied));
        if (!escape()) return false;
        copied = at_;
      } else if (c < 0x20) {
        return fail("a control character must be escaped");
      } else if (c < 0x80) {
        ++at_;  // DEL, which the quick skipping takes for no plain one
      } else {
        // Longer characters come in runs.
        while (at_ < end_ && static_cast<unsigned char>(*at_) >= 0x80) {
          const std::size_t length = utf8_length({at_, static_cast<std::size_t>(end_ - at_)});
          if (length == 0) return fail("not UTF-8");
          at_ += length;
        }
      }
    }
    if (escaped) tape_.resolved.append(copied, static_cast<std::size_t>(at_ - copied));
    ++at_;
    add(JsonKind::string, begin);
    if (escaped) {
      JsonNode& node = tape_.nodes.back();
      node.escaped = 1;
      node.link = static_cast<std::uint32_t>(resolved_at);
      node.count = static_cast<std::uint32_t>(tape_.resolved.size() - resolved_at) & 0xFFFFFFFU;
    }
    return true;
  }

  void skip_plain() {
    while (end_ - at_ >= 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, at_, sizeof word);
      const unsigned plain = plain_bytes(word);
      at_ += plain;
      if (plain < 8) return;
    }
    while (at_ < end_ && *at_ >= 0x20 && *at_ < 0x7F && *at_ != '"' && *at_ != '\\') ++at_;
  }

  bool escape() {
    ++at_;
    if (at_ == end_) return fail("a string is not closed");
    const char c = *at_++;
    if (c == 'u') return unicode_escape();
    constexpr std::string_view kNames = "\"\\/bfnrt";
    const std::size_t which = kNames.find(c);
    if (which == std::string_view::npos) {
      --at_;
      return fail("no such escape");
    }
    tape_.resolved.append(&"\"\\/\b\f\n\r\t"[which], 1);
    return true;
  }

  bool unicode_escape() {
    char32_t character = 0;
    if (!four_hex(character)) return fail("expected four hexadecimal digits");
    const bool high = character >= 0xD800 && character < 0xDC00;
    if (high && end_ - at_ >= 6 && at_[0] == '\\' && at_[1] == 'u') {
      const char* second = at_;
      at_ += 2;
      char32_t low = 0;
      if (!four_hex(low)) return fail("expected four hexadecimal digits");
      if (low >= 0xDC00 && low < 0xE000) {
        character = 0x10000 + ((character - 0xD800) << 10) + (low - 0xDC00);
      } else {
        at_ = second;  // not its other half: a character of its own
      }
    }
    append_utf8(tape_.resolved, character);
    return true;
  }

  bool four_hex(char32_t& character) {
    if (end_ - at_ < 4) return false;
    character = 0;
    for (int i = 0; i < 4; ++i) {
      const int digit = hex_value(at_[i]);
      if (digit < 0) return false;
      character = character * 16 + static_cast<char32_t>(digit);
    }
    at_ += 4;
    return true;
  }

  void skip_blanks() {
    while (at_ < end_ && is_blank(*at_)) ++at_;
  }
  bool next_is(char c) {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }
  void add(JsonKind kind, const char* begin) {
    tape_.nodes.push_back({static_cast<std::uint32_t>(begin - begin_), offset(), 0,
                           static_cast<unsigned>(kind) & 7U, 0, 0});
  }
  [[nodiscard]] std::uint32_t node_count() const {
    return static_cast<std::uint32_t>(tape_.nodes.size());
  }
  [[nodiscard]] std::uint32_t offset() const { return static_cast<std::uint32_t>(at_ - begin_); }

  Status last() {
    skip_blanks();
    if (at_ == end_) return ok();
    fail("text after the value");
    return failure();
  }

  // Out of line: it stands in many places and happens once.
  [[gnu::noinline, gnu::cold]] bool fail(const char* what) {
    what_ = at_ == end_ ? "the text ends early" : what;
    return false;
  }
  [[nodiscard]] Error failure() const {
    const auto line = static_cast<std::uint64_t>(std::count(begin_, at_, '\n')) + 1;
    const char* start = at_;
    while (start > begin_ && start[-1] != '\n') --start;
    return {code_, cat("line ", Decimal(line).text(), ", column ",
                       Decimal(static_cast<std::uint64_t>(at_ - start) + 1).text(), ": ", what_)};
  }

  JsonTape& tape_;
  const char* begin_;
  const char* at_;
  const char* end_;
  // Of the arrays and objects that are open; until it is closed, a node's link is the one around
  // it.
  std::size_t depth_ = 0;
  std::uint32_t innermost_ = 0;
  const char* what_ = "";
  Errc code_ = Errc::invalid_argument;
};

}  // namespace

Status read_json(JsonTape& tape) {
  const std::size_t bytes_max = std::min(tape.limits.bytes_max, kBytesMax);
  if (tape.text.size() > bytes_max) {
    return Error{Errc::too_large, cat("JSON of more than ", Decimal(bytes_max).text(), " bytes")};
  }
  tape.nodes.clear();
  tape.nodes.reserve(std::min<std::size_t>(tape.text.size() / 8 + 4, 256));
  tape.resolved.clear();
  return Reader(tape).read();
}

}  // namespace mynah::detail
