// SPDX-License-Identifier: Apache-2.0
// The table of fields that the HTTP/1 parser treats by themselves.
#include "http/h1_fields.h"

#include <algorithm>

#include "http/chars.h"
#include "http/fields.h"

namespace mynah::http {
namespace {

// Tells why a name did not end at a colon. `at` is the first character that is no token's.
Refusal judge_name_end(const char* at, const char* end) {
  switch (*at) {
    case '\r':
      return at[1] == '\n' ? Refusal::colon_missing : Refusal::bare_cr;
    case '\n':
      return Refusal::bare_lf;
    case ' ':
    case '\t': {
      const char* const stop = find_value_end(at, end);
      return std::find(at, stop, ':') == stop ? Refusal::colon_missing
                                              : Refusal::space_before_colon;
    }
    default:
      return is_of(chars::kValue, *at) ? Refusal::field_name_invalid : Refusal::control_character;
  }
}

// True for names that mean something to the connection; checked by length first, since most names
// are none of them.
bool is_special(std::string_view name) {
  switch (name.size()) {
    case 2:
      return name == "te";
    case 4:
      return name == "host";
    case 6:
      return name == "expect";
    case 7:
      return name == "upgrade";
    case 10:
      return name == "connection" || name == "keep-alive";
    case 14:
      return name == "content-length" || name == "http2-settings";
    case 16:
      return name == "proxy-connection";
    case 17:
      return name == "transfer-encoding";
    default:
      return false;
  }
}

}  // namespace

Refusal FieldBlock::parse(char* at, char* last, std::size_t count_max) {
  count_max = std::min(count_max, kFieldsMax);
  while (at != last) {
    if (const Refusal refusal = parse_line(at, last, count_max); refusal != Refusal::none)
      return refusal;
  }
  if (coding_seen_ && !coded) return Refusal::coding_not_chunked_last;
  if (coded && length_seen) return Refusal::length_with_coding;
  if (upgrades_ > 1) upgrade = {};
  return Refusal::none;
}

Refusal FieldBlock::parse_line(char*& at, char* last, std::size_t count_max) {
  if (*at == ' ' || *at == '\t')
    return lines_ == 0 ? Refusal::leading_whitespace : Refusal::obsolete_folding;
  char* const name = at;
  while (const char lower = chars::kTokenLower[static_cast<unsigned char>(*at)]) *at++ = lower;
  if (*at != ':') return judge_name_end(at, last);
  if (at == name) return Refusal::field_name_invalid;
  const std::string_view name_view(name, static_cast<std::size_t>(at - name));

  do ++at;
  while (*at == ' ' || *at == '\t');
  const char* const value = at;
  at += find_value_end(at, last) - at;
  if (*at != '\r') return *at == '\n' ? Refusal::bare_lf : Refusal::control_character;
  if (at[1] != '\n') return Refusal::bare_cr;
  const char* value_end = at;
  while (value_end != value && (value_end[-1] == ' ' || value_end[-1] == '\t')) --value_end;
  at += 2;
  return take(name_view, {value, static_cast<std::size_t>(value_end - value)}, count_max);
}

Refusal FieldBlock::take(std::string_view name, std::string_view value, std::size_t count_max) {
  if (++lines_ > count_max)
    return of_ == Of::trailers ? Refusal::trailers_too_large : Refusal::too_many_fields;
  bool goes_on = true;
  if (of_ == Of::trailers) {
    goes_on = !is_forbidden_in_trailers(name);
  } else if (is_special(name)) {
    if (const Refusal refusal = take_special(name, value, goes_on); refusal != Refusal::none)
      return refusal;
  }
  if (goes_on) fields_[count_++] = {name, value};
  return Refusal::none;
}

Refusal FieldBlock::take_special(std::string_view name, std::string_view value, bool& goes_on) {
  if (name == "content-length") return take_length(value);
  const bool request = of_ == Of::request;
  if ((name == "host" || name == "expect") && !request) return Refusal::none;
  goes_on = false;
  if (name == "host") {
    if (host_seen) return Refusal::host_repeated;
    host_seen = true;
    host = value;
  } else if (name == "transfer-encoding") {
    return take_coding(value);
  } else if (name == "connection") {
    return take_connection(value);
  } else if (name == "upgrade") {
    ++upgrades_;
    upgrade = value;
  } else if (name == "te") {
    goes_on = request && equals_ignoring_case(value, "trailers");
  } else if (name == "expect") {
    (equals_ignoring_case(value, "100-continue") ? expects_continue : expects_else) = true;
  }
  return Refusal::none;
}

Refusal FieldBlock::take_length(std::string_view value) {
  if (length_seen) return Refusal::length_repeated;
  const auto parsed = parse_length(value);
  if (!parsed) {
    return value.find(',') == std::string_view::npos ? Refusal::length_invalid
                                                     : Refusal::length_repeated;
  }
  length_seen = true;
  length = *parsed;
  return Refusal::none;
}

// Exactly one `chunked` and nothing else is understood.
Refusal FieldBlock::take_coding(std::string_view value) {
  coding_seen_ = true;
  bool other = false;
  std::string_view member;
  while (next_member(value, member)) {
    if (coded) return Refusal::coding_not_chunked_last;
    if (equals_ignoring_case(member, "chunked")) {
      coded = true;
    } else {
      if (!is_token(member)) return Refusal::coding_not_chunked_last;
      other = true;
    }
  }
  if (!coded) return Refusal::coding_not_chunked_last;
  return other ? Refusal::coding_unknown : Refusal::none;
}

Refusal FieldBlock::take_connection(std::string_view value) {
  if (connections_ == kConnectionFieldsMax) return Refusal::too_many_fields;
  connection_[connections_++] = value;
  std::string_view member;
  while (next_member(value, member)) {
    if (equals_ignoring_case(member, "close")) {
      close = true;
    } else if (equals_ignoring_case(member, "keep-alive")) {
      keep_alive = true;
    } else if (equals_ignoring_case(member, "upgrade")) {
      upgrade_named = true;
    } else if (!member.empty()) {
      names_others_ = true;
    }
  }
  return Refusal::none;
}

Refusal FieldBlock::drop_named() {
  std::size_t members = 0;
  for (std::size_t i = 0; i < connections_; ++i) {
    std::string_view list = connection_[i];
    std::string_view member;
    while (next_member(list, member)) {
      if (++members > kConnectionMembersMax) return Refusal::too_many_fields;
      drop(member);
    }
  }
  return Refusal::none;
}

// The length stays: it is how this message is framed, not something a client may have taken out.
// `te: trailers` is named here by everyone who sends it properly.
void FieldBlock::drop(std::string_view named) {
  if (equals_ignoring_case(named, "content-length") || equals_ignoring_case(named, "te")) return;
  const auto dropped = std::remove_if(
      fields_.begin(), fields_.begin() + count_,
      [&](const Headers::Field& field) { return equals_ignoring_case(named, field.name); });
  count_ = static_cast<std::size_t>(dropped - fields_.begin());
}

Refusal FieldBlock::hand_over(Headers& headers) {
  if (names_others_) {
    if (const Refusal refusal = drop_named(); refusal != Refusal::none) return refusal;
  }
  for (std::size_t i = 0; i < count_; ++i) headers.add_stored(fields_[i]);
  return Refusal::none;
}

}  // namespace mynah::http
