// SPDX-License-Identifier: Apache-2.0
// The name under which a module that was built to be asked about itself hands over its identity,
// as a foreign function's argument.
#pragma once

#include <string_view>

namespace mynah::abi {

inline constexpr std::string_view kDescribe = "mynah.describe";

}  // namespace mynah::abi
