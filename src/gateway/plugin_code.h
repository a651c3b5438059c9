// SPDX-License-Identifier: Apache-2.0
// PluginCode: a plug-in that is ready to run: its compiled module and what decides where in the
// chain it stands.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "gateway/filter.h"
#include "gateway/model.h"
#include "wasm/module.h"

namespace mynah {

struct PluginCode {
  std::string id;
  std::string version;
  // Plug-ins of one file share data and queues, under the id of the first of them: parts of one
  // program that stand at several places of the chain. Others see nothing of each other.
  std::string vm_id;
  std::shared_ptr<const wasm::Module> module;
  std::string language;  // "Go", "Rust", …; empty when the module does not tell.
  model::Stage stage = model::Stage::normal;
  std::int32_t priority = 100;
  Filter::OnFailure on_failure = Filter::OnFailure::open;
};

}  // namespace mynah
