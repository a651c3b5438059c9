// SPDX-License-Identifier: Apache-2.0
// Users and tokens.
#pragma once

#include "base/json_writer.h"
#include "control/admin/api.h"

namespace mynah::control {

// The parts outlive the calls.
ApiCallSet account_calls(const ApiParts& parts);

// "permissions": what a user may beyond reading.
void write_permissions(JsonWriter& json, bool manages);

}  // namespace mynah::control
