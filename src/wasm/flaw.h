// SPDX-License-Identifier: Apache-2.0
// Flaw: why a file is no plug-in for this host, for programs; the sentence for people is the error
// that comes with it.
#pragma once

#include <cstdint>

namespace mynah::wasm {

enum class Flaw : std::uint8_t {
  not_wasm,
  text_format,
  component,
  truncated,  // The file ends before what it announces.
  malformed,
  unknown_abi,
  unknown_import,
  wrong_import,  // Known, but as something else.
  missing_export,
  wrong_export,
  too_large,
  too_much_memory,
};

}  // namespace mynah::wasm
