// SPDX-License-Identifier: Apache-2.0
// ClientConnection: one connection to an origin, for a pool to keep. HTTP/1 carries one exchange at
// a time, HTTP/2 up to as many as both sides allow.
//
//   auto up = http::make_client(std::move(connection), Version::http11, limits, pool);
//   http::ClientStreamPtr stream = up->open();     // when up->streams_free() > 0
#pragma once

#include <cstddef>
#include <memory>

#include "aio/connection.h"
#include "http/limits.h"
#include "http/stream.h"

namespace mynah::http {

class ClientConnection;

// Told when a connection has a stream free again or has closed. It may be in the midst of an
// exchange's clean-up: what destroys the connection or opens a stream is put off (aio's Soon).
class ClientWatcher {
 public:
  virtual void on_change(ClientConnection& connection) = 0;

 protected:
  ~ClientWatcher() = default;
};

class ClientConnection {
 public:
  ClientConnection() = default;
  ClientConnection(const ClientConnection&) = delete;
  ClientConnection& operator=(const ClientConnection&) = delete;
  // Not while streams are open.
  virtual ~ClientConnection() = default;

  // How many streams can be opened now. Looks at the socket, so that a connection which the origin
  // has closed, or on which it has sent what nobody asked for, has none.
  [[nodiscard]] virtual std::size_t streams_free() = 0;
  [[nodiscard]] virtual std::size_t streams_open() const = 0;
  // No stream will be free any more: the origin has closed, or an exchange ended so that the next
  // would not be safe.
  [[nodiscard]] virtual bool closed() const = 0;
  [[nodiscard]] virtual Version version() const = 0;

  // Opens a stream; streams_free() said that there is one.
  virtual ClientStreamPtr open() = 0;
  // Closes when idle; streams in flight go on, new ones are refused.
  virtual void drain() = 0;
};

// Speaks `version` on the connection. `limits` and `watcher` outlive it; `watcher` may be null.
// HTTP/2 is begun at once, with prior knowledge or after ALPN.
std::unique_ptr<ClientConnection> make_client(std::unique_ptr<Connection> connection,
                                              Version version, const ClientLimits& limits,
                                              ClientWatcher* watcher);

}  // namespace mynah::http
