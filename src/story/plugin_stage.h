// SPDX-License-Identifier: Apache-2.0
// A stage for one plug-in alone: the Wasm host, with everything around it scripted and time
// simulated. It plays thousands of stories a second. The plug-in is its .wasm, or is linked into
// this process.
//
// The filter rules are those of the gateway: headers and bodies wait where the plug-in says so, a
// gathered body is shown whole, what was not shown yet is shown when the plug-in lets go.
#pragma once

#include <functional>
#include <memory>

#include "abi/native.h"
#include "story/stage.h"
#include "wasm/machine.h"

namespace mynah::story {

// Makes a machine for the stage, for each story afresh.
using StartMachine =
    std::function<Result<std::unique_ptr<wasm::Machine>>(wasm::Outside&, wasm::Shared)>;

std::unique_ptr<Stage> plugin_stage(StartMachine start);

// The plug-in that is linked into this process.
StartMachine native_machine(const abi::NativePlugin& plugin);
// The bytes of a .wasm; compiled once.
Result<StartMachine> wasm_machine(std::string_view wasm);

}  // namespace mynah::story
