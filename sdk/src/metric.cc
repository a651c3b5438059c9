// SPDX-License-Identifier: Apache-2.0
// Metrics, defined with the host at their first use in each machine.
#include "mynah/metric.h"

#include <utility>

#include "abi/imports.h"
#include "mynah/log.h"
#include "runtime.h"

namespace mynah {
inline namespace plugin {
namespace inner {

bool Metric::ensure_defined() {
  const std::uint32_t machine = Runtime::here().number();
  if (machine_ == machine) return id_ != 0;
  machine_ = machine;
  std::uint32_t id = 0;
  const abi::Status status = proxy_define_metric(type_, name_.data(), name_.size(), &id);
  if (status != abi::Status::ok) {
    log_warn("the host refuses the metric \"", name_, "\": status ", std::to_underlying(status));
  }
  id_ = status == abi::Status::ok ? id + 1 : 0;
  return id_ != 0;
}

void Metric::increment(std::int64_t by) {
  if (ensure_defined()) proxy_increment_metric(id_ - 1, by);
}

void Metric::record(std::uint64_t value) {
  if (ensure_defined()) proxy_record_metric(id_ - 1, value);
}

}  // namespace inner
}  // namespace plugin
}  // namespace mynah
