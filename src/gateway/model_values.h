// SPDX-License-Identifier: Apache-2.0
// Values that all parts of the model share: units, blocks of addresses, URLs, pairs of names and
// values. Addresses are those of aio.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>

#include "aio/address.h"

namespace mynah::model {

using Milliseconds = std::chrono::milliseconds;
using namespace std::chrono_literals;

inline constexpr std::uint64_t kKiB = 1024;
inline constexpr std::uint64_t kMiB = 1024 * kKiB;
inline constexpr std::uint64_t kGiB = 1024 * kMiB;

// A block of addresses: the leading bits of an address, IPv4 in its IPv6-mapped form, so that one
// comparison does.
struct Cidr {
  std::array<std::uint8_t, 16> address{};
  std::uint8_t prefix_bits = 0;  // 0 to 128; an IPv4 block of /n has 96 + n.
  bool operator==(const Cidr&) const = default;
};

struct Url {
  bool tls = false;
  std::string host;  // A name or an address, without brackets.
  std::uint16_t port = 0;
  std::string target = "/";  // Path and query.
  bool operator==(const Url&) const = default;
};

// A header or query field by name and value. Header names are in lower case.
struct NameValue {
  std::string name;
  std::string value;
  bool operator==(const NameValue&) const = default;
};

// Files in PEM form. A certificate file may hold its chain behind it.
struct CertificateFiles {
  std::string certificate;
  std::string key;
  bool operator==(const CertificateFiles&) const = default;
};

}  // namespace mynah::model
