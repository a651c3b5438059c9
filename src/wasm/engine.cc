// SPDX-License-Identifier: Apache-2.0
// The settings of wasmtime, and what compiled code depends on.
#include <array>
#include <string_view>

#include "base/text.h"
#include "wasm/engine_parts.h"
#include "wasm/imports.h"
#include "wasm/module.h"

namespace mynah::wasm {
namespace {

// Bytes of the worker's stack that a plug-in may use.
constexpr std::size_t kMaxWasmStack = std::size_t{512} << 10;

// Written down with compiled code: a change of the settings below changes this number.
constexpr std::string_view kSettingsVersion = "1";

wasm_config_t* make_config() {
  wasm_config_t* const config = wasm_config_new();
  wasmtime_config_epoch_interruption_set(config, true);
  wasmtime_config_max_wasm_stack_set(config, kMaxWasmStack);
  // What no plug-in's compiler uses and only widens what hostile code can reach.
  wasmtime_config_wasm_threads_set(config, false);
  wasmtime_config_wasm_memory64_set(config, false);
  wasmtime_config_wasm_multi_memory_set(config, false);
  wasmtime_config_wasm_gc_set(config, false);
  wasmtime_config_wasm_function_references_set(config, false);
  wasmtime_config_wasm_exceptions_set(config, false);
  wasmtime_config_wasm_relaxed_simd_set(config, false);
  wasmtime_config_wasm_component_model_set(config, false);
  return config;
}

std::string processor() {
  std::string abilities;
#if defined(__x86_64__)
  __builtin_cpu_init();
  const std::array<std::pair<bool, const char*>, 14> known = {{
      {__builtin_cpu_supports("sse4.2") != 0, "sse4.2"},
      {__builtin_cpu_supports("popcnt") != 0, "popcnt"},
      {__builtin_cpu_supports("avx") != 0, "avx"},
      {__builtin_cpu_supports("avx2") != 0, "avx2"},
      {__builtin_cpu_supports("bmi") != 0, "bmi"},
      {__builtin_cpu_supports("bmi2") != 0, "bmi2"},
      {__builtin_cpu_supports("lzcnt") != 0, "lzcnt"},
      {__builtin_cpu_supports("fma") != 0, "fma"},
      {__builtin_cpu_supports("avx512f") != 0, "avx512f"},
      {__builtin_cpu_supports("avx512vl") != 0, "avx512vl"},
      {__builtin_cpu_supports("avx512dq") != 0, "avx512dq"},
      {__builtin_cpu_supports("avx512bw") != 0, "avx512bw"},
      {__builtin_cpu_supports("avx512bitalg") != 0, "avx512bitalg"},
      {__builtin_cpu_supports("avx512vbmi") != 0, "avx512vbmi"},
  }};
  abilities = "x86_64";
  for (const auto& [present, name] : known) {
    if (present) append(abilities, "+", name);
  }
#else
  abilities = "other";
#endif
  return abilities;
}

wasm_valkind_t kind_of(char letter) {
  switch (letter) {
    case 'I':
      return WASM_I64;
    case 'f':
      return WASM_F32;
    case 'F':
      return WASM_F64;
    default:
      return WASM_I32;
  }
}

wasm_valtype_vec_t types_of(std::string_view letters) {
  wasm_valtype_vec_t types;
  wasm_valtype_vec_new_uninitialized(&types, letters.size());
  for (std::size_t i = 0; i < letters.size(); ++i) {
    types.data[i] = wasm_valtype_new(kind_of(letters[i]));
  }
  return types;
}

Status define(wasmtime_linker_t* linker, const HostFunction& function) {
  wasm_valtype_vec_t parameters = types_of(function.signature.parameters);
  wasm_valtype_vec_t results = types_of(function.signature.results);
  const std::unique_ptr<wasm_functype_t, Free<wasm_functype_delete>> type(
      wasm_functype_new(&parameters, &results));
  wasmtime_error_t* const error = wasmtime_linker_define_func_unchecked(
      linker, function.module.data(), function.module.size(), function.name.data(),
      function.name.size(), type.get(), function.callback, const_cast<void*>(function.data),
      nullptr);
  if (error == nullptr) return ok();
  return Error{Errc::internal, cat("define ", function.name, ": ", take_message(error))};
}

}  // namespace

std::string take_message(wasmtime_error_t* error) {
  wasm_name_t message;
  wasmtime_error_message(error, &message);
  std::string text(message.data, message.size);
  wasm_name_delete(&message);
  wasmtime_error_delete(error);
  return text;
}

Engine::Engine(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Engine::~Engine() = default;

Result<std::unique_ptr<Engine>> Engine::create() {
  auto parts = std::make_unique<Parts>();
  parts->engine.reset(wasm_engine_new_with_config(make_config()));
  if (parts->engine == nullptr) {
    return Error{Errc::internal, "the WebAssembly engine does not start"};
  }
  parts->linker.reset(wasmtime_linker_new(parts->engine.get()));
  for (const HostFunction& function : host_functions()) {
    MYNAH_OK(define(parts->linker.get(), function));
  }
  parts->fingerprint =
      cat("wasmtime ", WASMTIME_VERSION, " settings ", kSettingsVersion, " ", processor());
  // tidy: allow new: the constructor is private; owned at once
  return std::unique_ptr<Engine>(new Engine(std::move(parts)));
}

void Engine::tick() { wasmtime_engine_increment_epoch(parts_->engine.get()); }

const std::string& Engine::fingerprint() const { return parts_->fingerprint; }

}  // namespace mynah::wasm
