// SPDX-License-Identifier: Apache-2.0
// Host functions: metrics. A plug-in sees numbers of its own, so it can reach no metric but those
// it has defined.
#include <algorithm>

#include "wasm/host.h"

namespace mynah::wasm {

abi::Status Host::define_metric(abi::MetricType type, std::string_view name,
                                std::uint32_t& metric) {
  if (type > abi::MetricType::histogram || name.empty() ||
      name.size() > settings_.limits.metric_name_bytes) {
    return abi::Status::bad_argument;
  }
  const auto defined = outside_.define_metric(type, name);
  if (!defined) return status_of(defined.error());
  const auto known = std::find_if(metrics_.begin(), metrics_.end(),
                                  [&](const Metric& m) { return m.id == *defined; });
  if (known != metrics_.end()) {
    if (known->type != type) return abi::Status::bad_argument;
    metric = static_cast<std::uint32_t>(known - metrics_.begin()) + 1;
    return abi::Status::ok;
  }
  if (metrics_.size() >= settings_.limits.metrics) return abi::Status::internal_failure;
  metrics_.push_back({type, *defined});
  metric = static_cast<std::uint32_t>(metrics_.size());
  return abi::Status::ok;
}

abi::Status Host::increment_metric(std::uint32_t metric, std::int64_t offset) {
  if (metric == 0 || metric > metrics_.size()) return abi::Status::not_found;
  const Metric& known = metrics_[metric - 1];
  if (known.type == abi::MetricType::histogram) return abi::Status::bad_argument;
  if (known.type == abi::MetricType::counter && offset < 0) return abi::Status::bad_argument;
  outside_.increment_metric(known.id, offset);
  return abi::Status::ok;
}

abi::Status Host::record_metric(std::uint32_t metric, std::uint64_t value) {
  if (metric == 0 || metric > metrics_.size()) return abi::Status::not_found;
  outside_.record_metric(metrics_[metric - 1].id, value);
  return abi::Status::ok;
}

abi::Status Host::get_metric(std::uint32_t metric, std::uint64_t& value) {
  if (metric == 0 || metric > metrics_.size()) return abi::Status::not_found;
  const Metric& known = metrics_[metric - 1];
  if (known.type == abi::MetricType::histogram) return abi::Status::bad_argument;
  value = outside_.metric(known.id);
  return abi::Status::ok;
}

}  // namespace mynah::wasm
