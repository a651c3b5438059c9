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

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace mynah {
inline namespace plugin {
namespace inner {

struct PluginEntry;

// A parsed configuration, of whatever type the plug-in's is.
class ConfigHandle final {
 public:
  ConfigHandle() = default;
  ConfigHandle(const void* config, void (*destroy)(const void*))
      : config_(config), destroy_(destroy) {}
  ConfigHandle(ConfigHandle&& other) noexcept
      : config_(std::exchange(other.config_, nullptr)), destroy_(other.destroy_) {}
  ConfigHandle& operator=(ConfigHandle&& other) noexcept {
    std::swap(config_, other.config_);
    std::swap(destroy_, other.destroy_);
    return *this;
  }
  ~ConfigHandle() {
    if (config_ != nullptr) destroy_(config_);
  }
  [[nodiscard]] const void* get() const { return config_; }

 private:
  const void* config_ = nullptr;
  void (*destroy_)(const void*) = nullptr;
};

class RuleSet final {
 public:
  // `bytes` are the plug-in's configuration as the host gives it; none is an empty object.
  static Result<RuleSet> parse(std::string_view bytes);

  // The configuration for the exchange that the host acts for at this moment; null when the plug-in
  // has nothing to do there.
  [[nodiscard]] const void* choose() const;

 private:
  enum class By : std::uint8_t { route, domain, service, route_prefix };
  struct Rule {
    By by = By::route;
    std::vector<std::string> names;
    std::vector<std::string> services;  // of a rule by route
    ConfigHandle config;                // none: switched off
  };

  static Result<Rule> parse_rule(JsonView json);
  static bool fits(const Rule& rule);

  std::vector<Rule> rules_;
  ConfigHandle otherwise_;
};

}  // namespace inner
}  // namespace plugin
}  // namespace mynah
