// SPDX-License-Identifier: Apache-2.0
// Making and removing the folder.
#include "control/admin/temporary_testing.h"

#include <stdlib.h>
#include <system_error>

#include "base/check.h"

namespace mynah::control {

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "mynah-XXXXXX").string();
  MYNAH_CHECK(::mkdtemp(pattern.data()) != nullptr);
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace mynah::control
