// SPDX-License-Identifier: Apache-2.0
// The host's clock.
#include "abi/imports.h"
#include "mynah/wait.h"

namespace mynah {
inline namespace plugin {

WallTime now() {
  std::uint64_t nanoseconds = 0;
  proxy_get_current_time_nanoseconds(&nanoseconds);
  return WallTime(Duration(static_cast<Duration::rep>(nanoseconds)));
}

}  // namespace plugin
}  // namespace mynah
