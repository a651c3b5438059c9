// SPDX-License-Identifier: Apache-2.0
// Sets of network addresses: "10.0.0.0/8", "2001:db8::/32", "192.0.2.7".
//
//   MYNAH_LET(const auto inside, CidrSet::parse(config.networks));
//   if (!inside.contains(x.property("source", "address").value_or(""))) …
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace mynah {
inline namespace plugin {

// An address of either kind; one of version 4 as ::ffff:a.b.c.d, which it equals.
struct NetworkAddress {
  std::array<std::uint8_t, 16> bytes{};
  bool version4 = false;

  // Without a port, or with one: "192.0.2.7:80", "[2001:db8::1]:443".
  static std::optional<NetworkAddress> parse(std::string_view text);
};

class CidrSet final {
 public:
  // Refuses the first entry that is none, by name.
  static Result<CidrSet> parse(std::span<const std::string> entries);

  // By halving: a set of thousands costs a few comparisons.
  [[nodiscard]] bool contains(const NetworkAddress& address) const;
  // False of what is no address.
  [[nodiscard]] bool contains(std::string_view address) const;

 private:
  struct Range {
    std::array<std::uint8_t, 16> first{};
    std::array<std::uint8_t, 16> last{};
  };

  std::vector<Range> ranges_;  // ascending, none touches another
};

}  // namespace plugin
}  // namespace mynah
