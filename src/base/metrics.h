// SPDX-License-Identifier: Apache-2.0
// Metrics: what is counted, kept in one cell a worker and summed when somebody looks.
//
//   Metrics metrics(workers);                                 // one a process, made by app
//   CounterFamily& requests = metrics.counters("mynah_http_requests_total", "Requests by route and
//   status.",
//                                              {"route", "status"});
//   Counter& chat = requests.with({"chat", "200"});           // keep the reference: finding it
//   takes a lock chat.add(slot);                                           // on the hot path: one
//   plain addition
//
// - A slot says whose cell is counted in. Each worker has one to itself; all other threads share
// Slot::shared(), which
//   costs an atomic addition. Two threads that use one worker's slot at once lose counts.
// - Names are mynah_<layer>_<noun>_<unit>; asking again for a name returns the same family. Asking
// with another kind or
//   other labels is a bug and ends the process.
// - Series (one for each set of label values) are bounded in number a family: beyond, they share
// the series whose values
//   are all "other". Label values must come from a bounded set all the same: never from a client.
// - References stay good as long as the registry; nothing is ever removed.
// - Reading while others count sees each cell whole, though not all cells of one instant.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"

namespace mynah {

// Whose cell to count in.
class Slot final {
 public:
  static constexpr Slot shared() { return Slot(0); }
  // The worker with this number, from 0.
  static constexpr Slot worker(std::size_t index) { return Slot(index + 1); }

  [[nodiscard]] constexpr std::size_t index() const { return index_; }
  [[nodiscard]] constexpr bool is_shared() const { return index_ == 0; }

