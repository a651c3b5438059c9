// SPDX-License-Identifier: Apache-2.0
// What a .wasm file is and whether it runs here: for `mynah plugin check`, and before a file is
// published.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wasm/flaw.h"
#include "wasm/limits.h"
#include "wasm/module.h"

namespace mynah::wasm {

// Read from the bytes alone; nothing is compiled or run.
struct Inspection {
  std::size_t bytes = 0;
  std::string sha256;
  // Where it can be told: "Go", "TinyGo", "Rust", "C++", "AssemblyScript", "Zig".
  std::string language;
  std::optional<AbiVersion> abi;
  std::vector<std::string> imports;    // "env.proxy_log"
  std::vector<std::string> callbacks;  // the exports that a host calls
  std::uint64_t memory_pages = 0;
  std::optional<std::uint64_t> memory_pages_max;
  std::size_t functions = 0;
  // What the plug-in says about itself (abi::kIdentitySection), unchecked.
  std::optional<std::string> identity;
  // Why it cannot be run here, and of which kind that is.
  std::optional<Error> refusal;
  Flaw flaw{};
};
// Whatever the bytes are. `limits` decides whether the memory that the module starts with is
// granted.
Inspection inspect(std::string_view wasm, const Limits& limits = {});

// Instantiates the module in an empty world and runs its start functions; the memory that it then
// has, in bytes.
Result<std::size_t> try_start(std::shared_ptr<const Module> module, const Limits& limits = {});

// The same, and gives it a configuration. An error ends with what the plug-in logged last.
Status try_configure(std::shared_ptr<const Module> module, std::string configuration,
                     const Limits& limits = {});

}  // namespace mynah::wasm
