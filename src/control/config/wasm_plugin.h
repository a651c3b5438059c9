// SPDX-License-Identifier: Apache-2.0
// Documents of kind WasmPlugin (extensions.higress.io/v1alpha1), as Kubernetes and gateways of this
// family write them, in a configuration file.
#pragma once

#include "control/config/document.h"
#include "control/config/reader.h"
#include "gateway/model.h"

namespace mynah::control {

// Adds the plug-in that the document describes. What speaks to Kubernetes only (metadata beside the
// name, image pull settings, status) is passed over; fields that nobody knows are problems.
void read_wasm_plugin(Reader& reader, const Node& document, model::Config& config);

}  // namespace mynah::control
