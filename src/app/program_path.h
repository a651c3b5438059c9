// SPDX-License-Identifier: Apache-2.0
// Where this program is: what travels with it lies beside it.
#pragma once

#include <filesystem>

namespace mynah {

inline std::filesystem::path program_path() {
  std::error_code failed;
  const auto path = std::filesystem::read_symlink("/proc/self/exe", failed);
  return failed ? std::filesystem::path("mynah") : path;
}

}  // namespace mynah
