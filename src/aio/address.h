// SPDX-License-Identifier: Apache-2.0
// Address: where to listen or to connect: an IPv4 or IPv6 address with a port, or a Unix socket's
// path.
//
//   127.0.0.1:8080   [::1]:8080   :8080 (every address)   unix:/run/mynah.sock
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <sys/socket.h>

#include "base/result.h"

namespace mynah {

class Address final {
 public:
  Address() = default;

  // Numbers only: a name is a matter for aio/dns.h.
  static Result<Address> parse(std::string_view text);
  static Result<Address> from_ip(std::string_view ip, std::uint16_t port);
  static Address from_system(const sockaddr_storage& storage, socklen_t size);

  [[nodiscard]] int family() const { return storage_.ss_family; }
  [[nodiscard]] bool is_ip() const { return family() == AF_INET || family() == AF_INET6; }
  [[nodiscard]] std::uint16_t port() const;
  // The same address with another port.
  [[nodiscard]] Address with_port(std::uint16_t port) const;
  // The address without its port: "127.0.0.1", "::1"; for a Unix socket its path.
  [[nodiscard]] std::string ip() const;
  // As parse() takes it.
  [[nodiscard]] std::string text() const;

  [[nodiscard]] const sockaddr* system() const {
    return reinterpret_cast<const sockaddr*>(&storage_);
  }
  [[nodiscard]] socklen_t system_size() const { return size_; }

  friend bool operator==(const Address& a, const Address& b) { return a.text() == b.text(); }

 private:
  sockaddr_storage storage_{};
  socklen_t size_ = 0;
};

}  // namespace mynah
