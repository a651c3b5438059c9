// SPDX-License-Identifier: Apache-2.0
// Pairs: how a list of names and values lies in guest memory (abi/abi.h has the grammar).
#pragma once

#include <cstddef>
#include <string_view>

#include "base/headers.h"
#include "base/result.h"

namespace mynah::wasm {

std::size_t pairs_size(const Headers& headers);
// Writes pairs_size() bytes.
void write_pairs(const Headers& headers, char* to);

// Adds the fields that `pairs` holds; at most `fields_max`, with `bytes_max` of text. Nothing at
// all is the empty list.
Status read_pairs(std::string_view pairs, std::size_t fields_max, std::size_t bytes_max,
                  Headers& to);

}  // namespace mynah::wasm
