// SPDX-License-Identifier: Apache-2.0
// Planning chains, and taking over from the generation before.
// tidy: allow-file shared_ptr: what exchanges in flight use outlives the generation that made it
#include "gateway/generation.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/text.h"

namespace mynah {
namespace {

bool lists(const std::vector<std::string>& names, std::string_view name) {
  return names.empty() || std::ranges::find(names, name) != names.end();
}

// Whether the rule can apply on the route, as far as it does not depend on the request's host.
bool may_apply(const model::PluginRule& rule, const model::Route& route) {
  if (!lists(rule.routes, route.name)) return false;
  if (rule.services.empty()) return true;
  const auto* forward = std::get_if<model::Forward>(&route.action);
  if (forward == nullptr) return false;
  return std::ranges::any_of(forward->services,
                             [&](const auto& each) { return lists(rule.services, each.service); });
}

std::size_t stage_rank(const std::vector<model::Stage>& order, model::Stage stage) {
  return static_cast<std::size_t>(std::ranges::find(order, stage) - order.begin());
}

}  // namespace

Blueprint::Blueprint(std::shared_ptr<const model::Config> config,
                     std::vector<std::shared_ptr<const PluginCode>> code)
    : config_(std::move(config)), routes_(config_->routes), code_(std::move(code)) {
  for (std::size_t i = 0; i < code_.size(); ++i) {
    if (code_[i] != nullptr) order_.push_back(i);
  }
  const auto& stages = config_->gateway.stage_order;
  std::ranges::stable_sort(order_, [&](std::size_t a, std::size_t b) {
    const auto key = [&](const PluginCode& code) {
      return std::tuple(stage_rank(stages, code.stage), -static_cast<std::int64_t>(code.priority),
                        std::string_view(code.id));
    };
    return key(*code_[a]) < key(*code_[b]);
  });
  for (const model::Route& route : config_->routes) plans_.push_back(plan_route(route));
  for (std::size_t i = 0; i < config_->services.size(); ++i)
    shared_.push_back(std::make_shared<ServiceShared>());
}

std::size_t Blueprint::use_of(std::size_t plugin, const std::string& config) {
  const auto same = std::ranges::find_if(
      uses_, [&](const auto& use) { return use.plugin == plugin && use.config == config; });
  if (same != uses_.end()) return static_cast<std::size_t>(same - uses_.begin());
  const auto number =
      std::ranges::count_if(uses_, [&](const auto& use) { return use.plugin == plugin; });
  uses_.push_back({plugin, static_cast<std::size_t>(number), config});
  return uses_.size() - 1;
}

ChainPlan Blueprint::plan_route(const model::Route& route) {
  ChainPlan plan;
  for (const std::size_t index : order_) {
    const model::Plugin& plugin = config_->plugins[index];
    ChainPlan::Step step;
    bool decided = false;
    for (const model::PluginRule& rule : plugin.rules) {
      if (!may_apply(rule, route)) continue;
      std::optional<std::size_t> use;
      if (rule.enabled) use = use_of(index, rule.config.value_or(plugin.config));
      step.choices.push_back({rule.hosts, use});
      decided = rule.hosts.empty();
      if (decided) break;
    }
    if (!decided && !plugin.rules_only) step.choices.push_back({{}, use_of(index, plugin.config)});
    const bool ever_runs = std::ranges::any_of(
        step.choices, [](const auto& choice) { return choice.use.has_value(); });
    if (ever_runs) plan.steps.push_back(std::move(step));
  }
  return plan;
}

PluginSpec Blueprint::spec(std::size_t plugin) const {
  PluginSpec spec{code_[plugin], config_->plugins[plugin], {}};
  for (const PluginUse& use : uses_) {
    if (use.plugin == plugin) spec.configs.push_back(use.config);
  }
  return spec;
}

std::optional<std::size_t> Blueprint::find_service(std::string_view name) const {
  if (name.starts_with("outbound|")) name = name.substr(name.rfind('|') + 1);
  const auto find = [&](std::string_view wanted) -> std::optional<std::size_t> {
    const auto& services = config_->services;
    const auto found = std::ranges::find(
        services, wanted, [](const auto& each) { return std::string_view(each.name); });
    if (found == services.end()) return std::nullopt;
    return static_cast<std::size_t>(found - services.begin());
  };
  if (const auto exact = find(name)) return exact;
  for (const std::string_view suffix : {".dns", ".static"}) {
    if (name.ends_with(suffix)) {
      if (const auto bare = find(name.substr(0, name.size() - suffix.size()))) return bare;
    }
  }
  return std::nullopt;
}

Result<std::shared_ptr<const Generation>> Generation::create(
    std::shared_ptr<const Blueprint> blueprint, const Generation* previous,
    const UpstreamContext& context, PluginMachines machines, PluginContext& plugins,
    SpanExportSeen spans) {
  std::shared_ptr<Generation> made(
      new Generation(std::move(blueprint)));  // tidy: allow new: private constructor
  const Blueprint& plan = *made->blueprint_;
  const model::Config& config = plan.config();
  for (std::size_t i = 0; i < config.services.size(); ++i) {
    const model::Service& service = config.services[i];
    std::shared_ptr<Upstream> old;
    if (previous != nullptr) {
      const auto& before = previous->upstreams_;
      const auto same = std::ranges::find_if(
          before, [&](const auto& each) { return each->service() == service; });
      if (same != before.end()) old = *same;
    }
    if (old == nullptr) {
      auto upstream = Upstream::create(service, context, plan.service_shared(i));
      if (!upstream) return std::move(upstream).error().within(cat("service ", service.name));
      old = *std::move(upstream);
    }
    made->upstreams_.push_back(std::move(old));
  }
  if (const model::Tracing& tracing = config.gateway.tracing; tracing.endpoint) {
    if (previous != nullptr && previous->span_exporter_ != nullptr &&
        previous->span_exporter_->settings() == tracing) {
      made->span_exporter_ = previous->span_exporter_;
    } else {
      MYNAH_LET(made->span_exporter_, SpanExporter::create(tracing, context, spans));
    }
  }
  for (std::size_t i = 0; i < config.plugins.size(); ++i) {
    PluginSpec spec = plan.spec(i);
    std::shared_ptr<PluginHost> host;
    if (machines[i] != nullptr) {
      host = PluginHost::create(std::move(spec), std::move(machines[i]), plugins);
    } else if (spec.code != nullptr) {
      const auto& before = previous->plugins_;
      host = *std::ranges::find_if(
          before, [&](const auto& each) { return each != nullptr && each->spec().same_as(spec); });
    }
    made->plugins_.push_back(std::move(host));
  }
  return std::shared_ptr<const Generation>(std::move(made));
}

Result<PluginMachines> Generation::start_machines(const Blueprint& next, const Blueprint* previous,
                                                  PluginContext& plugins) {
  PluginMachines machines(next.config().plugins.size());
  for (std::size_t i = 0; i < machines.size(); ++i) {
    const PluginSpec spec = next.spec(i);
    if (spec.code == nullptr) continue;
    bool kept = false;
    for (std::size_t j = 0; previous != nullptr && j < previous->config().plugins.size(); ++j)
      kept |= previous->code(j) != nullptr && previous->spec(j).same_as(spec);
    if (kept) continue;
    auto started = PluginMachine::start(spec, plugins);
    if (!started) return std::move(started).error().within(cat("plug-in ", spec.code->id));
    machines[i] = *std::move(started);
  }
  return machines;
}

void Generation::choose_route(Exchange& exchange) const {
  const std::size_t index = routes().find(exchange.client_stream.request());
  const bool found = index != RouteTable::kNone;
  exchange.route_index = index;
  exchange.route = found ? &config().routes[index] : nullptr;
  exchange.upstream = found ? upstream_of(index, exchange.draw) : nullptr;
}

Upstream* Generation::upstream_of(std::size_t route, double draw) const {
  const auto* forward = std::get_if<model::Forward>(&config().routes[route].action);
  if (forward == nullptr) return nullptr;
  std::uint64_t total = 0;
  for (const auto& each : forward->services) total += each.weight;
  auto left = static_cast<std::int64_t>(draw * static_cast<double>(total));
  for (const auto& each : forward->services) {
    left -= each.weight;
    if (left < 0) return find_upstream(each.service);
  }
  return nullptr;
}

Upstream* Generation::find_upstream(std::string_view name) const {
  const auto index = blueprint_->find_service(name);
  return index ? upstreams_[*index].get() : nullptr;
}

void Generation::build_chain(Exchange& exchange, Chain& chain) const {
  const ChainPlan& plan = blueprint_->plan(exchange.route_index);
  if (plan.steps.empty()) return;
  const std::string host = host_of(exchange.host);
  chain.expect(plan.steps.size());
  for (const ChainPlan::Step& step : plan.steps) {
    const auto choice = std::ranges::find_if(step.choices, [&](const ChainPlan::Choice& each) {
      return each.hosts.empty() || std::ranges::any_of(each.hosts, [&](const std::string& pattern) {
               return host_fits(host, pattern);
             });
    });
    if (choice == step.choices.end() || !choice->use) continue;
    const PluginUse& use = blueprint_->plugin_uses()[*choice->use];
    PluginHost& plugin = *plugins_[use.plugin];
    auto filter = plugin.make_filter(use.number, chain, exchange);
    if (filter) {
      chain.add(*std::move(filter));
    } else {
      chain.add(std::make_unique<FailedFilter>(plugin.code(), std::move(filter).error()));
    }
  }
}

std::string Generation::redirect_target(const Exchange& exchange,
                                        const model::Redirect& redirect) const {
  const std::string scheme =
      redirect.scheme.empty() ? (exchange.client.tls ? "https" : "http") : redirect.scheme;
  std::string host = redirect.host.empty() ? host_of(exchange.host) : redirect.host;
  const std::uint16_t own_port = scheme == "https" ? 443 : 80;
  std::string port;
  if (redirect.port != 0) {
    if (redirect.port != own_port) port = cat(":", redirect.port);
  } else if (redirect.host.empty() && redirect.scheme.empty()) {
    const std::size_t colon = exchange.host.rfind(':');
    if (colon != std::string::npos && exchange.host.find(']', colon) == std::string::npos)
      port = exchange.host.substr(colon);
  }
  const std::string_view query =
      std::string_view(exchange.path)
          .substr(std::min(exchange.path.find('?'), exchange.path.size()));
  std::string target = redirect.path.empty() ? exchange.path : cat(redirect.path, query);
  if (!redirect.prefix.empty() && redirect.path.empty()) {
    const std::string& matched = config().routes[exchange.route_index].match.path.value;
    target = redirect.prefix + exchange.path.substr(std::min(matched.size(), exchange.path.size()));
  }
  return cat(scheme, "://", host, port, target);
}

}  // namespace mynah
