// SPDX-License-Identifier: Apache-2.0
// The embedded vector index as a service: DashVector's HTTP interface (vector/api.h) inside the
// process. Requests are worked on by threads of a pool, never on a worker's loop.
#pragma once

#include "aio/loop.h"
#include "aio/pool.h"
#include "gateway/embedded/embedded_meters.h"
#include "http/local_exchange.h"
#include "vector/database.h"

namespace mynah {

// What is given outlives the handler and the loop's exchanges with it.
http::LocalHandler embedded_vectors(Loop& loop, BlockingPool& pool, vector::Database& database,
                                    const VectorTimes& times);

}  // namespace mynah
