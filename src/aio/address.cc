// SPDX-License-Identifier: Apache-2.0
// Addresses as text and as the system wants them.
#include "aio/address.h"

#include <arpa/inet.h>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <netinet/in.h>
#include <sys/un.h>

namespace mynah {
namespace {

Result<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (failure != std::errc() || end != text.data() + text.size()) {
    return Error{Errc::invalid_argument, "\"" + std::string(text) + "\" is not a port: 0 to 65535"};
  }
  return port;
}

}  // namespace

Result<Address> Address::from_ip(std::string_view ip, std::uint16_t port) {
  const std::string text(ip);
  // The system's parser would stop at a NUL and take what stands before it.
  const bool whole = text.find('\0') == std::string::npos;
  Address address;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage_);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage_);
  if (whole && ::inet_pton(AF_INET, text.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    address.size_ = sizeof(sockaddr_in);
    return address;
  }
  address.storage_ = {};
  if (whole && ::inet_pton(AF_INET6, text.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    address.size_ = sizeof(sockaddr_in6);
    return address;
  }
  return Error{Errc::invalid_argument, "\"" + text + "\" is not an IPv4 or IPv6 address"};
}

Result<Address> Address::parse(std::string_view text) {
  if (text.starts_with("unix:")) {
    const std::string_view path = text.substr(5);
    Address address;
    auto* local = reinterpret_cast<sockaddr_un*>(&address.storage_);
    if (path.empty() || path.size() >= sizeof local->sun_path || path.contains('\0')) {
      return Error{Errc::invalid_argument,
                   "a Unix socket's path has 1 to 107 characters, none NUL"};
    }
    local->sun_family = AF_UNIX;
    std::memcpy(local->sun_path, path.data(), path.size());
    address.size_ = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
    return address;
  }
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return Error{Errc::invalid_argument,
                 "\"" + std::string(text) + "\" has no port: write ADDRESS:PORT"};
  }
  MYNAH_LET(const std::uint16_t port, parse_port(text.substr(colon + 1)));
  std::string_view ip = text.substr(0, colon);
  if (ip.empty() || ip == "*") return from_ip("::", port);
  if (ip.starts_with('[') && ip.ends_with(']')) {
    ip = ip.substr(1, ip.size() - 2);
    if (!ip.contains(':')) {
      return Error{Errc::invalid_argument,
                   "only an IPv6 address stands in brackets: " + std::string(ip)};
    }
  } else if (ip.find(':') != std::string_view::npos) {
    return Error{Errc::invalid_argument,
                 "an IPv6 address stands in brackets: [" + std::string(ip) + "]:PORT"};
  }
  if (ip == "localhost") ip = "127.0.0.1";
  return from_ip(ip, port);
}

Address Address::from_system(const sockaddr_storage& storage, socklen_t size) {
  Address address;
  address.storage_ = storage;
  address.size_ = size;
  return address;
}

std::uint16_t Address::port() const {
  if (family() == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in*>(&storage_)->sin_port);
  if (family() == AF_INET6)
    return ntohs(reinterpret_cast<const sockaddr_in6*>(&storage_)->sin6_port);
  return 0;
}

Address Address::with_port(std::uint16_t port) const {
  Address address = *this;
  if (family() == AF_INET)
    reinterpret_cast<sockaddr_in*>(&address.storage_)->sin_port = htons(port);
  if (family() == AF_INET6) {
    reinterpret_cast<sockaddr_in6*>(&address.storage_)->sin6_port = htons(port);
  }
  return address;
}

std::string Address::ip() const {
  char text[INET6_ADDRSTRLEN] = {};
  if (family() == AF_INET) {
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(&storage_)->sin_addr, text,
                sizeof text);
    return text;
  }
  if (family() == AF_INET6) {
    const in6_addr& address = reinterpret_cast<const sockaddr_in6*>(&storage_)->sin6_addr;
    // An IPv4 client of a socket that serves both families shows as the IPv4 address that it has.
    if (IN6_IS_ADDR_V4MAPPED(&address)) {
      ::inet_ntop(AF_INET, &address.s6_addr[12], text, sizeof text);
    } else {
      ::inet_ntop(AF_INET6, &address, text, sizeof text);
    }
    return text;
  }
  if (family() == AF_UNIX && size_ > offsetof(sockaddr_un, sun_path)) {
    return reinterpret_cast<const sockaddr_un*>(&storage_)->sun_path;
  }
  return {};
}

std::string Address::text() const {
  if (family() == AF_UNIX) return "unix:" + ip();
  const std::string bare = ip();
  const bool v6 = bare.find(':') != std::string::npos;
  return (v6 ? "[" + bare + "]" : bare) + ":" + std::to_string(port());
}

}  // namespace mynah
