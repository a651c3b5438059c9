// SPDX-License-Identifier: Apache-2.0
// Which client connection speaks which version.
#include "http/client.h"

#include <utility>

#include "http/h1_client.h"
#include "http/h2_client.h"

namespace mynah::http {

std::unique_ptr<ClientConnection> make_client(std::unique_ptr<Connection> connection,
                                              Version version, const ClientLimits& limits,
                                              ClientWatcher* watcher) {
  if (version == Version::http2)
    return std::make_unique<Http2Client>(std::move(connection), limits, watcher);
  return std::make_unique<Http1Client>(std::move(connection), limits, watcher);
}

}  // namespace mynah::http
