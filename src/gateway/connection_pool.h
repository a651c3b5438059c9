// SPDX-License-Identifier: Apache-2.0
// ConnectionPool: the connections of one worker to one endpoint. A request gets a connection that
// is free, or a new one while there are fewer than allowed, or waits in a bounded queue for one to
// become free.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <unordered_map>
#include <vector>

#include "aio/address.h"
#include "aio/event.h"
#include "aio/scope.h"
#include "base/task.h"
#include "http/client.h"

namespace mynah {

class Upstream;

class ConnectionPool final : private http::ClientWatcher {
 public:
  // Both outlive the pool.
  ConnectionPool(Upstream& upstream, const Address& address);
  ~ConnectionPool();
  ConnectionPool(ConnectionPool&&) = delete;

  // A stream on a connection of the pool. Errors: exhausted (too many wait already), timeout,
  // unavailable, protocol.
  Task<Result<http::ClientStreamPtr>> open();

  // Connections that are there, in use or not.
  [[nodiscard]] std::size_t size() const { return kept_.size(); }

 private:
  struct Kept {
    std::unique_ptr<http::ClientConnection> connection;
    std::uint32_t streams_opened = 0;
    Instant idle_since{};
  };

  Task<Result<http::ClientStreamPtr>> open_on_new();
  Task<Result<std::unique_ptr<Connection>>> connect();
  Kept* find_free();
  http::ClientStreamPtr open_on(Kept& kept);
  void on_change(http::ClientConnection& connection) override;
  void tidy();
  void wake_next();

  Upstream& upstream_;
  const Address& address_;
  http::ClientLimits limits_;
  std::vector<std::unique_ptr<Kept>> kept_;  // Those used last stand last.
  std::size_t connecting_ = 0;
  std::deque<Event*> waiting_;
  Soon tidy_soon_;
  Timer tidy_idle_;
};

}  // namespace mynah
