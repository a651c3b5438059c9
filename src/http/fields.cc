// SPDX-License-Identifier: Apache-2.0
// The lists of fields that belong to one connection or may not come after a body.
#include "http/fields.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "http/chars.h"

namespace mynah::http {
namespace {

constexpr std::array<std::string_view, 7> kHopByHop = {
    "connection", "http2-settings",    "keep-alive", "proxy-connection",
    "te",         "transfer-encoding", "upgrade",
};

constexpr std::array<std::string_view, 38> kForbiddenInTrailers = {
    "age",
    "authorization",
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "content-range",
    "content-type",
    "cookie",
    "date",
    "expect",
    "expires",
    "forwarded",
    "host",
    "http2-settings",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "keep-alive",
    "location",
    "max-forwards",
    "pragma",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "range",
    "retry-after",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "vary",
    "via",
    "warning",
    "www-authenticate",
};
static_assert(std::is_sorted(kHopByHop.begin(), kHopByHop.end()));
static_assert(std::is_sorted(kForbiddenInTrailers.begin(), kForbiddenInTrailers.end()));

constexpr std::string_view kForwardedPrefix = "x-forwarded-";

bool is_hex(char c) {
  return chars::is_digit(c) || (chars::lower(c) >= 'a' && chars::lower(c) <= 'f');
}

bool is_port(std::string_view text) {
  if (text.empty() || text.size() > 5 || !std::all_of(text.begin(), text.end(), chars::is_digit))
    return false;
  unsigned port = 0;
  for (const char digit : text) port = port * 10 + static_cast<unsigned>(digit - '0');
  return port <= 65535;
}

// Inside the brackets of an IPv6 address. That the address is a good one is for whoever connects to
// it.
bool is_ipv6_text(std::string_view text) {
  return text.size() >= 2 && text.size() <= 45 && text.find(':') != std::string_view::npos &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_hex(c) || c == ':' || c == '.'; });
}

// "%2F"; "%00" is legal by the letter and of no use but to attackers.
bool is_escape(std::string_view text) {
  return text.size() >= 3 && is_hex(text[1]) && is_hex(text[2]) &&
         !(text[1] == '0' && text[2] == '0');
}

}  // namespace

bool is_hop_by_hop(std::string_view name) {
  return std::binary_search(kHopByHop.begin(), kHopByHop.end(), name);
}

bool is_forbidden_in_trailers(std::string_view name) {
  return name.starts_with(kForwardedPrefix) ||
         std::binary_search(kForbiddenInTrailers.begin(), kForbiddenInTrailers.end(), name);
}

void strip_hop_by_hop(Headers& headers) {
  std::vector<std::string> named;
  for (const auto& [name, value] : headers) {
    if (name != "connection") continue;
    std::string_view list = value;
    std::string_view member;
    while (next_member(list, member)) {
      std::string lower(member);
      std::transform(lower.begin(), lower.end(), lower.begin(), chars::lower);
      named.push_back(std::move(lower));
    }
  }
  for (const std::string& name : named) {
    if (!name.starts_with(':') && name != "content-length" && name != "te") headers.remove(name);
  }
  const bool trailers = equals_ignoring_case(headers.value_or("te", ""), "trailers");
  for (const std::string_view name : kHopByHop) headers.remove(name);
  if (trailers) headers.add("te", "trailers");
}

bool is_authority(std::string_view text) {
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos || !is_ipv6_text(text.substr(1, end - 1))) return false;
    port = text.substr(end + 1);
  } else {
    const std::size_t colon = std::min(text.find(':'), text.size());
    if (colon == 0 || !all_of(chars::kHost, text.substr(0, colon))) return false;
    port = text.substr(colon);
  }
  return port.empty() || (port.front() == ':' && is_port(port.substr(1)));
}

bool is_path(std::string_view text) {
  if (text == "*") return true;
  if (!text.starts_with('/')) return false;
  std::size_t at = 0;
  for (; at < text.size() && text[at] != '?'; ++at) {
    if (!is_of(chars::kPath, text[at])) return false;
    if (text[at] == '%' && !is_escape(text.substr(at))) return false;
  }
  return all_of(chars::kQuery, text.substr(at));
}

}  // namespace mynah::http
