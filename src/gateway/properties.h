// SPDX-License-Identifier: Apache-2.0
// The attributes of an exchange that plug-ins ask for by path, named as Envoy documents them:
// request.*, response.*, source.*, destination.*, connection.*, upstream.*, and route_name,
// cluster_name and their kin. What a plug-in has set under a name hides an attribute of that name.
#pragma once

#include <optional>

#include "gateway/exchange.h"
#include "wasm/outside.h"

namespace mynah {

std::optional<wasm::Property> property_of(Exchange& exchange, wasm::PropertyPath path, Instant now);

// The name under which a path is kept as a note: its parts with dots between them.
std::string note_name(wasm::PropertyPath path);

}  // namespace mynah
