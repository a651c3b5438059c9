// SPDX-License-Identifier: Apache-2.0
// Plug-ins as JSON.
#include "market/offer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/json_writer.h"
#include "control/admin/hidden.h"

namespace mynah::market {
namespace {

constexpr std::int32_t kDefaultPriority = 100;

std::size_t stage_place(std::string_view stage) {
  constexpr std::array<std::string_view, 4> kStages = {"authn", "authz", "stats", "default"};
  const auto found = std::ranges::find(kStages, stage);
  return static_cast<std::size_t>(found - kStages.begin());
}

void write_identity(JsonWriter& json, const Identity& identity) {
  json.member("id", identity.id).member("name", identity.name);
  json.member("description", identity.description).member("version", identity.version);
  json.member("language", identity.language);
  json.member("stage", identity.stage.empty() ? "default" : identity.stage);
  json.member("priority", identity.priority.value_or(kDefaultPriority));
  if (!identity.on_failure.empty()) json.member("on_failure", identity.on_failure);
  json.member("min_gateway_version", identity.min_gateway_version);
}

void write_version(JsonWriter& json, const PublishedVersion& version, const PluginUse* use) {
  write_identity(json, version.identity);
  json.member("version_description", version.identity.version_description);
  json.member("sha256", version.sha256).member("bytes", version.bytes);
  json.member("published_by", version.published_by).member("published_at", version.published_at);
  json.member("in_use", use != nullptr && use->version == version.identity.version);
}

void write_bindings(JsonWriter& json, const PluginUse* use, bool whole) {
  const Binding* const global = use == nullptr ? nullptr : use->find({});
  json.member("enabled", use != nullptr && std::ranges::any_of(use->bindings, &Binding::enabled));
  json.key("bindings").begin_array();
  if (use != nullptr) {
    for (const Binding& binding : use->bindings) {
      json.begin_object().member("scope", binding.scope.text()).member("enabled", binding.enabled);
      if (whole) json.key("config").raw(control::without_secrets(binding.config));
      json.end_object();
    }
  }
  json.end_array().key("rules").begin_array();
  if (use != nullptr) {
    for (const Binding& binding : use->bindings) {
      if (&binding != global) json.value(binding.scope.text());
    }
  }
  json.end_array();
}

}  // namespace

const Identity* Offer::identity(std::string_view version) const {
  if (builtin != nullptr) {
    return version.empty() || version == builtin->identity.version ? &builtin->identity : nullptr;
  }
  if (!published) return nullptr;
  const PublishedVersion* const found = published->find(version);
  return found == nullptr ? nullptr : &found->identity;
}

bool runs_before(const Identity& a, const Identity& b) {
  const auto key = [](const Identity& each) {
    return std::pair(stage_place(each.stage.empty() ? "default" : each.stage),
                     -std::int64_t{each.priority.value_or(kDefaultPriority)});
  };
  return key(a) != key(b) ? key(a) < key(b) : a.id < b.id;
}

std::string json_of(const Offer& offer, const PluginUse* use, bool in_file, bool whole) {
  const Identity* const identity = offer.identity("");
  JsonWriter json;
  json.begin_object();
  write_identity(json, *identity);
  json.member("origin", offer.builtin != nullptr ? "built-in" : "published");
  json.member("in_file", in_file);
  write_bindings(json, use, whole);
  if (whole && !identity->schema.empty()) json.key("schema").raw(identity->schema);
  if (offer.builtin != nullptr) {
    json.member("sha256", offer.builtin->sha256).member("bytes", offer.builtin->bytes);
    return std::move(json.end_object()).take();
  }
  json.member("owner", offer.published->owner).member("follows", offer.published->follows);
  json.key("runs");
  use == nullptr ? json.null() : json.value(use->version);
  json.key("versions").begin_array();
  for (const PublishedVersion& version : offer.published->versions) {
    if (whole) {
      write_version(json.begin_object(), version, use);
      json.end_object();
    } else {
      json.value(version.identity.version);
    }
  }
  json.end_array().end_object();
  return std::move(json).take();
}

std::string json_of(const PublishedVersion& version, const PluginUse* use) {
  JsonWriter json;
  json.begin_object();
  write_version(json, version, use);
  if (!version.identity.schema.empty()) json.key("schema").raw(version.identity.schema);
  return std::move(json.end_object()).take();
}

std::string json_of(const Binding& binding, const PluginUse& use, bool follows) {
  JsonWriter json;
  json.begin_object().member("id", use.id).member("scope", binding.scope.text());
  json.member("enabled", binding.enabled).key("version");
  use.version.empty() ? json.null() : json.value(use.version);
  json.member("follows", follows).key("config").raw(control::without_secrets(binding.config));
  return std::move(json.end_object()).take();
}

}  // namespace mynah::market
