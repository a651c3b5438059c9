// SPDX-License-Identifier: Apache-2.0
// Reading a WasmPlugin into the model's Plugin.
//
// - defaultConfig is the plug-in's configuration; defaultConfigDisable turns it off where no rule
// fits.
// - A matchRule with configDisable turns the plug-in off where the rule fits.
// - A rule without ingress, domain and service fits nowhere: an error, as in the controller.
// - The order of documents with equal stage and priority is that of their names, as everywhere.
#include "control/config/wasm_plugin.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/text.h"
#include "control/config/json_text.h"
#include "control/config/kinds.h"
#include "control/config/values.h"

namespace mynah::control {

namespace {

using model::NameValue;
using model::Plugin;
using model::PluginRule;
using model::Stage;

constexpr std::string_view kVersion = "extensions.higress.io/v1alpha1";

// What the document says, before it becomes a Plugin.
struct Variable {
  std::string name;
  std::string value;
  std::string source;
};

struct Vm {
  std::vector<Variable> variables;
};

struct Rule {
  std::vector<std::string> ingress;
  std::vector<std::string> domain;
  std::vector<std::string> service;
  std::string route_type;
  std::string config = "{}";
  bool disabled = false;
};

struct Spec {
  std::string url;
  std::string sha256;
  std::string pull_policy;
  std::string pull_secret;
  std::string plugin_name;
  std::optional<std::string> plugin_config;
  Stage stage = Stage::normal;
  std::int32_t priority = 0;
  model::OnFailure on_failure = model::OnFailure::closed;
  Vm vm;
  std::string default_config = "{}";
  bool default_disabled = false;
  std::vector<Rule> rules;
};

Kind<std::string> any_text() {
  return text("text", [](std::string&) { return ok(); });
}

const Section<Variable>& variable_section() {
  static const auto section = [] {
    Section<Variable> s("env", "A variable.");
    s.field("name", &Variable::name, text("text", check_not_empty), "", Presence::required);
    s.field("value", &Variable::value, any_text(), "");
    s.field("valueFrom", &Variable::source,
            one_of<std::string>({{"INLINE", "INLINE"}, {"HOST", "HOST"}}), "");
    s.check([](Reader& reader, const Node& node, Variable& variable) {
      if (variable.source != "HOST") return;
      reader.problem(node.mark,
                     "\"valueFrom: HOST\" is not supported; write \"value: ${NAME}\" instead");
    });
    return s;
  }();
  return section;
}

const Section<Vm>& vm_section() {
  static const auto section = [] {
    Section<Vm> s("vmConfig", "The machine.");
    s.field("env", &Vm::variables, list_of(part(variable_section())), "");
    return s;
  }();
  return section;
}

const Section<Rule>& rule_section() {
  static const auto section = [] {
    Section<Rule> s("matchRule", "A rule.");
    s.field("ingress", &Rule::ingress, list_of(name_of_a(Named::route)), "");
    s.field("domain", &Rule::domain, list_of(text("host pattern", check_host_pattern)), "");
    s.field("service", &Rule::service, list_of(text("service", check_not_empty)), "");
    s.field("routeType", &Rule::route_type,
            one_of<std::string>({{"HTTP", "HTTP"}, {"GRPC", "GRPC"}}), "");
    s.field("config", &Rule::config, settings(), "");
    s.field("configDisable", &Rule::disabled, flag(), "");
    s.check([](Reader& reader, const Node& node, Rule& rule) {
      if (rule.ingress.empty() && rule.domain.empty() && rule.service.empty()) {
        reader.problem(node.mark, "a rule needs \"ingress\", \"domain\" or \"service\"");
      }
    });
    return s;
  }();
  return section;
}

const Section<Spec>& spec_section() {
  static const auto section = [] {
    using F = model::OnFailure;
    Section<Spec> s("spec", "The plug-in.");
    s.field("url", &Spec::url, text("URL", check_not_empty), "", Presence::required);
    s.field("sha256", &Spec::sha256, text("64 hexadecimal digits", check_sha256), "");
    s.field("imagePullPolicy", &Spec::pull_policy, any_text(), "");
    s.field("imagePullSecret", &Spec::pull_secret, any_text(), "");
    s.field("verificationKey", &Spec::pull_secret, any_text(), "");
    s.field("pluginName", &Spec::plugin_name, text("text", check_not_empty), "");
    s.field("pluginConfig", &Spec::plugin_config, maybe(settings()), "");
    s.field("phase", &Spec::stage,
            one_of<Stage>({{"AUTHN", Stage::authn},
                           {"AUTHZ", Stage::authz},
                           {"STATS", Stage::stats},
                           {"UNSPECIFIED_PHASE", Stage::normal}}),
            "");
    s.field("priority", &Spec::priority, whole<std::int32_t>(-1'000'000, 1'000'000), "");
    s.field("failStrategy", &Spec::on_failure,
            one_of<F>({{"FAIL_OPEN", F::open}, {"FAIL_CLOSE", F::closed}}), "");
    s.field("vmConfig", &Spec::vm, part(vm_section()), "");
    s.field("defaultConfig", &Spec::default_config, settings(), "");
    s.field("defaultConfigDisable", &Spec::default_disabled, flag(), "");
    s.field("matchRules", &Spec::rules, list_of(part(rule_section())), "");
    return s;
  }();
  return section;
}

// Gateways of this family know a service as NAME.TYPE:PORT as well.
std::string known_service(const Reader& reader, const std::string& name) {
  std::string plain = std::string(cut(name, ":").before);
  if (reader.has(Named::service, plain)) return plain;
  const std::size_t dot = plain.rfind('.');
  const std::string without_type = plain.substr(0, dot);
  return reader.has(Named::service, without_type) ? without_type : plain;
}

void set_source(Reader& reader, Mark mark, const std::string& url, Plugin& plugin) {
  const Halves scheme = cut(url, "://");
  if (!scheme.found) {
    plugin.url = cat("oci://", url);
  } else if (scheme.before == "file") {
    plugin.wasm = reader.file(std::string(scheme.after), mark);
  } else if (scheme.before == "oci" || scheme.before == "http" || scheme.before == "https") {
    plugin.url = url;
  } else {
    reader.problem(mark,
                   cat("expected a URL that starts with file://, oci://, http:// or https://, "
                       "got ",
                       in_quotes(url)));
  }
}

Plugin to_plugin(Reader& reader, Mark mark, Spec spec) {
  Plugin plugin;
  set_source(reader, mark, spec.url, plugin);
  plugin.sha256 = std::move(spec.sha256);
  plugin.root_id = std::move(spec.plugin_name);
  plugin.stage = spec.stage;
  plugin.priority = spec.priority;
  plugin.on_failure = spec.on_failure;
  for (Variable& variable : spec.vm.variables) {
    plugin.environment.push_back({std::move(variable.name), std::move(variable.value)});
  }
  if (spec.plugin_config) {
    plugin.config = *std::move(spec.plugin_config);
    return plugin;
  }
  plugin.config = std::move(spec.default_config);
  plugin.rules_only = spec.default_disabled;
  for (Rule& rule : spec.rules) {
    PluginRule& out = plugin.rules.emplace_back();
    out.hosts = std::move(rule.domain);
    out.routes = std::move(rule.ingress);
    for (const std::string& name : rule.service) {
      out.services.push_back(known_service(reader, name));
      reader.refer(Named::service, out.services.back(), mark);
    }
    out.enabled = !rule.disabled;
    if (out.enabled) out.config = std::move(rule.config);
  }
  return plugin;
}

// metadata.name; everything else in there is for Kubernetes.
std::string name_in_metadata(Reader& reader, const Node& document) {
  const Entry* metadata = document.find("metadata");
  const Reader::Inside inside(reader, "metadata");
  if (metadata == nullptr || metadata->value.kind != Node::Kind::map) {
    reader.problem(document.mark, "the field \"name\" is missing");
    return {};
  }
  const Entry* entry = metadata->value.find("name");
  if (entry == nullptr) {
    reader.problem(metadata->mark, "the field \"name\" is missing");
    return {};
  }
  std::string name;
  name_for(Named::plugin).read(reader, entry->value, name);
  return name;
}

}  // namespace

void read_wasm_plugin(Reader& reader, const Node& document, model::Config& config) {
  const Node& version = document.find("apiVersion")->value;
  const Node& kind = document.find("kind")->value;
  if (version.text != kVersion || kind.text != "WasmPlugin") {
    return reader.problem(document.mark,
                          cat("expected a document of kind WasmPlugin and apiVersion ", kVersion,
                              ", got ", in_quotes(kind.text), " and ", in_quotes(version.text)));
  }
  std::string name = name_in_metadata(reader, document);
  for (const Entry& entry : document.entries) {
    constexpr std::array<std::string_view, 5> kKnown = {"apiVersion", "kind", "metadata", "spec",
                                                        "status"};
    if (std::ranges::find(kKnown, entry.key) != kKnown.end()) continue;
    reader.problem(entry.mark,
                   cat("unknown field ", in_quotes(entry.key), suggestion(entry.key, kKnown)));
  }
  const Entry* spec = document.find("spec");
  if (spec == nullptr) return reader.problem(document.mark, "the field \"spec\" is missing");
  const Reader::Inside inside(reader, "spec");
  Spec said;
  spec_section().read(reader, spec->value, said);
  const Entry* url = spec->value.find("url");
  if (url == nullptr) return;
  Plugin plugin = to_plugin(reader, url->value.mark, std::move(said));
  plugin.id = std::move(name);
  config.plugins.push_back(std::move(plugin));
}

}  // namespace mynah::control
