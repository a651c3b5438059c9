// SPDX-License-Identifier: Apache-2.0
// The plug-ins that come with the gateway, from what their files say of themselves.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "market/identity.h"

namespace mynah::market {

struct Builtin {
  Identity identity;
  std::string path;
  std::string sha256;
  std::uint64_t bytes = 0;
};

// Those of ID.wasm in the folder whose section says the same id; none where there is no folder.
Result<std::vector<Builtin>> read_builtins(const std::string& folder);

}  // namespace mynah::market
