// SPDX-License-Identifier: Apache-2.0
// Connecting to an address, or to the first that answers of several.
#pragma once

#include <memory>
#include <vector>

#include "aio/address.h"
#include "aio/connection.h"
#include "aio/loop.h"
#include "base/task.h"

namespace mynah {

Task<Result<std::unique_ptr<Connection>>> connect(Loop& loop, const Address& address,
                                                  Instant deadline);

// Tries the addresses in turn, alternating IPv6 and IPv4, each `head_start` after the one before or
// as soon as that one has failed; the first to be connected is taken and the others are dropped
// ("happy eyeballs").
Task<Result<std::unique_ptr<Connection>>> connect_any(Loop& loop,
                                                      const std::vector<Address>& addresses,
                                                      Instant deadline,
                                                      Duration head_start = 250ms);

}  // namespace mynah
