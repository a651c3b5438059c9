// SPDX-License-Identifier: Apache-2.0
// Whether a configuration fits a plug-in's schema, with the path and the reason of each misfit: for
// answers that a form can show beside its fields. The plug-in itself, which is started with the
// configuration, has the last word; so words of JSON Schema that are not known here are passed
// over.
//
// Known: type, enum, const, properties, x-aliases, required, additionalProperties, items, minItems,
// maxItems, minimum, maximum, exclusiveMinimum, exclusiveMaximum, minLength, maxLength.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/json.h"

namespace mynah::market {

struct Misfit {
  std::string path;  // "cache.ttl", "keys[2].name"; empty: the whole.
  std::string reason;
};

// At most kMisfitsMax of them. `_rules_` at the top, with configurations of the same schema for
// some routes, domains or services, is what hosts of this family have in common.
inline constexpr std::size_t kMisfitsMax = 20;
std::vector<Misfit> check_config(JsonView config, JsonView schema);

}  // namespace mynah::market
