// SPDX-License-Identifier: Apache-2.0
// Encoding is one recursive function. Decoding keeps the arrays that are not complete on a stack of
// its own, so that it can stop after any byte and hostile nesting costs no machine stack.
#include "base/resp.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <limits>

namespace mynah {
namespace {

void append_number(std::int64_t value, std::string& out) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, end);
}

void append_head(char type, std::int64_t value, std::string& out) {
  out += type;
  append_number(value, out);
  out += "\r\n";
}

void append_bulk(char type, std::string_view text, std::string& out) {
  append_head(type, static_cast<std::int64_t>(text.size()), out);
  out.append(text).append("\r\n");
}

// A status or an error ends at its line's end, so neither may contain one.
void append_line(char type, std::string_view text, std::string& out) {
  out += type;
  for (const char c : text) out += c == '\r' || c == '\n' ? ' ' : c;
  out += "\r\n";
}

void append_items(char type, std::size_t count, const Resp& value, RespVersion version,
                  std::string& out) {
  append_head(type, static_cast<std::int64_t>(count), out);
  for (const Resp& item : value.items) encode(item, version, out);
}

bool parse_integer(std::string_view text, std::int64_t& value) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

bool parse_real(std::string_view text, double& value) {
  if (text == "inf" || text == "+inf") {
    value = std::numeric_limits<double>::infinity();
    return true;
  }
  if (text == "-inf") {
    value = -std::numeric_limits<double>::infinity();
    return true;
  }
  if (text == "nan" || text == "-nan") {
    value = std::numeric_limits<double>::quiet_NaN();
    return true;
  }
  // No from_chars for reals in every C++ library that builds this; the text is short and copied to
  // end it with a zero.
  char copy[64];
  if (text.empty() || text.size() >= sizeof copy) return false;
  for (const char c : text) {
    if ((c < '0' || c > '9') && c != '+' && c != '-' && c != '.' && c != 'e' && c != 'E')
      return false;
  }
  std::copy(text.begin(), text.end(), copy);
  copy[text.size()] = 0;
  char* end = nullptr;
  value = std::strtod(copy, &end);
  return end == copy + text.size();
}

}  // namespace

Resp Resp::ok() {
  static const SharedBytes text = SharedBytes::immortal("OK");
  return of(Kind::status, text);
}

bool operator==(const Resp& a, const Resp& b) {
  if (a.kind != b.kind) return false;
  if (a.kind == Resp::Kind::real) {
    return a.real == b.real || (std::isnan(a.real) && std::isnan(b.real));
  }
  return a.integer == b.integer && a.text == b.text && a.items == b.items;
}

std::string real_text(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  char text[40];
  const int size = std::snprintf(text, sizeof text, "%.17g", value);
  return {text, static_cast<std::size_t>(size)};
}

void encode(const Resp& value, RespVersion version, std::string& out) {
  const bool third = version == RespVersion::resp3;
  switch (value.kind) {
    case Resp::Kind::null:
      out += third ? "_\r\n" : "$-1\r\n";
      return;
    case Resp::Kind::null_array:
      out += third ? "_\r\n" : "*-1\r\n";
      return;
    case Resp::Kind::status:
      return append_line('+', value.text.view(), out);
    case Resp::Kind::error:
      return append_line('-', value.text.view(), out);
    case Resp::Kind::integer:
      return append_head(':', value.integer, out);
    case Resp::Kind::bulk:
      return append_bulk('$', value.text.view(), out);
    case Resp::Kind::array:
      return append_items('*', value.items.size(), value, version, out);
    case Resp::Kind::map:
      return third ? append_items('%', value.items.size() / 2, value, version, out)
                   : append_items('*', value.items.size(), value, version, out);
    case Resp::Kind::set:
      return append_items(third ? '~' : '*', value.items.size(), value, version, out);
    case Resp::Kind::pairs:
      if (!third) return append_items('*', value.items.size(), value, version, out);
      append_head('*', static_cast<std::int64_t>(value.items.size() / 2), out);
      for (std::size_t i = 0; i < value.items.size(); ++i) {
        if (i % 2 == 0) append_head('*', 2, out);
        encode(value.items[i], version, out);
      }
      return;
    case Resp::Kind::push:
      return append_items(third ? '>' : '*', value.items.size(), value, version, out);
    case Resp::Kind::real:
      return third ? append_line(',', real_text(value.real), out)
                   : append_bulk('$', real_text(value.real), out);
    case Resp::Kind::boolean:
      if (!third) return append_head(':', value.integer, out);
      out += value.integer != 0 ? "#t\r\n" : "#f\r\n";
      return;
    case Resp::Kind::big_number:
      return third ? append_line('(', value.text.view(), out)
                   : append_bulk('$', value.text.view(), out);
    case Resp::Kind::verbatim:
      return third ? append_bulk('=', value.text.view(), out)
                   : append_bulk(
                         '$', value.text.view().substr(std::min<std::size_t>(4, value.text.size())),
                         out);
  }
}

