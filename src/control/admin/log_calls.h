// SPDX-License-Identifier: Apache-2.0
// What has happened and what happens: the audit log, and events.
#pragma once

#include "control/admin/api.h"

namespace mynah::control {

// The parts outlive the calls.
ApiCallSet log_calls(const ApiParts& parts);

}  // namespace mynah::control
