// SPDX-License-Identifier: Apache-2.0
// Lists of names and values in the layout in which they cross between plug-in and host (abi/abi.h,
// "pairs").
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "abi/abi.h"
#include "base/headers.h"

namespace mynah {
inline namespace plugin {
namespace inner {

class PairsWriter final {
 public:
  void add(std::string_view name, std::string_view value);
  [[nodiscard]] std::string finish() const;

 private:
  std::vector<std::uint32_t> sizes_;
  std::string text_;
};

// A list that breaks the layout reads as far as it keeps it.
Headers read_pairs(std::string_view bytes);
// The host's map of that kind.
Headers read_map(abi::MapType map);

}  // namespace inner
}  // namespace plugin
}  // namespace mynah
