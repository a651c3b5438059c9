// SPDX-License-Identifier: Apache-2.0
// Instance: the code of one plug-in, ready to be called; how it runs is the business of who
// implements it. It turns the host functions that the code calls into calls of a Host.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <span>

#include "abi/callbacks.h"
#include "base/result.h"
#include "wasm/limits.h"

namespace mynah::wasm {

class Instance {
 public:
  virtual ~Instance() = default;

  // The callbacks that the plug-in has.
  [[nodiscard]] virtual std::bitset<abi::kCallbacks> callbacks() const = 0;
  // Runs what a plug-in does before its first callback.
  virtual Status initialize() = 0;
  // Calls a callback that the plug-in has, with as many arguments as its shape names. An error
  // means that the instance is broken: it is not called again.
  virtual Result<std::uint32_t> call(abi::Callback callback,
                                     std::span<const std::uint32_t> arguments) = 0;
  [[nodiscard]] virtual std::size_t memory_bytes() const = 0;
};

}  // namespace mynah::wasm
