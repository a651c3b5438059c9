// SPDX-License-Identifier: Apache-2.0
// Where answers of Redis go in a native build, in which the table of callbacks exists whether Redis
// is used or not.
#pragma once

#include <cstdint>

namespace mynah {
inline namespace plugin {
namespace inner {

// Null until the first call to Redis.
inline void (*redis_callback)(std::uint32_t token, std::uint32_t status,
                              std::uint32_t bytes) = nullptr;

}  // namespace inner
}  // namespace plugin
}  // namespace mynah
