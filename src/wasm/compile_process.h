// SPDX-License-Identifier: Apache-2.0
// Compiling an unknown module in a process of its own, with limits: compilers are not hardened, and
// a module of a few hundred kilobytes can cost seconds and hundreds of megabytes.
#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace mynah::wasm {

struct CompileLimits {
  std::size_t memory_bytes = std::size_t{4} << 30;  // address space; 0: no limit
  std::chrono::seconds processor_time{120};
  std::chrono::milliseconds time{60'000};
  std::size_t native_bytes = std::size_t{1} << 30;
};

// Runs `command` with `native_path` as its last argument, which must end in compile_child_main();
// waits until it has ended, so this is for a thread that may wait. On success the file holds what
// Module::load takes. Errors are those of Module::compile, or Errc::exhausted when a limit struck.
Status compile_in_process(std::span<const std::string> command, std::string_view wasm,
                          const std::string& native_path, const CompileLimits& limits);

// The child's part: compiles what standard input holds into that file; returns the process's exit
// code.
int compile_child_main(const std::string& native_path);

}  // namespace mynah::wasm
