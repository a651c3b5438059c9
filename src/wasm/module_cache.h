// SPDX-License-Identifier: Apache-2.0
// ModuleCache: compiled code on disk, so that a module is compiled once in its life and loaded in
// milliseconds afterwards. A file's name is made of the module's content and of all that compiled
// code depends on, so nothing is ever stale.
//
// Compiled code is trusted: the folder belongs to this program's user and to nobody else, and files
// appear in it whole. Thread-safe; get() may take as long as compiling does, so it is not for a
// worker's thread.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wasm/compile_process.h"
#include "wasm/module.h"

namespace mynah::wasm {

class ModuleCache final {
 public:
  struct Settings {
    std::string folder;
    // The program and its arguments that end in compile_child_main(); empty: compile in this
    // process.
    std::vector<std::string> compiler;
    CompileLimits limits;
    // When all files together exceed this, those unused for longest go.
    std::size_t bytes_max = std::size_t{2} << 30;
  };

  ModuleCache(Engine& engine, Settings settings)
      : engine_(engine), settings_(std::move(settings)) {}

  // Loads the module; compiles it first when its code is not here. Without a usable folder it
  // compiles in this process.
  Result<std::shared_ptr<const Module>> get(std::string_view wasm) const;
  // Loads the module if its code is here; else Errc::not_found.
  Result<std::shared_ptr<const Module>> find(std::string_view wasm) const;

 private:
  [[nodiscard]] std::string path_of(std::string_view wasm) const;
  void trim(const std::string& but) const;

  Engine& engine_;
  Settings settings_;
};

}  // namespace mynah::wasm
