// SPDX-License-Identifier: Apache-2.0
// Services and routes: what is in force, and what the API keeps of them.
#pragma once

#include "control/admin/api.h"

namespace mynah::control {

// The parts outlive the calls.
ApiCallSet object_calls(const ApiParts& parts);

}  // namespace mynah::control
