// SPDX-License-Identifier: Apache-2.0
// `mynah plugin check FILE`: what a .wasm file is, and whether it runs here.
#pragma once

#include <string>

#include "base/result.h"

namespace mynah {

enum class Format : unsigned char { text, json };

// Prints what it finds; an error when the file cannot be read or does not run here.
Status check_plugin(const std::string& path, Format format);

}  // namespace mynah
