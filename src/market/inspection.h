// SPDX-License-Identifier: Apache-2.0
// Inspection: what the bytes of a plug-in file are, or why they are refused. The one judge of
// files: `mynah plugin check` asks it, and so does publishing.
//
// The bytes are read, compiled in a process of its own with limits (or found compiled already),
// started in an empty world, and given the configuration that the plug-in shows as its example.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "market/identity.h"
#include "market/refusal.h"
#include "wasm/inspect.h"
#include "wasm/module_cache.h"

namespace mynah::market {

struct Inspection {
  wasm::Inspection file;
  std::optional<Identity> identity;  // What the file says about itself, if it does.
  std::size_t memory_bytes = 0;      // Once started.
  std::optional<Refusal> refusal;
};

// Whether the name that the file goes by is that of a module.
std::optional<Refusal> check_file_name(std::string_view name);

// Thread-safe; what it is given outlives it.
class Inspector final {
 public:
  // Somebody ticks the engine of `modules`, or a start function that never ends is waited for
  // without end.
  Inspector(const wasm::ModuleCache& modules, std::string gateway_version,
            wasm::Limits limits = {});

  // For a thread that may wait: compiling may take as long as the limits of `modules` allow. Errors
  // are the gateway's own; what is wrong with the bytes is the inspection's refusal.
  [[nodiscard]] Result<Inspection> inspect(std::string_view bytes) const;

 private:
  const wasm::ModuleCache& modules_;
  const std::string gateway_version_;
  const wasm::Limits limits_;
};

}  // namespace mynah::market
