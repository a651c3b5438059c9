// SPDX-License-Identifier: Apache-2.0
// The options of `mynah plugin publish|list|show|enable|disable|delete|export`.
#pragma once

#include <functional>

#include "app/market_commands.h"
#include "app/remote.h"
#include "base/result.h"

namespace CLI {
class App;
}

namespace mynah {

// It lives until the line is parsed and its command has run.
class MarketCommandLine final {
 public:
  using End = std::function<void(const Status& outcome)>;

  // Adds the commands to `mynah plugin`; `end` is told what came of the one that ran.
  void add_to(CLI::App& plugin, const End& end);

 private:
  void add_publish(CLI::App& plugin, const End& end);
  void add_bindings(CLI::App& plugin, const End& end);
  void add_export(CLI::App& plugin, const End& end);
  [[nodiscard]] Format format() const { return json_ ? Format::json : Format::text; }

  RemoteOptions remote_;
  PublishOptions publish_;
  BindingOptions binding_;
  ExportOptions export_;
  std::string id_;
  bool json_ = false;
};

}  // namespace mynah
