// SPDX-License-Identifier: Apache-2.0
// Which header fields a plug-in may write. What would split a message, or make one that no codec
// can send, is refused.
#pragma once

#include <string_view>

#include "abi/abi.h"
#include "base/headers.h"

namespace mynah::wasm {

// A field that may stand in a message; of the pseudo-fields those that this host knows, with a
// value that fits.
bool is_legal_field(std::string_view name, std::string_view value);
bool are_legal_fields(const Headers& headers);

inline bool is_pseudo(std::string_view name) { return name.starts_with(':'); }
// A pseudo-field of a message in that map.
bool belongs_to(abi::MapType map, std::string_view pseudo);

}  // namespace mynah::wasm
