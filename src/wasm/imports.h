// SPDX-License-Identifier: Apache-2.0
// The table of all functions that a module may import.
#pragma once

#include <span>
#include <string>
#include <string_view>
// tidy: allow third-party: part of the wasmtime engine, seen by its sources only
#include <wasmtime.h>

#include "wasm/binary.h"

namespace mynah::wasm {

struct HostFunction {
  // tidy: allow string_view: a name that lives as long as the program
  std::string_view module;
  // tidy: allow string_view: a name that lives as long as the program
  std::string_view name;
  Signature signature;
  wasmtime_func_unchecked_callback_t callback = nullptr;
  const void* data = nullptr;  // given to the callback
};

std::span<const HostFunction> host_functions();
const HostFunction* find_host_function(std::string_view module, std::string_view name);

}  // namespace mynah::wasm
