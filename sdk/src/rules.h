// SPDX-License-Identifier: Apache-2.0
// RuleSet: which configuration holds for an exchange, when the host leaves the choice to the
// plug-in, as Higress does: one object whose own fields are the configuration for everything, and
// whose `_rules_` are configurations for routes, domains and services. The first rule that fits
// decides; nothing is inherited. A host that chooses by itself gives plain configurations, which
// are rule sets without rules.
//
//   {"_rules_": [{"_match_route_": ["a"], "limit": 1}, {"_match_domain_": ["*.example.com"],
//   "limit": 2}], "limit": 3}
//
// A rule's keys are `_match_route_` (together with `_match_service_`: both must fit),
// `_match_domain_`,
// `_match_service_` or `_match_route_prefix_`, in this order of preference; `_disable_` switches
// the plug-in off where the rule fits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "mynah/rows.h"

namespace mynah {
inline namespace plugin {
namespace inner {

class RuleSet final {
 public:
  RuleSet() = default;
  RuleSet(RuleSet&&) = delete;
  ~RuleSet() { clear(); }
  void clear();

  // `bytes` are the plug-in's configuration as the host gives it; none is an empty object.
  Status read(std::string_view bytes);

  // The configuration for the exchange that the host acts for at this moment; null when the plug-in
  // has nothing to do there.
  [[nodiscard]] const void* choose() const;

 private:
  // Appends a configuration, of whatever type the plug-in's is.
  Status read_config(JsonView json);
  void drop_last();

  std::optional<Json> document_;
  JsonView rules_;  // in it
  // Owned: one for each rule, null when it is switched off; behind them, if there is one, that for
  // everything else.
  Rows<void*> configs_;
};

}  // namespace inner
}  // namespace plugin
}  // namespace mynah
