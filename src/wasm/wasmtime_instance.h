// SPDX-License-Identifier: Apache-2.0
// WasmtimeInstance: a module at work in a wasmtime store of its own.
#pragma once

#include <array>
#include <memory>
#include <string>
// tidy: allow third-party: part of the wasmtime engine, seen by its sources only
#include <wasmtime.h>

#include "wasm/decode.h"
#include "wasm/instance.h"
#include "wasm/machine.h"
#include "wasm/wasi.h"

namespace mynah::wasm {

Result<std::unique_ptr<Instance>> make_wasmtime_instance(std::shared_ptr<const Module> module,
                                                         Host& host,
                                                         const MachineSettings& settings);

class WasmtimeInstance final : public Instance, public GuestCall {
 public:
  WasmtimeInstance(std::shared_ptr<const Module> module, Host& host, const Limits& limits);
  WasmtimeInstance(const WasmtimeInstance&) = delete;
  WasmtimeInstance& operator=(const WasmtimeInstance&) = delete;
  ~WasmtimeInstance() override;

  // Instantiates the module and finds what it exports.
  Status link();

  [[nodiscard]] std::bitset<abi::kCallbacks> callbacks() const override;
  Status initialize() override;
  Result<std::uint32_t> call(abi::Callback callback,
                             std::span<const std::uint32_t> arguments) override;
  [[nodiscard]] std::size_t memory_bytes() const override;

  [[nodiscard]] GuestMemory memory() override;
  [[nodiscard]] GuestAddress allocate(std::uint32_t bytes) override;

  // For the host functions.
  [[nodiscard]] Host& host() const { return host_; }
  [[nodiscard]] Wasi& wasi() { return wasi_; }
  // The trap that the function which is about to return must raise, or null.
  [[nodiscard]] wasm_trap_t* take_trap();

 private:
  struct Function {
    wasmtime_func_t function{};
    std::uint8_t parameters = 0;
    bool present = false;
  };

  Status find(std::string_view name, std::string_view parameters, std::string_view results,
              Function& function);
  Status find_callback(std::size_t index);
  void set_time_limit(std::chrono::milliseconds limit);
  // The error of whichever is set; frees both. Neither: success.
  Status outcome(wasmtime_error_t* error, wasm_trap_t* trap);
  std::string describe(const wasm_trap_t* trap) const;
  Status run_start(const Function& function);

  std::shared_ptr<const Module> module_;
  Host& host_;
  const Limits& limits_;
  Wasi wasi_;
  wasmtime_store_t* store_ = nullptr;
  wasmtime_context_t* context_ = nullptr;
  wasmtime_instance_t instance_{};
  wasmtime_memory_t memory_{};
  std::array<Function, abi::kCallbacks> functions_;
  Function allocate_;
  Function initialize_;
  Function start_;
  wasm_trap_t* trap_ = nullptr;
};

}  // namespace mynah::wasm
