// SPDX-License-Identifier: Apache-2.0
// Heads of HTTP/1 (RFC 9112). The block is copied once, into the text of the Headers, and taken
// apart there.
// tidy: allow-file string_view: views into the head being parsed
#include <algorithm>
#include <cstring>
#include <optional>

#include "base/check.h"
#include "http/chars.h"
#include "http/fields.h"
#include "http/h1.h"
#include "http/h1_fields.h"

namespace mynah::http {
namespace {

constexpr std::size_t kMethodMax = 32;
constexpr std::string_view kLineEnd = "\r\n";

// The target of a request as the pseudo fields hold it.
struct Target {
  std::string_view authority;
  std::string_view path;
};

std::string_view view_of(const char* from, const char* to) {
  return {from, static_cast<std::size_t>(to - from)};
}

char* copy_into(Headers& headers, std::string_view block) {
  MYNAH_CHECK(block.size() >= 4 && block.ends_with("\r\n\r\n"));
  char* const text = headers.reserve_text(block.size()).data();
  std::memcpy(text, block.data(), block.size());
  return text;
}

// The absolute form, "http://authority/path": the authority is taken from it, whatever the host
// field says.
bool parse_absolute(std::string_view target, Headers& headers, Target& out) {
  const std::size_t colon = target.find("://");
  if (colon == std::string_view::npos) return false;
  const std::string_view scheme = target.substr(0, colon);
  if (!equals_ignoring_case(scheme, "http") && !equals_ignoring_case(scheme, "https")) return false;
  target.remove_prefix(colon + 3);
  const std::size_t path = std::min(target.find_first_of("/?"), target.size());
  out.authority = target.substr(0, path);
  target.remove_prefix(path);
  if (!is_authority(out.authority)) return false;
  if (target.empty()) {
    out.path = "/";
  } else if (target.front() == '?') {
    const std::span<char> room = headers.reserve_text(target.size() + 1);
    room[0] = '/';
    std::memcpy(room.data() + 1, target.data(), target.size());
    out.path = {room.data(), room.size()};
  } else {
    out.path = target;
  }
  return is_path(out.path);
}

Refusal parse_target(std::string_view method, std::string_view target, Headers& headers,
                     Target& out) {
  if (target == "*") {
    out.path = target;
    return method == "OPTIONS" ? Refusal::none : Refusal::target_invalid;
  }
  if (target.starts_with('/')) {
    out.path = target;
    return is_path(target) ? Refusal::none : Refusal::target_invalid;
  }
  if (!parse_absolute(target, headers, out)) return Refusal::target_invalid;
  if (method == "OPTIONS" && target.ends_with(out.authority)) out.path = "*";
  return Refusal::none;
}

Refusal parse_version(std::string_view text, Version& version) {
  if (text == "HTTP/1.1") {
    version = Version::http11;
  } else if (text == "HTTP/1.0") {
    version = Version::http10;
  } else {
    if (text.find("HTTP/") == std::string_view::npos) return Refusal::protocol_unknown;
    const bool other = text.size() == 8 && text.starts_with("HTTP/") && chars::is_digit(text[5]) &&
                       text[6] == '.' && chars::is_digit(text[7]);
    return other ? Refusal::version_unsupported : Refusal::request_line_malformed;
  }
  return Refusal::none;
}

// METHOD SP TARGET SP VERSION, without the line end.
Refusal parse_request_line(std::string_view line, std::size_t uri_max, Headers& headers,
                           std::string_view& method, Target& target, Version& version) {
  const std::size_t space = line.find(' ');
  method = line.substr(0, space);
  if (method.size() > kMethodMax || !is_token(method)) return Refusal::method_invalid;
  if (space == std::string_view::npos) return Refusal::request_line_malformed;
  line.remove_prefix(space + 1);
  const std::size_t target_end = line.find(' ');
  if (std::min(target_end, line.size()) > uri_max) return Refusal::target_too_long;
  if (target_end == std::string_view::npos || target_end == 0)
    return Refusal::request_line_malformed;
  const std::string_view target_text = line.substr(0, target_end);
  if (const Refusal refusal = parse_version(line.substr(target_end + 1), version);
      refusal != Refusal::none) {
    return refusal;
  }
  if (method == "CONNECT") return Refusal::connect_refused;
  return parse_target(method, target_text, headers, target);
}

// The end of the first line, or null with the reason why it has none.
char* find_first_line_end(char* text, char* last, Refusal& refusal) {
  const auto room = static_cast<std::size_t>(last - text);
  char* const end = static_cast<char*>(std::memchr(text, '\r', room));
  if (std::memchr(text, '\n', static_cast<std::size_t>(end - text)) != nullptr) {
    refusal = Refusal::bare_lf;
  } else if (end[1] != '\n') {
    refusal = Refusal::bare_cr;
  } else {
    return end;
  }
  return nullptr;
}

bool may_upgrade(const FieldBlock& fields, const RequestHead& head) {
  if (!fields.upgrade_named || fields.upgrade.empty() || head.version != Version::http11)
    return false;
  if (head.framing.body != Body::none) return false;
  const std::string_view protocol = fields.upgrade.substr(0, fields.upgrade.find('/'));
  return is_token(protocol) && is_field_value(fields.upgrade) &&
         fields.upgrade.find(',') == std::string_view::npos &&
         !equals_ignoring_case(protocol, "h2c") && !equals_ignoring_case(protocol, "h2");
}

Refusal judge_request(const FieldBlock& fields, RequestHead& head) {
  if (fields.host_seen && !is_authority(fields.host)) return Refusal::host_invalid;
  if (!fields.host_seen && head.version == Version::http11) return Refusal::host_missing;
  if (fields.coded && head.version == Version::http10) return Refusal::coding_before_http11;
  if (head.version == Version::http11) {
    if (fields.expects_else) return Refusal::expectation_unknown;
    head.expects_continue = fields.expects_continue;
  }
  if (fields.coded) {
    head.framing = {Body::chunked, 0};
  } else if (fields.length_seen && fields.length > 0) {
    head.framing = {Body::length, fields.length};
  }
  if (head.framing.body == Body::none) head.expects_continue = false;
  head.keep_alive = !fields.close && (head.version == Version::http11 || fields.keep_alive);
  head.upgrade = may_upgrade(fields, head);
  return Refusal::none;
}

Refusal parse_status_line(std::string_view line, ResponseHead& head) {
  if (line.starts_with("HTTP/1.1 ")) {
    head.version = Version::http11;
  } else if (line.starts_with("HTTP/1.0 ")) {
    head.version = Version::http10;
  } else {
    return Refusal::status_line_malformed;
  }
  line.remove_prefix(9);
  if (line.size() < 3 || (line.size() > 3 && line[3] != ' ')) return Refusal::status_invalid;
  if (!std::all_of(line.begin(), line.begin() + 3, chars::is_digit)) return Refusal::status_invalid;
  head.status = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
  if (head.status < 100 || head.status > 599) return Refusal::status_invalid;
  return is_field_value(line) ? Refusal::none : Refusal::control_character;
}

Refusal judge_response(const FieldBlock& fields, Asked asked, ResponseHead& head) {
  if (fields.coded && head.version == Version::http10) return Refusal::coding_before_http11;
  head.keep_alive = !fields.close && (head.version == Version::http11 || fields.keep_alive);
  const bool silent = head.status < 200 || head.status == 204;
  if (silent || head.status == 304 || asked.head) {
    // A length here is legal but for silent ones; what follows it cannot be told from the next
    // response.
    if (silent && (fields.coded || fields.length > 0)) head.keep_alive = false;
    if (head.status == 101) {
      if (!asked.upgrade || !fields.upgrade_named || fields.upgrade.empty())
        return Refusal::upgrade_unasked;
      head.keep_alive = false;
    }
    return Refusal::none;
  }
  if (fields.coded) {
    head.framing = {Body::chunked, 0};
  } else if (fields.length_seen) {
    head.framing = fields.length > 0 ? BodyFraming{Body::length, fields.length} : BodyFraming{};
  } else {
    head.framing = {Body::until_close, 0};
    head.keep_alive = false;
  }
  return Refusal::none;
}

}  // namespace

Refusal parse_request_head(std::string_view block, std::string_view scheme,
                           const MessageLimits& limits, Headers& headers, RequestHead& head) {
  if (block.size() > limits.header_bytes) return Refusal::head_too_large;
  char* const text = copy_into(headers, block);
  char* const last = text + block.size() - kLineEnd.size();
  Refusal refusal = Refusal::none;
  char* const line_end = find_first_line_end(text, last, refusal);
  if (line_end == nullptr) return refusal;

  std::string_view method;
  Target target;
  refusal = parse_request_line(view_of(text, line_end), limits.uri_bytes, headers, method, target,
                               head.version);
  if (refusal != Refusal::none) return refusal;
  FieldBlock fields(FieldBlock::Of::request);
  refusal = fields.parse(line_end + kLineEnd.size(), last, limits.header_count);
  if (refusal == Refusal::none) refusal = judge_request(fields, head);
  if (refusal != Refusal::none) return refusal;

  head.head = method == "HEAD";
  headers.add_stored({":method", method});
  headers.add_stored({":scheme", scheme == "https" ? "https" : "http"});
  headers.add_stored({":authority", target.authority.empty() ? fields.host : target.authority});
  headers.add_stored({":path", target.path});
  refusal = fields.hand_over(headers);
  if (head.upgrade) headers.add_stored({"upgrade", fields.upgrade});
  return refusal;
}

Refusal parse_response_head(std::string_view block, Asked asked, const MessageLimits& limits,
                            Headers& headers, ResponseHead& head) {
  if (block.size() > limits.header_bytes) return Refusal::head_too_large;
  char* const text = copy_into(headers, block);
  char* const last = text + block.size() - kLineEnd.size();
  Refusal refusal = Refusal::none;
  char* const line_end = find_first_line_end(text, last, refusal);
  if (line_end == nullptr) return refusal;
  refusal = parse_status_line(view_of(text, line_end), head);
  if (refusal != Refusal::none) return refusal;

  FieldBlock fields(FieldBlock::Of::response);
  refusal = fields.parse(line_end + kLineEnd.size(), last, limits.header_count);
  if (refusal == Refusal::none) refusal = judge_response(fields, asked, head);
  if (refusal != Refusal::none) return refusal;

  headers.add_stored({":status", std::string_view(text + 9, 3)});
  refusal = fields.hand_over(headers);
  if (head.status == 101) headers.add_stored({"upgrade", fields.upgrade});
  if (head.status < 200 || head.status == 204) headers.remove("content-length");
  return refusal;
}

Refusal parse_trailers(std::string_view block, const MessageLimits& limits, Headers& trailers) {
  if (block == kLineEnd) return Refusal::none;
  if (block.size() > limits.trailer_bytes) return Refusal::trailers_too_large;
  char* const text = copy_into(trailers, block);
  FieldBlock fields(FieldBlock::Of::trailers);
  const Refusal refusal =
      fields.parse(text, text + block.size() - kLineEnd.size(), limits.trailer_count);
  return refusal != Refusal::none ? refusal : fields.hand_over(trailers);
}

Refusal judge_unfinished_request(std::string_view bytes, const MessageLimits& limits) {
  // No method is longer, and nothing but a token's characters comes before its space.
  const std::string_view start = bytes.substr(0, kMethodMax + 1);
  const std::string_view method = start.substr(0, start.find(' '));
  if (method.size() > kMethodMax || !all_of(chars::kToken, method)) return Refusal::method_invalid;
  // METHOD SP TARGET SP HTTP/1.1 CR
  const std::size_t line_max = kMethodMax + limits.uri_bytes + 11;
  if (bytes.size() > line_max &&
      bytes.substr(0, line_max + 1).find('\n') == std::string_view::npos) {
    return Refusal::target_too_long;
  }
  return bytes.size() >= limits.header_bytes ? Refusal::head_too_large : Refusal::none;
}

Refusal judge_unfinished_response(std::string_view bytes, const MessageLimits& limits) {
  constexpr std::string_view kStart = "HTTP/1.";
  const std::string_view start = bytes.substr(0, kStart.size());
  if (!kStart.starts_with(start)) return Refusal::status_line_malformed;
  return bytes.size() >= limits.header_bytes ? Refusal::head_too_large : Refusal::none;
}

std::optional<std::uint64_t> parse_length(std::string_view text) {
  // 19 digits hold 2^63 - 1 and cannot overflow 64 bits.
  if (text.empty() || text.size() > 19 || !std::all_of(text.begin(), text.end(), chars::is_digit))
    return std::nullopt;
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  std::uint64_t value = 0;
  for (const char digit : text) value = value * 10 + static_cast<std::uint64_t>(digit - '0');
  if (value > static_cast<std::uint64_t>(INT64_MAX)) return std::nullopt;
  return value;
}

}  // namespace mynah::http
