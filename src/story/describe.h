// SPDX-License-Identifier: Apache-2.0
// What a plug-in says about itself, from a module that was built to tell it (abi/describe.h).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace mynah::story {

// The identity, as JSON. Runs the module in an empty world.
Result<std::string> identity_of(std::string_view describing_module);

}  // namespace mynah::story
