// SPDX-License-Identifier: Apache-2.0
// Any text is a configuration or an error with at least one line that names the file; loading it
// twice gives the same, and files that it names are not touched.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "control/config/load.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace mynah::control;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Environment environment = {{"A", "1"}, {"EMPTY", ""}};

  const auto first = parse_config(text, "f", "/", environment, Files::do_not_look);
  const auto second = parse_config(text, "f", "/", environment, Files::do_not_look);

  MYNAH_CHECK(first.ok() == second.ok());
  if (first) {
    MYNAH_CHECK(*first->config == *second->config);
  } else {
    MYNAH_CHECK(first.error().what.starts_with("f:"));
    MYNAH_CHECK(first.error().what == second.error().what);
  }
  return 0;
}
