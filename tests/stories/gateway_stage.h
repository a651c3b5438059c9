// SPDX-License-Identifier: Apache-2.0
// A stage for a whole gateway: one worker with its routes, services and chain, in this process and
// in simulated time. Clients and services speak to it in memory; everything between is the
// program's own. Thousands of stories a minute, each with a gateway of its own.
//
// The service named "upstream" is the story's upstream; whatever else is asked is a call. Stories
// that set properties are not for this stage: a gateway's properties are its own.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "gateway/generation.h"
#include "story/stage.h"

namespace mynah::story {

struct GatewaySetup {
  std::shared_ptr<const model::Config> config;  // tidy: allow shared_ptr: as the gateway takes it
  std::vector<std::shared_ptr<const PluginCode>> code;  // tidy: allow shared_ptr: as above
};
// What a story's configuration is to the gateway.
using MakeGateway = std::function<Result<GatewaySetup>(const Story&)>;

// The story's configuration is the gateway's.
MakeGateway gateway_of_story();
// The story's configuration is that of the plug-in with these bytes, on a route to the upstream.
Result<MakeGateway> gateway_with_plugin(std::string_view wasm);

std::unique_ptr<Stage> gateway_stage(MakeGateway make);

}  // namespace mynah::story
