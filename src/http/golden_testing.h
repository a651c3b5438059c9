// SPDX-License-Identifier: Apache-2.0
// Reads the golden files of tests/golden/http1, whose form their first lines explain.
#pragma once

#include <string>
#include <vector>

namespace mynah::http {

struct GoldenCase {
  std::string expected;
  std::string about;
  std::string bytes;
  int line = 0;
};

// Ends the test process when the file cannot be read or has a line that is no case.
std::vector<GoldenCase> read_golden(const std::string& name);

}  // namespace mynah::http
