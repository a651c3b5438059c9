// SPDX-License-Identifier: Apache-2.0
// YAML by hand: the outer form is fixed, and configurations stand in it as JSON, which YAML holds.
#include "app/plugin_export.h"

#include "base/json_writer.h"
#include "base/text.h"

namespace mynah {
namespace {

// "route:chat" as this gateway says it, in the words of the other two.
struct Place {
  std::string field;  // Of a rule of WasmPlugin.
  std::string match;  // Of a rule inside a configuration.
  std::string name;
};

Place place_of(std::string_view scope) {
  const Halves parts = cut(scope, ":");
  const std::string name(parts.after);
  if (parts.before == "route") return {"ingress", "_match_route_", name};
  if (parts.before == "host") return {"domain", "_match_domain_", name};
  return {"service", "_match_service_", name};
}

bool is_global(JsonView binding) { return binding["scope"].text() == "global"; }

std::string_view phase_of(std::string_view stage) {
  if (stage == "authn") return "AUTHN";
  if (stage == "authz") return "AUTHZ";
  if (stage == "stats") return "STATS";
  return "UNSPECIFIED_PHASE";
}

bool fails_open(JsonView version) {
  const std::string_view on_failure = version["on_failure"].text();
  if (!on_failure.empty()) return on_failure == "open";
  const std::string_view stage = version["stage"].text();
  return stage != "authn" && stage != "authz";
}

std::string_view config_of(JsonView binding) {
  const std::string_view config = binding["config"].raw();
  return config.empty() ? "{}" : config;
}

// The whole of its configurations in one, as hosts of this family read it.
std::string joined_config(JsonView plugin) {
  JsonWriter json;
  json.begin_object();
  for (const JsonView binding : plugin["bindings"].items()) {
    if (!is_global(binding) || !binding["enabled"].flag()) continue;
    for (const auto& [name, value] : binding["config"].members()) json.member(name, value);
  }
  bool ruled = false;
  for (const JsonView binding : plugin["bindings"].items()) {
    if (is_global(binding) || !binding["enabled"].flag()) continue;
    if (!ruled) json.key("_rules_").begin_array();
    ruled = true;
    const Place place = place_of(binding["scope"].text());
    json.begin_object().key(place.match).begin_array().value(place.name).end_array();
    for (const auto& [name, value] : binding["config"].members()) json.member(name, value);
    json.end_object();
  }
  if (ruled) json.end_array();
  json.end_object();
  return std::move(json).take();
}

}  // namespace

std::string wasm_plugin_document(JsonView plugin, JsonView version, std::string_view url) {
  std::string text = cat(
      "apiVersion: extensions.higress.io/v1alpha1\nkind: WasmPlugin\nmetadata:\n",
      "  name: ", version["id"].text(), "\nspec:\n  url: ", json_string(url),
      "\n  sha256: ", version["sha256"].text(), "\n  phase: ", phase_of(version["stage"].text()),
      "\n  priority: ", version["priority"].raw(),
      "\n  failStrategy: ", fails_open(version) ? "FAIL_OPEN" : "FAIL_CLOSE");
  std::string rules;
  bool everywhere = false;
  for (const JsonView binding : plugin["bindings"].items()) {
    const bool enabled = binding["enabled"].flag();
    if (is_global(binding)) {
      everywhere = enabled;
      append(text, "\n  defaultConfig: ", config_of(binding));
      continue;
    }
    const Place place = place_of(binding["scope"].text());
    append(rules, "\n    - ", place.field, ": [", json_string(place.name),
           "]\n      config: ", config_of(binding),
           "\n      configDisable: ", enabled ? "false" : "true");
  }
  append(text, "\n  defaultConfigDisable: ", everywhere ? "false" : "true");
  if (!rules.empty()) append(text, "\n  matchRules:", rules);
  return text;
}

std::string envoy_filter(JsonView plugin, JsonView version, std::string_view url) {
  constexpr std::string_view kFile = "file://";
  const std::string_view file = url.starts_with(kFile) ? url.substr(kFile.size()) : url;
  const std::string id = json_string(version["id"].text());
  return cat("name: envoy.filters.http.wasm\ntyped_config:\n",
             "  \"@type\": type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm\n",
             "  config:\n    name: ", id,
             "\n    root_id: \"\"\n    fail_open: ", fails_open(version) ? "true" : "false",
             "\n    configuration:\n",
             "      \"@type\": type.googleapis.com/google.protobuf.StringValue\n      value: ",
             json_string(joined_config(plugin)), "\n    vm_config:\n      vm_id: ", id,
             "\n      runtime: envoy.wasm.runtime.v8\n      code:\n        local:\n",
             "          filename: ", json_string(file));
}

}  // namespace mynah
