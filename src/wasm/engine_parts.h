// SPDX-License-Identifier: Apache-2.0
// What Engine and Module hold of wasmtime; kept out of the headers that others include.
#pragma once

#include <memory>
#include <string>
// tidy: allow third-party: part of the wasmtime engine, seen by its sources only
#include <wasmtime.h>

#include "base/result.h"
#include "wasm/module.h"

namespace mynah::wasm {

template <auto kFree>
struct Free {
  template <class T>
  void operator()(T* object) const {
    kFree(object);
  }
};

struct Engine::Parts {
  std::unique_ptr<wasm_engine_t, Free<wasm_engine_delete>> engine;
  std::unique_ptr<wasmtime_linker_t, Free<wasmtime_linker_delete>> linker;
  std::string fingerprint;
};

struct Module::Parts {
  wasm_engine_t* engine = nullptr;
  std::unique_ptr<wasmtime_module_t, Free<wasmtime_module_delete>> module;
  // The module with its imports resolved, ready to be instantiated in any store.
  std::unique_ptr<wasmtime_instance_pre_t, Free<wasmtime_instance_pre_delete>> linked;
};

// The message of an error; frees it.
std::string take_message(wasmtime_error_t* error);

}  // namespace mynah::wasm
