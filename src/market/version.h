// SPDX-License-Identifier: Apache-2.0
// Versions of plug-ins and of the gateway, as semantic versioning orders them: 1.2.3-rc.1+build.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace mynah::market {

struct Version {
  static constexpr std::size_t kBytesMax = 64;

  std::array<std::uint64_t, 3> numbers{};
  std::vector<std::string> pre;  // "rc", "1"; empty: a release.

  // One to three numbers, so that 1 and 1.0 read as 1.0.0. What stands behind a plus is passed
  // over.
  static Result<Version> parse(std::string_view text);
  std::weak_ordering operator<=>(const Version& other) const;
  bool operator==(const Version& other) const = default;
};

}  // namespace mynah::market