void encode_command(std::span<const std::string_view> words, std::string& out) {
  append_head('*', static_cast<std::int64_t>(words.size()), out);
  for (const std::string_view word : words) append_bulk('$', word, out);
}

void RespDecoder::feed(std::string_view bytes) {
  if (failed_) return;
  // What was read is dropped when it is at least half, so that each byte is moved a bounded number
  // of times.
  if (read_ > 0 && read_ >= buffer_.size() / 2) {
    buffer_.erase(0, read_);
    searched_ -= std::min(searched_, read_);
    read_ = 0;
  }
  buffer_.append(bytes);
}

Error RespDecoder::broken(std::string_view why) {
  failed_ = true;
  return {Errc::protocol, std::string("Protocol error: ").append(why)};
}

Error RespDecoder::over_limit(std::string_view what) {
  failed_ = true;
  return {Errc::too_large, std::string("Protocol error: over the limit of ").append(what)};
}

Result<std::optional<Resp>> RespDecoder::next() {
  if (failed_) return Error{Errc::protocol, "Protocol error: the stream is broken"};
  Resp value;
  while (true) {
    const std::size_t before = read_;
    MYNAH_LET(const Step made, step(value));
    if (made == Step::starved) return std::optional<Resp>();
    message_bytes_ += read_ - before;
    if (message_bytes_ > limits_.message_bytes) return over_limit("bytes in a message");
    if (made == Step::complete && close_into_parent(value)) {
      message_items_ = 0;
      message_bytes_ = 0;
      return std::optional<Resp>(std::move(value));
    }
  }
}

// Puts a complete value into the array that waits for it, and closes what that completes. True when
// `value` is then a whole message.
bool RespDecoder::close_into_parent(Resp& value) {
  while (!open_.empty()) {
    Open& parent = open_.back();
    parent.value.items.push_back(std::move(value));
    if (--parent.missing > 0) return false;
    const bool attribute = parent.attribute;
    value = std::move(parent.value);
    open_.pop_back();
    if (attribute) return false;
  }
  return true;
}

// A line without its end; reads nothing when the end is not there yet.
Result<std::optional<std::string_view>> RespDecoder::line() {
  searched_ = std::max(searched_, read_);
  const std::size_t end = buffer_.find('\n', searched_);
  if (end == std::string::npos) {
    searched_ = buffer_.size();
    if (buffer_.size() - read_ > limits_.line_bytes) return over_limit("bytes in a line");
    return std::optional<std::string_view>();
  }
  if (end - read_ > limits_.line_bytes + 1) return over_limit("bytes in a line");
  searched_ = end;
  return std::optional(std::string_view(buffer_).substr(read_, end - read_));
}

Result<RespDecoder::Step> RespDecoder::step(Resp& out) {
  MYNAH_LET(const auto found, line());
  if (!found) return Step::starved;
  std::string_view text = *found;
  const std::size_t line_end = read_ + text.size() + 1;
  const char type = text.empty() ? '\r' : text.front();
  if (commands_ && open_.empty() && type != '*') {
    read_ = line_end;
    return inline_command(text, out);
  }
  if (!text.ends_with('\r')) return broken("a line ends without CR");
  text.remove_suffix(1);
  if (text.empty()) return broken("an empty line");
  text.remove_prefix(1);
  if (commands_ && !open_.empty() && type != '$') {
    return broken(std::string("expected '$', got '") + type + "'");
  }
  switch (type) {
    case '$':
      return bulk(Resp::Kind::bulk, text, line_end, out);
    case '=':
      return bulk(Resp::Kind::verbatim, text, line_end, out);
    case '*':
    case '%':
    case '~':
    case '>':
    case '|':
      read_ = line_end;
      return aggregate(type, text, out);
    default:
      break;
  }
  read_ = line_end;
  out = Resp();
  if (type == '+') {
    out = Resp::status(text);
  } else if (type == '-') {
    out = Resp::error(text);
  } else if (type == '(') {
    out = Resp::of(Resp::Kind::big_number, SharedBytes::copy_of(text));
  } else if (type == ':') {
    out = Resp::number(0);
    if (!parse_integer(text, out.integer)) return broken("not an integer");
  } else if (type == ',') {
    out = Resp::of_real(0);
    if (!parse_real(text, out.real)) return broken("not a number");
  } else if (type == '#') {
    if (text != "t" && text != "f") return broken("not a boolean");
    out = Resp::boolean(text == "t");
  } else if (type != '_' || !text.empty()) {
    return broken("an unknown type of value");
  }
  return Step::complete;
}

