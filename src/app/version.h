// SPDX-License-Identifier: Apache-2.0
// Which Mynah this is.
#pragma once

namespace mynah {

inline constexpr const char* kVersion = "0.1.0";

}  // namespace mynah
