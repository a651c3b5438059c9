// SPDX-License-Identifier: Apache-2.0
// PluginUse: where a plug-in is enabled through the marketplace, and how; and the object that says
// the same in the vocabulary of the configuration file.
//
// A plug-in runs in one version at all its places. Where several fit an exchange, the narrowest
// decides: a service before a route, a route before a host, all of them before everywhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace mynah::market {

// "global", "route:NAME", "host:NAME", "service:NAME".
struct BindingScope {
  enum class Kind : std::uint8_t { service, route, host, global };

  Kind kind = Kind::global;
  std::string name;

  static Result<BindingScope> parse(std::string_view text);
  [[nodiscard]] std::string text() const;
  auto operator<=>(const BindingScope&) const = default;
};

struct Binding {
  BindingScope scope;
  bool enabled = true;
  std::string config = "{}";  // JSON
};

struct PluginUse {
  std::string id;
  std::string version;            // Empty: a built-in's.
  std::vector<Binding> bindings;  // By scope, the narrowest first.

  static Result<PluginUse> parse(std::string_view json);
  [[nodiscard]] std::string json() const;

  [[nodiscard]] const Binding* find(const BindingScope& scope) const;
  void set(Binding binding);
  // Whether there was one.
  bool remove(const BindingScope& scope);
};

}  // namespace mynah::market
