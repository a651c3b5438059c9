// SPDX-License-Identifier: Apache-2.0
//   {"id", "version", "rules_only", "config", "rules": [{"routes": [NAME], "enabled", "config"}]}
#include "market/plugin_use.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/json.h"
#include "base/json_writer.h"
#include "base/text.h"

namespace mynah::market {
namespace {

using Kind = BindingScope::Kind;

struct Word {
  Kind kind;
  std::string_view scope;  // tidy: allow string_view: literals
  std::string_view field;  // tidy: allow string_view: literals
};
constexpr std::array<Word, 3> kWords = {{{Kind::service, "service", "services"},
                                         {Kind::route, "route", "routes"},
                                         {Kind::host, "host", "hosts"}}};

const Word& word_of(Kind kind) {
  return *std::ranges::find_if(kWords, [&](const Word& word) { return word.kind == kind; });
}

}  // namespace

Result<BindingScope> BindingScope::parse(std::string_view text) {
  if (text == "global") return BindingScope();
  const Halves parts = cut(text, ":");
  for (const Word& word : kWords) {
    if (parts.found && parts.before == word.scope && !parts.after.empty())
      return BindingScope{word.kind, std::string(parts.after)};
  }
  return Error{Errc::invalid_argument,
               cat("\"", utf8_prefix(text, 80),
                   "\" is no scope: it is global, route:NAME, host:NAME or service:NAME")};
}

std::string BindingScope::text() const {
  return kind == Kind::global ? "global" : cat(word_of(kind).scope, ":", name);
}

Result<PluginUse> PluginUse::parse(std::string_view json) {
  MYNAH_LET(const Json document, Json::parse(std::string(json)));
  const JsonView root = document.root();
  PluginUse use{std::string(root["id"].text()), std::string(root["version"].text()), {}};
  for (const JsonView rule : root["rules"].items()) {
    Binding binding;
    for (const Word& word : kWords) {
      const JsonView names = rule[word.field];
      if (names.size() == 1) binding.scope = {word.kind, std::string(names.at(0).text())};
    }
    binding.enabled = !rule["enabled"] || rule["enabled"].flag();
    if (rule["config"]) binding.config = rule["config"].raw();
    use.set(std::move(binding));
  }
  const bool everywhere = !root["rules_only"].flag();
  if (everywhere || root["config"]) {
    use.set({{}, everywhere, root["config"] ? std::string(root["config"].raw()) : "{}"});
  }
  return use;
}

std::string PluginUse::json() const {
  JsonWriter json;
  json.begin_object().member("id", id);
  if (!version.empty()) json.member("version", version);
  const Binding* const global = find({});
  json.member("rules_only", global == nullptr || !global->enabled);
  if (global != nullptr) json.key("config").raw(global->config);
  json.key("rules").begin_array();
  for (const Binding& binding : bindings) {
    if (binding.scope.kind == Kind::global) continue;
    json.begin_object().key(word_of(binding.scope.kind).field);
    json.begin_array().value(binding.scope.name).end_array();
    json.member("enabled", binding.enabled).key("config").raw(binding.config);
    json.end_object();
  }
  json.end_array().end_object();
  return std::move(json).take();
}

const Binding* PluginUse::find(const BindingScope& scope) const {
  const auto found =
      std::ranges::find_if(bindings, [&](const Binding& each) { return each.scope == scope; });
  return found == bindings.end() ? nullptr : &*found;
}

void PluginUse::set(Binding binding) {
  remove(binding.scope);
  bindings.push_back(std::move(binding));
  std::ranges::sort(bindings, {}, &Binding::scope);
}

bool PluginUse::remove(const BindingScope& scope) {
  return std::erase_if(bindings, [&](const Binding& each) { return each.scope == scope; }) > 0;
}

}  // namespace mynah::market
