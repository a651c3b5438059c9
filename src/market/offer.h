// SPDX-License-Identifier: Apache-2.0
// Offer: a plug-in that can be enabled, be it built in or published; and how the API shows it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "market/builtins.h"
#include "market/catalogue.h"
#include "market/plugin_use.h"

namespace mynah::market {

struct Offer {
  const Builtin* builtin = nullptr;
  std::optional<PublishedPlugin> published;

  explicit operator bool() const { return builtin != nullptr || published.has_value(); }
  // What is said of a version; of the newest, or the built-in's only one, if none is named.
  [[nodiscard]] const Identity* identity(std::string_view version) const;
};

// Whether `a` runs before `b`: by stage, priority and id.
bool runs_before(const Identity& a, const Identity& b);

// `whole` adds schema, versions in full, and configurations with their secrets hidden.
std::string json_of(const Offer& offer, const PluginUse* use, bool in_file, bool whole);
std::string json_of(const PublishedVersion& version, const PluginUse* use);
std::string json_of(const Binding& binding, const PluginUse& use, bool follows);

}  // namespace mynah::market
