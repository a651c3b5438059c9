// SPDX-License-Identifier: Apache-2.0
// Where the primary is, as Sentinels say. They are asked before each attempt to connect, and again
// and again while a connection lasts: after a failover that somebody has ordered, the old primary
// takes writes, which are lost, until Sentinels turn it into a replica some seconds later.
#pragma once

#include "redis/node.h"

namespace mynah::redis {

class SentinelPlaces final : public Locator {
 public:
  // The Sentinels are the endpoints of the client's options.
  explicit SentinelPlaces(Context& context) : context_(context) {}

  // The first Sentinel that answers is believed, and asked first the next time.
  Task<Result<Endpoint>> locate(Instant deadline) override;
  [[nodiscard]] std::size_t choices() const override { return 1; }
  [[nodiscard]] bool may_move() const override { return true; }
  Task<> until_moved(const Endpoint& from) override;
  [[nodiscard]] bool may_be_watched() const override { return true; }

 private:
  Task<Result<std::unique_ptr<Link>>> connect(const Endpoint& sentinel, Instant deadline);
  Task<Result<Endpoint>> ask_at(const Endpoint& sentinel, Instant deadline);
  Task<Result<Endpoint>> ask(Link& sentinel, Instant deadline);

  Context& context_;
  std::size_t first_ = 0;
};

}  // namespace mynah::redis
