// SPDX-License-Identifier: Apache-2.0
// The calls that the Api brings itself: health, metrics, sessions, and what is in force.
#pragma once

#include <string_view>

#include "control/admin/api.h"

namespace mynah::control {

ApiCallSet own_calls(Api& api);

// The value of a cookie of the request.
std::string cookie_value(const Headers& headers, std::string_view name);

inline constexpr std::string_view kSessionCookie = "mynah_session";

}  // namespace mynah::control
