// SPDX-License-Identifier: Apache-2.0
// JSON that may be shown: what looks like a secret in it is replaced. A member whose name speaks of
// passwords, tokens, keys, credentials or cookies hides every text below it, and so does an
// environment; a URL with a user's name or password in it is hidden wherever it stands.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"

namespace mynah::control {

inline constexpr std::string_view kHidden = "(hidden)";

std::string without_secrets(JsonView value);
// The same of JSON text; a text that is no JSON is hidden whole, an empty one stays empty.
std::string without_secrets(const std::string& json);

}  // namespace mynah::control
