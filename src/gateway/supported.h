// SPDX-License-Identifier: Apache-2.0
// What the configuration can spell and this version does not do. It is refused by name, never
// ignored in silence.
#pragma once

#include "base/result.h"
#include "gateway/model.h"

namespace mynah {

// Errc::unsupported, naming what is asked for and where.
Status check_supported(const model::Config& config);

}  // namespace mynah
