// SPDX-License-Identifier: Apache-2.0
// JSON for people and for diffs: the generated descriptions that the repository keeps.
#pragma once

#include <string>
#include <string_view>

namespace mynah::control {

// The same JSON with one member or item a line. Empty lists and maps stay on theirs.
std::string indented(std::string_view json);

}  // namespace mynah::control
