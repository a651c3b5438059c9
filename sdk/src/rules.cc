// SPDX-License-Identifier: Apache-2.0
// Higress's rules: parsing, and the choice of one by the properties of the exchange.
#include "rules.h"

#include <algorithm>
#include <utility>

#include "abi/imports.h"
#include "base/text.h"
#include "mynah/bytes.h"
#include "mynah/log.h"
#include "mynah/plugin.h"

namespace mynah {
inline namespace plugin {
namespace inner {

namespace {

constexpr std::size_t kRulesMax = 10'000;

std::vector<std::string> names_of(JsonView list) {
  std::vector<std::string> names;
  for (const JsonView item : list.items()) {
    if (!item.text().empty()) names.emplace_back(item.text());
  }
  return names;
}

std::string property(std::string_view name) {
  char* data = nullptr;
  std::size_t size = 0;
  if (proxy_get_property(name.data(), name.size(), &data, &size) != abi::Status::ok) return {};
  return Bytes::adopt(data, size).str();
}

std::string authority_without_port() {
  constexpr std::string_view kName = ":authority";
  char* data = nullptr;
  std::size_t size = 0;
  if (proxy_get_header_map_value(abi::MapType::request_headers, kName.data(), kName.size(), &data,
                                 &size) != abi::Status::ok)
    return {};
  std::string host = Bytes::adopt(data, size).str();
  const std::size_t colon = host.rfind(':');
  const std::size_t bracket = host.rfind(']');
  if (colon != std::string::npos && (bracket == std::string::npos || bracket < colon))
    host.resize(colon);
  return host;
}

bool domain_fits(std::string_view pattern, std::string_view host) {
  if (pattern.starts_with('*')) return host.ends_with(pattern.substr(1));
  if (pattern.ends_with('*')) return host.starts_with(pattern.substr(0, pattern.size() - 1));
  return pattern == host;
}

// A cluster is named outbound|PORT|SUBSET|NAME; a rule names NAME or NAME:PORT.
bool service_fits(std::string_view wanted, std::string_view cluster) {
  const auto parts = split(cluster, '|');
  if (parts.size() != 4) return wanted == cluster;
  return wanted == parts[3] || wanted == cat(parts[3], ":", parts[1]);
}

}  // namespace

Result<ConfigHandle> PluginEntry::configure(JsonView json) const {
  MYNAH_LET(const void* config, parse(json));
  return ConfigHandle(config, destroy);
}

Result<RuleSet> RuleSet::parse(std::string_view bytes) {
  RuleSet set;
  MYNAH_LET(const Json json, Json::parse(std::string(trim(bytes).empty() ? "{}" : bytes)));
  const JsonView root = json.root();
  if (!root.is_object())
    return Error{Errc::invalid_argument, "the configuration must be an object"};
  const JsonView rules = root["_rules_"];
  if (rules.size() > kRulesMax)
    return Error{Errc::too_large, cat("more than ", kRulesMax, " rules")};
  std::size_t index = 0;
  for (const JsonView rule : rules.items()) {
    auto parsed = parse_rule(rule);
    if (!parsed) return std::move(parsed).error().within(cat("_rules_[", index, "]"));
    set.rules_.push_back(*std::move(parsed));
    ++index;
  }
  std::size_t own = 0;
  for (const auto member : root.members())
    own += member.name == "_rules_" || member.name == "_plugin_id_" ? 0 : 1;
  if (own == 0 && index > 0) return set;
  auto otherwise = plugin_entry().configure(root);
  if (otherwise) {
    set.otherwise_ = *std::move(otherwise);
  } else if (index == 0) {
    return std::move(otherwise).error();
  } else {
    log_warn("where no rule fits the plug-in does nothing: ", otherwise.error().what);
  }
  return set;
}

Result<RuleSet::Rule> RuleSet::parse_rule(JsonView json) {
  Rule rule;
  rule.names = names_of(json["_match_route_"]);
  rule.services = names_of(json["_match_service_"]);
  if (rule.names.empty()) {
    rule.by = By::domain;
    rule.names = names_of(json["_match_domain_"]);
  }
  if (rule.names.empty()) {
    rule.by = By::service;
    rule.names = std::exchange(rule.services, {});
  }
  if (rule.names.empty()) {
    rule.by = By::route_prefix;
    rule.names = names_of(json["_match_route_prefix_"]);
  }
  if (rule.names.empty())
    return Error{Errc::invalid_argument, "the rule names no route, domain or service"};
  if (json["_disable_"].flag()) return rule;
  MYNAH_LET(rule.config, plugin_entry().configure(json));
  return rule;
}

bool RuleSet::fits(const Rule& rule) {
  const auto any = [](const std::vector<std::string>& names, std::string_view value, auto matches) {
    return std::ranges::any_of(names,
                               [&](const std::string& name) { return matches(name, value); });
  };
  const auto same = [](std::string_view name, std::string_view value) { return name == value; };
  switch (rule.by) {
    case By::route:
      return any(rule.names, property("route_name"), same) &&
             (rule.services.empty() || any(rule.services, property("cluster_name"), service_fits));
    case By::domain:
      return any(rule.names, authority_without_port(), domain_fits);
    case By::service:
      return any(rule.names, property("cluster_name"), service_fits);
    case By::route_prefix:
      return any(
          rule.names, property("route_name"),
          [](std::string_view name, std::string_view value) { return value.starts_with(name); });
  }
  return false;
}

const void* RuleSet::choose() const {
  for (const Rule& rule : rules_) {
    if (fits(rule)) return rule.config.get();
  }
  return otherwise_.get();
}

}  // namespace inner
}  // namespace plugin
}  // namespace mynah
