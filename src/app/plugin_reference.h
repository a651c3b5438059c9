// SPDX-License-Identifier: Apache-2.0
// The reference page of a plug-in: what its identity says about it and its configuration, as
// Markdown. A line a field, those of structs and lists behind the field that holds them:
// `limits[].window`, `stores.*.port`.
#pragma once

#include <string>

#include "base/json.h"

namespace mynah {

std::string reference_page(JsonView identity);

}  // namespace mynah
