// SPDX-License-Identifier: Apache-2.0
// Health: who is told how the servers fare, for the metrics and the log. Called on the loop's
// thread.
#pragma once

#include "base/result.h"
#include "redis/options.h"

namespace mynah::redis {

enum class Redirect : std::uint8_t { moved, ask };

class Health {
 public:
  virtual ~Health() = default;

  // A connection is open and greeted.
  virtual void opened(const Endpoint& endpoint) = 0;
  // One that was open has ended.
  virtual void closed(const Endpoint& endpoint, const Error& why) = 0;
  // No connection could be made. `again`: as the time before.
  enum class Failure : bool { first, again };
  virtual void unreachable(const Endpoint& endpoint, const Error& why, Failure failure) = 0;
  // A cluster said that a key is elsewhere.
  virtual void redirected(Redirect redirect) = 0;
};

}  // namespace mynah::redis
