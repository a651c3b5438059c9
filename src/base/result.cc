// SPDX-License-Identifier: Apache-2.0
// The spelling of error codes.
#include "base/result.h"

namespace mynah {

std::string_view name_of(Errc code) {
  switch (code) {
    case Errc::invalid_argument:
      return "invalid-argument";
    case Errc::not_found:
      return "not-found";
    case Errc::already_exists:
      return "already-exists";
    case Errc::denied:
      return "denied";
    case Errc::timeout:
      return "timeout";
    case Errc::unavailable:
      return "unavailable";
    case Errc::closed:
      return "closed";
    case Errc::protocol:
      return "protocol";
    case Errc::too_large:
      return "too-large";
    case Errc::exhausted:
      return "exhausted";
    case Errc::unsupported:
      return "unsupported";
    case Errc::cancelled:
      return "cancelled";
    case Errc::plugin_fault:
      return "plugin-fault";
    case Errc::internal:
      return "internal";
  }
  return "internal";
}

}  // namespace mynah
