// SPDX-License-Identifier: Apache-2.0
// A plug-in and where it is enabled, as other gateways are told: from the API's descriptions of the
// plug-in and of one of its versions.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"

namespace mynah {

// A WasmPlugin document (extensions.higress.io/v1alpha1), for Kubernetes or a configuration file.
std::string wasm_plugin_document(JsonView plugin, JsonView version, std::string_view url);

// An entry of http_filters in a configuration of Envoy.
std::string envoy_filter(JsonView plugin, JsonView version, std::string_view url);

}  // namespace mynah