 private:
  explicit constexpr Slot(std::size_t index) : index_(index) {}
  std::size_t index_;
};

namespace detail {

// Workers' cells lie in cache lines of their own, so that no two of them wait for one.
inline constexpr std::size_t kCacheLineBytes = 64;

// The only writer of a cell adds without a locked instruction; the shared cell has many.
template <class T>
void add_to(std::atomic<T>& cell, T amount, Slot slot) {
  if (slot.is_shared()) {
    cell.fetch_add(amount, std::memory_order_relaxed);
  } else {
    cell.store(cell.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
}

template <class T>
struct alignas(kCacheLineBytes) Cell {
  std::atomic<T> value{};
};

}  // namespace detail

// Counts up only.
class Counter final {
 public:
  explicit Counter(std::size_t slots) : cells_(slots) {}

  void add(Slot slot, std::uint64_t amount = 1) {
    MYNAH_CHECK(slot.index() < cells_.size());
    detail::add_to(cells_[slot.index()].value, amount, slot);
  }
  [[nodiscard]] std::uint64_t value() const {
    std::uint64_t sum = 0;
    for (const auto& cell : cells_) sum += cell.value.load(std::memory_order_relaxed);
    return sum;
  }

 private:
  std::vector<detail::Cell<std::uint64_t>> cells_;
};

// Goes up and down: connections that are open, bytes that are held. Its value is the sum over the
// slots.
class Gauge final {
 public:
  explicit Gauge(std::size_t slots) : cells_(slots) {}

  void add(Slot slot, std::int64_t amount) {
    MYNAH_CHECK(slot.index() < cells_.size());
    detail::add_to(cells_[slot.index()].value, amount, slot);
  }
  // What this slot contributes.
  void set(Slot slot, std::int64_t value) {
    MYNAH_CHECK(slot.index() < cells_.size());
    cells_[slot.index()].value.store(value, std::memory_order_relaxed);
  }
  [[nodiscard]] std::int64_t value() const {
    std::int64_t sum = 0;
    for (const auto& cell : cells_) sum += cell.value.load(std::memory_order_relaxed);
    return sum;
  }

 private:
  std::vector<detail::Cell<std::int64_t>> cells_;
};

// How values are spread over fixed buckets.
class Histogram final {
 public:
  // Bucket i counts what is at most bounds[i] and above the bound before; one more counts the rest.
  // Bounds rise.
  Histogram(std::size_t slots, std::span<const double> bounds);

  void observe(Slot slot, double value);

  struct Reading {
    std::vector<std::uint64_t> buckets;  // one more than bounds
    std::uint64_t count = 0;
    double sum = 0;
  };
  [[nodiscard]] Reading read() const;
  [[nodiscard]] std::span<const double> bounds() const { return bounds_; }

 private:
  using Count = std::atomic<std::uint64_t>;
  static constexpr std::size_t kCountsPerLine = detail::kCacheLineBytes / sizeof(Count);
  struct alignas(detail::kCacheLineBytes) Line {
    Count counts[kCountsPerLine] = {};
  };

  Count& count(std::size_t slot, std::size_t bucket) {
    return lines_[slot * lines_per_slot_ + bucket / kCountsPerLine].counts[bucket % kCountsPerLine];
  }

  std::vector<double> bounds_;
  std::size_t lines_per_slot_;
  std::vector<Line> lines_;
  std::vector<detail::Cell<double>> sums_;
};

// Bounds for times from a tenth of a millisecond to a minute, in seconds; and for sizes from 256
// bytes to 64 MiB.
std::span<const double> seconds_bounds();
std::span<const double> bytes_bounds();

// All series of one name. `with` is thread-safe; it takes a lock, so keep what it returns.
template <class Metric>
class Family final {
 public:
  using Make = std::function<std::unique_ptr<Metric>()>;
  Family(std::vector<std::string> labels, std::size_t series_max, Make make)
      : labels_(std::move(labels)), series_max_(series_max), make_(std::move(make)) {}

  // One value for each label, in their order.
  Metric& with(std::initializer_list<std::string_view> values) {
    return with(std::span<const std::string_view>(values));
  }
  Metric& with(std::span<const std::string_view> values);

  [[nodiscard]] const std::vector<std::string>& labels() const { return labels_; }

 private:
  friend class Metrics;
  using Series = std::pair<const std::vector<std::string>*, const Metric*>;

  // Good without the lock, since nothing is removed.
  [[nodiscard]] std::vector<Series> list() const;

  const std::vector<std::string> labels_;
  const std::size_t series_max_;
  const Make make_;
  mutable std::atomic_flag busy_;
  std::map<std::vector<std::string>, std::unique_ptr<Metric>> series_;
};

using CounterFamily = Family<Counter>;
using GaugeFamily = Family<Gauge>;
using HistogramFamily = Family<Histogram>;

// The registry. Thread-safe.
class Metrics final {
 public:
  explicit Metrics(std::size_t workers, std::size_t series_max = 1000);
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  using Labels = std::vector<std::string>;
  CounterFamily& counters(std::string_view name, std::string_view help, Labels labels);
  GaugeFamily& gauges(std::string_view name, std::string_view help, Labels labels);
  HistogramFamily& histograms(std::string_view name, std::string_view help, Labels labels,
                              std::span<const double> bounds);
  // Families of one series, without labels.
  Counter& counter(std::string_view name, std::string_view help) {
    return counters(name, help, {}).with({});
  }
  Gauge& gauge(std::string_view name, std::string_view help) {
    return gauges(name, help, {}).with({});
  }
  Histogram& histogram(std::string_view name, std::string_view help,
                       std::span<const double> bounds) {
    return histograms(name, help, {}, bounds).with({});
  }
  // A gauge without labels that is asked for its value when somebody looks, on the thread of who
  // looks.
  void gauge_of(std::string_view name, std::string_view help, std::function<double()> value);

  // All of it in Prometheus's text format, version 0.0.4, in the order of names and label values.
  [[nodiscard]] std::string prometheus() const;

 private:
  struct Entry;
  template <class Metric>
  Family<Metric>& ensure(std::string_view name, std::string_view help, Labels labels,
                         Family<Metric>::Make make);

  const std::size_t slots_;
  const std::size_t series_max_;
  mutable std::atomic_flag busy_;
  std::map<std::string, std::unique_ptr<Entry>, std::less<>> entries_;
};

}  // namespace mynah
