// SPDX-License-Identifier: Apache-2.0
// Names of protocol versions.
#include "http/stream.h"

namespace mynah::http {

std::string_view name_of(Version version) {
  switch (version) {
    case Version::http10:
      return "HTTP/1.0";
    case Version::http11:
      return "HTTP/1.1";
    case Version::http2:
      return "HTTP/2";
  }
  return "HTTP";
}

}  // namespace mynah::http
