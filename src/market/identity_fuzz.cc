// SPDX-License-Identifier: Apache-2.0
// What plug-ins say of themselves: reading it never fails in another way than by an error, and a
// version that is taken is in order with itself.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "market/identity.h"
#include "market/version.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mynah::market;
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto identity = read_identity(text)) {
    const auto refusal = check_identity(*identity, "0.1.0");
    if (!refusal && !identity->id.empty()) {
      MYNAH_CHECK(identity->id.size() <= Identity::kIdBytesMax);
      MYNAH_CHECK(identity->id.find_first_of("/.\\") == std::string::npos);
    }
    if (!refusal && !identity->version.empty()) {
      MYNAH_CHECK(Version::parse(identity->version).ok());
    }
  }
  if (const auto version = Version::parse(text)) {
    MYNAH_CHECK(*version == *version);
    MYNAH_CHECK((*version <=> *version) == std::weak_ordering::equivalent);
  }
  return 0;
}
