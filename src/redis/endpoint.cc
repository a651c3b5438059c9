// SPDX-License-Identifier: Apache-2.0
// Endpoints as text, and as servers tell them.
#include "redis/endpoint.h"

#include "base/text.h"

namespace mynah::redis {
namespace {

constexpr std::size_t kHostMax = 255;

bool is_of_host(char c) {
  return is_digit(c) || is_alpha(c) || c == '.' || c == '-' || c == '_' || c == ':' || c == '%';
}

}  // namespace

std::string Endpoint::text() const {
  if (host.starts_with('/')) return host;
  if (host.find(':') != std::string::npos) return cat("[", host, "]:", port);
  return cat(host, ":", port);
}

Result<Endpoint> told_endpoint(std::string_view host, std::string_view port) {
  bool well_formed = !host.empty() && host.size() <= kHostMax;
  for (const char c : host) well_formed = well_formed && is_of_host(c);
  const auto number = parse_number<std::uint16_t>(port);
  if (!well_formed || !number || *number == 0)
    return Error{Errc::protocol, "the server tells an address that is none"};
  return Endpoint{std::string(host), *number};
}

}  // namespace mynah::redis
