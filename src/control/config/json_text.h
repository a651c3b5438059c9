// SPDX-License-Identifier: Apache-2.0
// A part of a configuration as JSON: the free-form configuration of a plug-in, which only the
// plug-in understands.
#pragma once

#include <string>
#include <string_view>

#include "control/config/document.h"
#include "control/config/reader.h"

namespace mynah::control {

// Plain scalars become numbers, booleans and null by the rules of YAML 1.2; everything else is
// text. Numbers that readers of YAML understand in different ways (0123, 1_000) and those that JSON
// does not know (.inf) are problems: the author must put them between quotation marks.
std::string json_of(const Node& node, Reader& reader);

}  // namespace mynah::control
