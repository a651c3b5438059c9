// SPDX-License-Identifier: Apache-2.0
// One machine, started and thrown away.
#include "story/describe.h"

#include <utility>

#include "story/plugin_outside.h"
#include "story/plugin_stage.h"

namespace mynah::story {

Result<std::string> identity_of(std::string_view describing_module) {
  MYNAH_LET(const StartMachine start, wasm_machine(describing_module));
  Simulation simulation;
  PluginOutside outside(simulation);
  wasm::SharedData data;
  wasm::SharedQueues queues;
  MYNAH_LET(auto machine, start(outside, {data, queues}));
  if (outside.described.empty()) machine->configure("describe", "").ignore();  // It may tell then.
  if (outside.described.empty())
    return Error{Errc::not_found, "the plug-in does not say what it is: MYNAH_PLUGIN is missing"};
  return std::move(outside.described);
}

}  // namespace mynah::story
