// SPDX-License-Identifier: Apache-2.0
// What a configuration file may hold, for tools and for people. Both texts come from the sections
// and are kept in the repository: schema/config.schema.json and docs/reference/configuration.md.
#pragma once

#include <string>

namespace mynah::control {

// A JSON Schema (2020-12): editors complete and check with it.
std::string config_schema();

// The reference page, in Markdown.
std::string config_reference();

}  // namespace mynah::control