Result<RespDecoder::Step> RespDecoder::bulk(Resp::Kind kind, std::string_view header,
                                            std::size_t line_end, Resp& out) {
  std::int64_t size = 0;
  const bool null_allowed = !commands_ && kind == Resp::Kind::bulk;
  if (!parse_integer(header, size) || size < (null_allowed ? -1 : 0))
    return broken("invalid bulk length");
  if (size < 0) {
    read_ = line_end;
    out = Resp();
    return Step::complete;
  }
  const auto bytes = static_cast<std::size_t>(size);
  if (bytes > limits_.bulk_bytes) return over_limit("bytes in a bulk string");
  if (buffer_.size() - line_end < bytes + 2) {
    if (message_bytes_ + bytes > limits_.message_bytes) return over_limit("bytes in a message");
    return Step::starved;
  }
  const std::string_view text = std::string_view(buffer_).substr(line_end, bytes);
  if (buffer_.compare(line_end + bytes, 2, "\r\n") != 0)
    return broken("a bulk string without its end");
  if (kind == Resp::Kind::verbatim && (bytes < 4 || text[3] != ':'))
    return broken("a verbatim string without its format");
  read_ = line_end + bytes + 2;
  out = Resp::of(kind, SharedBytes::copy_of(text));
  return Step::complete;
}

Result<RespDecoder::Step> RespDecoder::aggregate(char type, std::string_view header, Resp& out) {
  std::int64_t count = 0;
  if (!parse_integer(header, count) || count < -1) return broken("invalid multibulk length");
  out = Resp::array();
  if (type == '%' || type == '|') out.kind = Resp::Kind::map;
  if (type == '~') out.kind = Resp::Kind::set;
  if (type == '>') out.kind = Resp::Kind::push;
  if (count < 0) {
    if (type != '*') return broken("invalid multibulk length");
    if (!commands_) out = Resp::null_array();
    return Step::complete;
  }
  if (static_cast<std::size_t>(count) > limits_.items) return over_limit("items in a message");
  const std::size_t items = static_cast<std::size_t>(count) * (out.kind == Resp::Kind::map ? 2 : 1);
  message_items_ += items;
  if (message_items_ > limits_.items) return over_limit("items in a message");
  if (items == 0) return type == '|' ? Step::opened : Step::complete;
  if (open_.size() >= limits_.depth) return over_limit("nested values");
  // A peer pays for room with bytes, not with a promise of them.
  out.items.reserve(std::min<std::size_t>(items, 64));
  open_.push_back({std::move(out), items, type == '|'});
  return Step::opened;
}

// A command typed as a line: words between blanks.
Result<RespDecoder::Step> RespDecoder::inline_command(std::string_view text, Resp& out) {
  out = Resp::array();
  while (!text.empty()) {
    const std::size_t begin = text.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos) break;
    text.remove_prefix(begin);
    const std::string_view word = text.substr(0, text.find_first_of(" \t\r"));
    out.items.push_back(Resp::bulk(word));
    text.remove_prefix(word.size());
  }
  return Step::complete;
}

namespace {

// Reads "<type><number>\r\n" at `at` and steps over it.
bool read_head(std::string_view bytes, char type, std::size_t& at, std::int64_t& value) {
  if (at >= bytes.size() || bytes[at] != type) return false;
  const std::size_t end = bytes.find("\r\n", at);
  if (end == std::string_view::npos || !parse_integer(bytes.substr(at + 1, end - at - 1), value))
    return false;
  at = end + 2;
  return true;
}

}  // namespace

Result<std::size_t> parse_command(std::string_view bytes, std::vector<std::string_view>& words,
                                  const RespLimits& limits) {
  words.clear();
  std::size_t at = 0;
  std::int64_t count = 0;
  if (!read_head(bytes, '*', at, count) || count < 0) {
    return Error{Errc::protocol, "Protocol error: not an array of bulk strings"};
  }
  if (static_cast<std::size_t>(count) > limits.items) {
    return Error{Errc::too_large, "Protocol error: over the limit of items in a message"};
  }
  for (std::int64_t i = 0; i < count; ++i) {
    std::int64_t size = 0;
    if (!read_head(bytes, '$', at, size) || size < 0) {
      return Error{Errc::protocol, "Protocol error: invalid bulk length"};
    }
    const auto length = static_cast<std::size_t>(size);
    if (length > limits.bulk_bytes) {
      return Error{Errc::too_large, "Protocol error: over the limit of bytes in a bulk string"};
    }
    if (bytes.size() - at < length + 2 || bytes.substr(at + length, 2) != "\r\n") {
      return Error{Errc::protocol, "Protocol error: the command is cut short"};
    }
    words.push_back(bytes.substr(at, length));
    at += length + 2;
  }
  return at;
}

}  // namespace mynah
