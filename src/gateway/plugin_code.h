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
  std::shared_ptr<const wasm::Module> module;
  model::Stage stage = model::Stage::normal;
  std::int32_t priority = 100;
  Filter::OnFailure on_failure = Filter::OnFailure::open;
};

}  // namespace mynah
