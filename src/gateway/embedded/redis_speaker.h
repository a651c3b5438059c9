// SPDX-License-Identifier: Apache-2.0
// The embedded store on connections of Redis clients: RESP2 and RESP3, pipelining, commands typed
// as lines.
//
// Before a client has logged in, it may send little, and has little time; afterwards, commands have
// the limits that stand here, and a connection on which nothing comes for long is closed. What
// breaks the protocol or a limit is answered with an error, and the connection ends.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "aio/loop.h"
#include "base/resp.h"
#include "gateway/embedded/service_port.h"
#include "store/store.h"

namespace mynah {

inline constexpr RespLimits kRedisCommandLimits = {
    .bulk_bytes = std::size_t{64} << 20, .message_bytes = std::size_t{128} << 20, .depth = 1};
inline constexpr std::size_t kRedisStrangerBytesMax = 16U << 10U;
inline constexpr std::size_t kRedisStrangerErrorsMax = 8;
inline constexpr Duration kRedisLoginTime = 10s;
inline constexpr Duration kRedisSilenceMax = std::chrono::hours(1);

// The user is `default`. Everything that is borrowed outlives the speaker.
std::unique_ptr<PortSpeaker> speak_redis(Loop& loop, store::Store& store,
                                         const model::Service& service, PortMeters& meters);

}  // namespace mynah
