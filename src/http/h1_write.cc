// SPDX-License-Identifier: Apache-2.0
// Writing heads of HTTP/1. The size is bounded beforehand, so that each head is one run of plain
// copies.
// tidy: allow-file string_view: views into the headers being written
#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "http/chars.h"
#include "http/fields.h"
#include "http/h1.h"

namespace mynah::http {
namespace {

// Room for the first line and for the fields that are made here.
constexpr std::size_t kOwnBytesMax = 256;

class Pen final {
 public:
  explicit Pen(char* at) : at_(at) {}

  Pen& put(std::string_view text) {
    std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
    return *this;
  }
  Pen& put_line(std::string_view name, std::string_view value) {
    return put(name).put(": ").put(value).put("\r\n");
  }
  Pen& put_number(std::uint64_t number) {
    std::array<char, 20> digits;
    char* first = digits.data() + digits.size();
    do *--first = static_cast<char>('0' + number % 10);
    while ((number /= 10) != 0);
    return put({first, static_cast<std::size_t>(digits.data() + digits.size() - first)});
  }
  [[nodiscard]] char* at() const { return at_; }

 private:
  char* at_;
};

// What stands in the fields beside those that are copied.
struct Plan {
  std::string_view method, path, authority, status;  // the pseudo fields
  std::string_view upgrade;
  bool trailers_wanted = false;
  bool length_seen = false;
  std::uint64_t length = 0;
};

bool is_made_here(std::string_view name) {
  switch (name.size()) {
    case 2:
    case 4:
    case 7:
    case 10:
    case 14:
    case 16:
    case 17:
      return is_hop_by_hop(name) || name == "content-length" || name == "host";
    default:
      return false;
  }
}

Error unfit(std::string_view what, std::string_view name) {
  std::string text = "cannot send the ";
  text.append(what).append(" of the field \"").append(name.substr(0, 64)).append("\"");
  return {Errc::invalid_argument, std::move(text)};
}

Status note_pseudo(const Headers::Field& field, Plan& plan) {
  if (field.name == ":method") {
    plan.method = field.value;
  } else if (field.name == ":path") {
    plan.path = field.value;
  } else if (field.name == ":authority") {
    plan.authority = field.value;
  } else if (field.name == ":status") {
    plan.status = field.value;
  } else if (field.name != ":scheme") {
    return Error{Errc::invalid_argument, "unknown pseudo field"};
  }
  return ok();
}

Status note_own(const Headers::Field& field, Plan& plan) {
  if (field.name == "content-length") {
    const auto length = parse_length(field.value);
    if (!length || plan.length_seen) return unfit("value", field.name);
    plan.length_seen = true;
    plan.length = *length;
  } else if (field.name == "upgrade") {
    plan.upgrade = field.value;
  } else if (field.name == "te") {
    plan.trailers_wanted = equals_ignoring_case(field.value, "trailers");
  } else if (field.name == "host" && plan.authority.empty()) {
    plan.authority = field.value;
  }
  return ok();
}

// Reads all fields once, before anything is written, so that a refusal leaves nothing behind.
Result<Plan> plan_for(const Headers& headers) {
  Plan plan;
  for (const auto& field : headers) {
    if (!is_field_value(field.value)) return unfit("value", field.name);
    if (field.name.starts_with(':')) {
      MYNAH_OK(note_pseudo(field, plan));
      continue;
    }
    if (!is_token(field.name)) return unfit("name", field.name);
    if (is_made_here(field.name)) MYNAH_OK(note_own(field, plan));
  }
  return plan;
}

void put_fields(Pen& pen, const Headers& headers) {
  for (const auto& [name, value] : headers) {
    if (name.front() != ':' && !is_made_here(name)) pen.put_line(name, value);
  }
}

template <class Put>
void append(std::string& out, const Headers& headers, Put put) {
  const std::size_t old = out.size();
  const std::size_t room = old + headers.text_bytes() + 4 * headers.size() + kOwnBytesMax;
  if (out.capacity() < room) out.reserve(std::max(room, 2 * out.capacity()));
  out.resize_and_overwrite(room, [&](char* bytes, std::size_t) {
    Pen pen(bytes + old);
    put(pen);
    return static_cast<std::size_t>(pen.at() - bytes);
  });
}

bool expects_a_body(std::string_view method) {
  return method == "POST" || method == "PUT" || method == "PATCH";
}

void put_framing(Pen& pen, BodyFraming framing) {
  if (framing.body == Body::length) {
    pen.put("content-length: ").put_number(framing.length).put("\r\n");
  } else if (framing.body == Body::chunked) {
    pen.put_line("transfer-encoding", "chunked");
  }
}

Status check_request(const Plan& plan) {
  if (!is_token(plan.method) || plan.method.size() > 32) return unfit("value", ":method");
  if (plan.path.empty() || !all_of(chars::kQuery, plan.path)) return unfit("value", ":path");
  if (!plan.authority.empty() && !is_authority(plan.authority)) return unfit("value", ":authority");
  return ok();
}

Error length_without_body() {
  return {Errc::invalid_argument, "a content-length was announced for a message without a body"};
}

// How a response's body is framed, and what of it is announced in the head.
struct ResponsePlan {
  BodyFraming announced;  // in the head
  Written written;
};

Result<ResponsePlan> plan_response(const Plan& plan, int status, WriteResponse how) {
  ResponsePlan out;
  out.written.keep_alive = how.keep_alive;
  if (status == 101) {
    out.written = {{Body::until_close, 0}, false};
    return out;
  }
  if (status < 200 || status == 204) return out;
  if (how.head || status == 304) {
    if (plan.length_seen) out.announced = {Body::length, plan.length};
    return out;
  }
  if (how.end == End::yes) {
    if (plan.length > 0) return length_without_body();
    out.announced = {Body::length, 0};
    return out;
  }
  if (plan.length_seen) {
    out.announced = {Body::length, plan.length};
  } else if (how.client == Version::http10) {
    out.announced = {Body::until_close, 0};
    out.written.keep_alive = false;
  } else {
    out.announced = {Body::chunked, 0};
  }
  out.written.framing = out.announced;
  return out;
}

void put_connection(Pen& pen, const Plan& plan, int status, Version client, bool keep_alive) {
  if (status == 101) {
    pen.put("connection: upgrade\r\n").put_line("upgrade", plan.upgrade);
  } else if (status >= 200 && !keep_alive) {
    pen.put("connection: close\r\n");
  } else if (status >= 200 && client == Version::http10) {
    pen.put("connection: keep-alive\r\n");
  }
}

std::optional<int> parse_status(std::string_view text) {
  if (text.size() != 3 || !std::all_of(text.begin(), text.end(), chars::is_digit))
    return std::nullopt;
  const int status = (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0');
  return status >= 100 && status <= 599 ? std::optional(status) : std::nullopt;
}

}  // namespace

Result<Written> write_request_head(std::string& out, const Headers& headers, WriteRequest how) {
  MYNAH_LET(const Plan plan, plan_for(headers));
  MYNAH_OK(check_request(plan));
  Written written;
  BodyFraming announced;
  if (how.end == End::no) {
    announced =
        plan.length_seen ? BodyFraming{Body::length, plan.length} : BodyFraming{Body::chunked, 0};
    written.framing = announced;
  } else {
    if (plan.length > 0) return length_without_body();
    if (plan.length_seen || expects_a_body(plan.method)) announced = {Body::length, 0};
  }
  const bool upgrade = how.end == End::yes && !plan.upgrade.empty();
  append(out, headers, [&](Pen& pen) {
    pen.put(plan.method)
        .put(" ")
        .put(plan.path)
        .put(" HTTP/1.1\r\n")
        .put_line("host", plan.authority);
    put_fields(pen, headers);
    put_framing(pen, announced);
    if (upgrade) pen.put("connection: upgrade\r\n").put_line("upgrade", plan.upgrade);
    if (plan.trailers_wanted)
      pen.put(upgrade ? "te: trailers\r\n" : "te: trailers\r\nconnection: te\r\n");
    pen.put("\r\n");
  });
  return written;
}

Result<Written> write_response_head(std::string& out, const Headers& headers, WriteResponse how) {
  MYNAH_LET(const Plan plan, plan_for(headers));
  const auto status = parse_status(plan.status);
  if (!status) return unfit("value", ":status");
  if (*status == 101 && plan.upgrade.empty()) {
    return Error{Errc::invalid_argument, "status 101 without an upgrade field"};
  }
  MYNAH_LET(const ResponsePlan planned, plan_response(plan, *status, how));
  append(out, headers, [&](Pen& pen) {
    pen.put("HTTP/1.1 ").put(plan.status).put(" ").put(reason_of(*status)).put("\r\n");
    put_fields(pen, headers);
    put_framing(pen, planned.announced);
    put_connection(pen, plan, *status, how.client, planned.written.keep_alive);
    pen.put("\r\n");
  });
  return planned.written;
}

void write_last_chunk(std::string& out, const Headers& trailers) {
  append(out, trailers, [&](Pen& pen) {
    pen.put("0\r\n");
    for (const auto& [name, value] : trailers) {
      if (is_token(name) && is_field_value(value) && !is_forbidden_in_trailers(name))
        pen.put_line(name, value);
    }
    pen.put("\r\n");
  });
}

std::size_t write_chunk_head(char* room, std::uint64_t size) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const int digits = size == 0 ? 1 : (67 - __builtin_clzll(size)) / 4;
  for (int i = digits; i-- > 0; size >>= 4) room[i] = kDigits[size & 15];
  room[digits] = '\r';
  room[digits + 1] = '\n';
  return static_cast<std::size_t>(digits) + 2;
}

}  // namespace mynah::http
