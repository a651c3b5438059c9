// SPDX-License-Identifier: Apache-2.0
// Generation: one configuration at work on one worker. Exchanges keep the generation that they
// began with until they end; the next one takes over whatever has not changed: connections of
// services, machines of plug-ins.
//
// Blueprint: the part of a generation that does not depend on the worker, built once on the control
// thread.
// tidy: allow-file shared_ptr: what exchanges in flight use outlives the generation that made it
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "gateway/chain.h"
#include "gateway/exchange.h"
#include "gateway/failed_filter.h"
#include "gateway/model.h"
#include "gateway/plugin_code.h"
#include "gateway/plugin_host.h"
#include "gateway/route_table.h"
#include "gateway/span_export.h"
#include "gateway/upstream.h"

namespace mynah {

// Which plug-ins run on a route, in order; the exchange's host decides among a plug-in's rules.
struct ChainPlan {
  struct Choice {
    std::vector<std::string> hosts;  // Empty: any.
    std::optional<std::size_t>
        use;  // Index into Blueprint::plugin_uses; nothing: not on this route.
  };
  struct Step {
    std::vector<Choice> choices;  // The first that fits decides.
  };
  std::vector<Step> steps;
};

// One plug-in with one of its configurations.
struct PluginUse {
  std::size_t plugin = 0;  // Index into Config::plugins.
  std::size_t number = 0;  // Among the configurations of that plug-in.
  std::string config;
};

class Blueprint final {
 public:
  // `code` holds the modules of the plug-ins, in the order of Config::plugins; null where it is
  // disabled.
  Blueprint(std::shared_ptr<const model::Config> config,
            std::vector<std::shared_ptr<const PluginCode>> code);

  [[nodiscard]] const model::Config& config() const { return *config_; }
  [[nodiscard]] const RouteTable& routes() const { return routes_; }
  [[nodiscard]] const ChainPlan& plan(std::size_t route) const { return plans_[route]; }
  [[nodiscard]] const std::vector<PluginUse>& plugin_uses() const { return uses_; }
  [[nodiscard]] const std::shared_ptr<const PluginCode>& code(std::size_t plugin) const {
    return code_[plugin];
  }
  // What a machine of the plug-in is made of; its code is null where it is disabled.
  [[nodiscard]] PluginSpec spec(std::size_t plugin) const;
  [[nodiscard]] const std::shared_ptr<ServiceShared>& service_shared(std::size_t service) const {
    return shared_[service];
  }

  // The index of the service that a plug-in means by a name: plain, or "outbound|PORT||NAME";
  // "qwen" is also found as "qwen.dns" and "qwen.static". None when there is no such service.
  [[nodiscard]] std::optional<std::size_t> find_service(std::string_view name) const;

 private:
  ChainPlan plan_route(const model::Route& route);
  std::size_t use_of(std::size_t plugin, const std::string& config);

  std::shared_ptr<const model::Config> config_;
  RouteTable routes_;
  std::vector<std::shared_ptr<const PluginCode>> code_;
  std::vector<std::size_t> order_;  // Plug-ins in the order of execution.
  std::vector<PluginUse> uses_;
  std::vector<ChainPlan> plans_;
  std::vector<std::shared_ptr<ServiceShared>> shared_;
};

// Machines for one worker, by plug-in of a blueprint; null where there is nothing to start.
using PluginMachines = std::vector<std::shared_ptr<PluginMachine>>;

class Generation final {
 public:
  // The machines that a worker needs for `next` beside those that it has from `previous`, which may
  // be null. On any thread. Fails when a plug-in does not start or refuses its configuration.
  static Result<PluginMachines> start_machines(const Blueprint& next, const Blueprint* previous,
                                               PluginContext& plugins);

  // Takes over from `previous`, which may be null. Fails when a service's TLS files are no good;
  // nothing has changed then.
  static Result<std::shared_ptr<const Generation>> create(
      std::shared_ptr<const Blueprint> blueprint, const Generation* previous,
      const UpstreamContext& context, PluginMachines machines, PluginContext& plugins,
      SpanExportSeen spans);

  [[nodiscard]] const model::Config& config() const { return blueprint_->config(); }
  [[nodiscard]] const RouteTable& routes() const { return blueprint_->routes(); }
  [[nodiscard]] const Blueprint& blueprint() const { return *blueprint_; }

  // Sets the exchange's route and service by what its request says now; no route when none fits.
  void choose_route(Exchange& exchange) const;
  // The service that a request on the route goes to; `draw` is a number from 0 to 1 that chooses
  // among weights. Null when the route forwards to none.
  [[nodiscard]] Upstream* upstream_of(std::size_t route, double draw) const;
  [[nodiscard]] Upstream* find_upstream(std::string_view name) const;
  [[nodiscard]] const std::vector<std::shared_ptr<Upstream>>& upstreams() const {
    return upstreams_;
  }

  // Null when nothing is traced.
  [[nodiscard]] SpanExporter* span_exporter() const { return span_exporter_.get(); }

  // Puts the filters of the exchange's route into the chain.
  void build_chain(Exchange& exchange, Chain& chain) const;
  [[nodiscard]] const std::vector<std::shared_ptr<PluginHost>>& plugins() const { return plugins_; }
  [[nodiscard]] std::string redirect_target(const Exchange& exchange,
                                            const model::Redirect& redirect) const;

 private:
  explicit Generation(std::shared_ptr<const Blueprint> blueprint)
      : blueprint_(std::move(blueprint)) {}

  std::shared_ptr<const Blueprint> blueprint_;
  std::vector<std::shared_ptr<Upstream>> upstreams_;  // By service.
  std::vector<std::shared_ptr<PluginHost>> plugins_;  // By plug-in; null where disabled.
  std::shared_ptr<SpanExporter> span_exporter_;
};

}  // namespace mynah
