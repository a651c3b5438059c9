// SPDX-License-Identifier: Apache-2.0
// Metrics of a plug-in, as the gateway shows them.
//
//   Counter hits("ai_cache_hits");        // at namespace scope; the host learns of it with the
//   first use hits.add();
#pragma once

#include <cstdint>
#include <string_view>

#include "abi/abi.h"

namespace mynah {
inline namespace plugin {
namespace inner {

class Metric {
 public:
  Metric(const Metric&) = delete;

 protected:
  constexpr Metric(abi::MetricType type, std::string_view name) : name_(name), type_(type) {}
  // The host's number for it; false when the host refuses it.
  bool ensure_defined();
  void increment(std::int64_t by);
  void record(std::uint64_t value);

 private:
  std::string_view name_;  // tidy: allow string_view: a literal
  abi::MetricType type_;
  std::uint32_t id_ = 0;
  std::uint32_t machine_ = 0;  // in which it was defined
};

}  // namespace inner

class Counter final : public inner::Metric {
 public:
  explicit constexpr Counter(std::string_view name) : Metric(abi::MetricType::counter, name) {}
  void add(std::uint32_t by = 1) { increment(by); }
};

class Gauge final : public inner::Metric {
 public:
  explicit constexpr Gauge(std::string_view name) : Metric(abi::MetricType::gauge, name) {}
  void set(std::uint64_t value) { record(value); }
  void add(std::int64_t by) { increment(by); }
};

class Histogram final : public inner::Metric {
 public:
  explicit constexpr Histogram(std::string_view name) : Metric(abi::MetricType::histogram, name) {}
  void observe(std::uint64_t value) { record(value); }
};

}  // namespace plugin
}  // namespace mynah
