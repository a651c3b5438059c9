// SPDX-License-Identifier: Apache-2.0
// Higress's rules: parsing, and the choice of one by the properties of the exchange.
#include "rules.h"

#include <algorithm>
#include <string>

#include "abi/imports.h"
#include "base/text.h"
#include "mynah/bytes.h"
#include "mynah/log.h"
#include "mynah/plugin.h"

namespace mynah {
inline namespace plugin {
namespace inner {

namespace {

// A property of the exchange.
Bytes property(std::string_view name) {
  char* data = nullptr;
  std::size_t size = 0;
  if (proxy_get_property(name.data(), name.size(), &data, &size) != abi::Status::ok) return {};
  return Bytes::adopt(data, size);
}

// The request's host without its port.
Bytes domain() {
  constexpr std::string_view kName = ":authority";
  char* data = nullptr;
  std::size_t size = 0;
  if (proxy_get_header_map_value(abi::MapType::request_headers, kName.data(), kName.size(), &data,
                                 &size) != abi::Status::ok)
    return {};
  std::size_t end = size;
  while (end > 0 && is_digit(data[end - 1])) --end;
  // What stands behind a colon within brackets belongs to an address, and ends with a bracket.
  return Bytes::adopt(data, end > 0 && data[end - 1] == ':' ? end - 1 : size);
}

// Whether `pattern` is `value`; a star at one of its ends stands for anything.
bool fits(std::string_view pattern, std::string_view value) {
  if (pattern.ends_with('*')) {
    pattern.remove_suffix(1);
    value = value.substr(0, pattern.size());
  } else if (pattern.starts_with('*')) {
    pattern.remove_prefix(1);
    value = value.substr(value.size() - std::min(value.size(), pattern.size()));
  }
  return pattern == value;
}

}  // namespace

void RuleSet::drop_last() {
  if (configs_.back() != nullptr) plugin_entry().destroy(configs_.back());
  configs_.pop_back();
}

void RuleSet::clear() {
  while (!configs_.empty()) drop_last();
  rules_ = {};
  document_.reset();
}

Status RuleSet::read_config(JsonView json) {
  const PluginEntry& plugin = plugin_entry();
  void* config = plugin.make();
  configs_.push_back(config);
  FieldList fields;
  plugin.describe(fields, config);
  Status read = fields.read(json, config);
  if (read && plugin.check != nullptr) return plugin.check(config);
  return read;
}

namespace {

// What a rule goes by, in the order of preference, and the key of its names.
enum class By : std::uint8_t { route, domain, service, route_prefix };
constexpr std::string_view kKeys[] = {"_match_route_", "_match_domain_", "_match_service_",
                                      "_match_route_prefix_"};

// The names of the first key that has any; `by` says which.
JsonView names_of(JsonView rule, By& by) {
  for (int i = 0; i < 4; ++i) {
    by = static_cast<By>(i);
    const JsonView names = rule[kKeys[i]];
    if (names.size() > 0) return names;
  }
  return {};
}

// Whether one of the names means that route, domain or service.
bool any(JsonView names, By by, std::string_view value) {
  // A cluster is named outbound|PORT|SUBSET|NAME; a rule names NAME or NAME:PORT.
  std::string_view port;
  if (by == By::service) {
    const std::size_t bar = value.find('|');
    port = value.substr(std::min(bar + 1, value.size()));
    port = port.substr(0, port.find('|'));
    value.remove_prefix(value.rfind('|') + 1);
  }
  for (const JsonView each : names.items()) {
    std::string_view name = each.text();
    std::string_view whole = value;
    if (by == By::route_prefix) whole = value.substr(0, name.size());
    if (by == By::service && name.size() > value.size() && name[value.size()] == ':' &&
        name.substr(value.size() + 1) == port)
      name = name.substr(0, value.size());
    if (!name.empty() && (by == By::domain ? fits(name, whole) : name == whole)) return true;
  }
  return false;
}

bool fits_rule(JsonView rule) {
  By by = By::route;
  const JsonView names = names_of(rule, by);
  if (by == By::domain) return any(names, by, domain());
  const Bytes route = property("route_name");
  const Bytes cluster = property("cluster_name");
  if (!any(names, by, by == By::service ? cluster : route)) return false;
  const JsonView services = rule[kKeys[static_cast<int>(By::service)]];
  return by != By::route || services.size() == 0 || any(services, By::service, cluster);
}

}  // namespace

Status RuleSet::read(std::string_view bytes) {
  clear();
  auto json = Json::parse(std::string(bytes.empty() ? "{}" : bytes));
  if (!json) return std::move(json).error();
  document_.emplace(*std::move(json));
  const JsonView root = document_->root();
  rules_ = root["_rules_"];
  for (const JsonView rule : rules_.items()) {
    By by = By::route;
    if (names_of(rule, by).size() == 0)
      return Error{Errc::invalid_argument, "a rule names no route, domain or service"};
    if (rule["_disable_"].flag()) {
      configs_.push_back(nullptr);
    } else {
      MYNAH_OK(read_config(rule));
    }
  }
  const bool rules = !configs_.empty();
  bool own = !rules;
  for (const auto member : root.members())
    own |= member.name != "_rules_" && member.name != "_plugin_id_";
  if (!own) return ok();
  Status read = read_config(root);
  if (read || !rules) return read;
  drop_last();
  log_warn("where no rule fits the plug-in does nothing: ", read.error().what);
  return ok();
}

const void* RuleSet::choose() const {
  std::size_t index = 0;
  for (const JsonView rule : rules_.items()) {
    if (fits_rule(rule)) return configs_[index];
    ++index;
  }
  return index < configs_.size() ? configs_[index] : nullptr;
}

}  // namespace inner
}  // namespace plugin
}  // namespace mynah
