// SPDX-License-Identifier: Apache-2.0
// The registry of metrics and its text for Prometheus.
#include "base/metrics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <variant>

#include "base/text.h"

namespace mynah {
namespace {

// Held for the length of a look-up in a map. A mutex of the system is not to be had in a plug-in,
// where this compiles too, and off the hot path nobody waits long enough to miss one.
class Hold final {
 public:
  explicit Hold(std::atomic_flag& busy) : busy_(busy) {
    while (busy_.test_and_set(std::memory_order_acquire)) {
    }
  }
  ~Hold() { busy_.clear(std::memory_order_release); }
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;

 private:
  std::atomic_flag& busy_;
};

constexpr std::array<double, 17> kSeconds = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005,
                                             0.01,   0.025,   0.05,   0.1,   0.25,   0.5,
                                             1,      2.5,     5,      10,    60};
constexpr std::array<double, 10> kBytes = {256,     1024,    4096,    16384,    65536,
                                           262'144, 1048576, 4194304, 16777216, 67108864};

bool is_name(std::string_view name) {
  return !name.empty() && !is_digit(name[0]) &&
         std::ranges::all_of(name, [](char c) { return is_alpha(c) || is_digit(c) || c == '_'; });
}

// As the format asks: backslash and line break, and in label values quotes too.
void append_escaped(std::string& to, std::string_view text, bool quotes) {
  for (const char c : text) {
    if (c == '\n') {
      to += "\\n";
    } else {
      if (c == '\\' || (quotes && c == '"')) to += '\\';
      to += c;
    }
  }
}

void append_number(std::string& to, double number) {
  if (std::isfinite(number)) {
    append(to, number);
  } else {
    to += std::isnan(number) ? "NaN" : number > 0 ? "+Inf" : "-Inf";
  }
}

// {a="x",b="y"}, with `extra`, a label that is spelt already, behind them; nothing when there is
// none.
std::string spell_labels(std::span<const std::string> names, std::span<const std::string> values,
                         std::string_view extra = {}) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    append(text, text.empty() ? "{" : ",", names[i], "=\"");
    append_escaped(text, values[i], true);
    text += '"';
  }
  if (!extra.empty()) append(text, text.empty() ? "{" : ",", extra);
  if (!text.empty()) text += '}';
  return text;
}

using Values = std::vector<std::string>;

void append_series(std::string& to, std::string_view name, const Values& labels,
                   const Values& values, const Counter& counter) {
  append(to, name, spell_labels(labels, values), " ", counter.value(), "\n");
}

void append_series(std::string& to, std::string_view name, const Values& labels,
                   const Values& values, const Gauge& gauge) {
  append(to, name, spell_labels(labels, values), " ", gauge.value(), "\n");
}

void append_series(std::string& to, std::string_view name, const Values& labels,
                   const Values& values, const Histogram& histogram) {
  const Histogram::Reading reading = histogram.read();
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < reading.buckets.size(); ++i) {
    below += reading.buckets[i];
    std::string bound = "le=\"";
    append_number(bound, i < histogram.bounds().size() ? histogram.bounds()[i] : HUGE_VAL);
    bound += '"';
    append(to, name, "_bucket", spell_labels(labels, values, bound), " ", below, "\n");
  }
  append(to, name, "_sum", spell_labels(labels, values), " ");
  append_number(to, reading.sum);
  append(to, "\n", name, "_count", spell_labels(labels, values), " ", reading.count, "\n");
}

constexpr std::string_view type_of(const std::unique_ptr<CounterFamily>&) { return "counter"; }
constexpr std::string_view type_of(const std::unique_ptr<GaugeFamily>&) { return "gauge"; }
constexpr std::string_view type_of(const std::unique_ptr<HistogramFamily>&) { return "histogram"; }
constexpr std::string_view type_of(const std::function<double()>&) { return "gauge"; }

}  // namespace

std::span<const double> seconds_bounds() { return kSeconds; }
std::span<const double> bytes_bounds() { return kBytes; }

Histogram::Histogram(std::size_t slots, std::span<const double> bounds)
    : bounds_(bounds.begin(), bounds.end()),
      lines_per_slot_((bounds.size() + kCountsPerLine) / kCountsPerLine),
      lines_(slots * lines_per_slot_),
      sums_(slots) {
  MYNAH_CHECK(std::ranges::is_sorted(bounds_));
}

void Histogram::observe(Slot slot, double value) {
  MYNAH_CHECK(slot.index() < sums_.size());
  const auto bucket = std::ranges::lower_bound(bounds_, value) - bounds_.begin();
  // A NaN is no smaller than any bound: it is counted, and kept out of the sum, which it would
  // spoil.
  detail::add_to(
      count(slot.index(), std::isnan(value) ? bounds_.size() : static_cast<std::size_t>(bucket)),
      std::uint64_t{1}, slot);
  if (!std::isnan(value)) detail::add_to(sums_[slot.index()].value, value, slot);
}

Histogram::Reading Histogram::read() const {
  Reading reading;
  reading.buckets.resize(bounds_.size() + 1);
  for (std::size_t slot = 0; slot < sums_.size(); ++slot) {
    for (std::size_t i = 0; i < reading.buckets.size(); ++i) {
      const Line& line = lines_[slot * lines_per_slot_ + i / kCountsPerLine];
      reading.buckets[i] += line.counts[i % kCountsPerLine].load(std::memory_order_relaxed);
    }
    reading.sum += sums_[slot].value.load(std::memory_order_relaxed);
  }
  // The count of what was read, so that it never contradicts the buckets.
  for (const std::uint64_t bucket : reading.buckets) reading.count += bucket;
  return reading;
}

template <class Metric>
Metric& Family<Metric>::with(std::span<const std::string_view> values) {
  MYNAH_CHECK(values.size() == labels_.size());
  std::vector<std::string> key(values.begin(), values.end());
  const Hold hold(busy_);
  auto found = series_.find(key);
  if (found == series_.end() && series_.size() >= series_max_) {
    std::ranges::fill(key, "other");
    found = series_.find(key);
  }
  if (found == series_.end()) found = series_.emplace(std::move(key), make_()).first;
  return *found->second;
}

template <class Metric>
auto Family<Metric>::list() const -> std::vector<Series> {
  const Hold hold(busy_);
  std::vector<Series> list;
  list.reserve(series_.size());
  for (const auto& [values, metric] : series_) list.emplace_back(&values, metric.get());
  return list;
}

template class Family<Counter>;
template class Family<Gauge>;
template class Family<Histogram>;

struct Metrics::Entry {
  std::string help;
  std::variant<std::unique_ptr<CounterFamily>, std::unique_ptr<GaugeFamily>,
               std::unique_ptr<HistogramFamily>, std::function<double()>>
      family;
};

Metrics::Metrics(std::size_t workers, std::size_t series_max)
    : slots_(workers + 1), series_max_(series_max) {}
Metrics::~Metrics() = default;

template <class Metric>
Family<Metric>& Metrics::ensure(std::string_view name, std::string_view help, Labels labels,
                                Family<Metric>::Make make) {
  MYNAH_CHECK(is_name(name) && std::ranges::all_of(labels, is_name));
  const Hold hold(busy_);
  auto found = entries_.find(name);
  if (found == entries_.end()) {
    auto family = std::make_unique<Family<Metric>>(std::move(labels), series_max_, std::move(make));
    auto entry = std::make_unique<Entry>(std::string(help), std::move(family));
    found = entries_.emplace(std::string(name), std::move(entry)).first;
    return **std::get_if<std::unique_ptr<Family<Metric>>>(&found->second->family);
  }
  auto* family = std::get_if<std::unique_ptr<Family<Metric>>>(&found->second->family);
  MYNAH_CHECK(family != nullptr && (*family)->labels() == labels);
  return **family;
}

CounterFamily& Metrics::counters(std::string_view name, std::string_view help, Labels labels) {
  const std::size_t slots = slots_;
  return ensure<Counter>(name, help, std::move(labels),
                         [slots] { return std::make_unique<Counter>(slots); });
}

GaugeFamily& Metrics::gauges(std::string_view name, std::string_view help, Labels labels) {
  const std::size_t slots = slots_;
  return ensure<Gauge>(name, help, std::move(labels),
                       [slots] { return std::make_unique<Gauge>(slots); });
}

HistogramFamily& Metrics::histograms(std::string_view name, std::string_view help, Labels labels,
                                     std::span<const double> bounds) {
  const std::size_t slots = slots_;
  const std::vector<double> kept(bounds.begin(), bounds.end());
  return ensure<Histogram>(name, help, std::move(labels),
                           [slots, kept] { return std::make_unique<Histogram>(slots, kept); });
}

void Metrics::gauge_of(std::string_view name, std::string_view help,
                       std::function<double()> value) {
  MYNAH_CHECK(is_name(name));
  const Hold hold(busy_);
  const bool added =
      entries_
          .emplace(std::string(name), std::make_unique<Entry>(std::string(help), std::move(value)))
          .second;
  MYNAH_CHECK(added);
}

std::string Metrics::prometheus() const {
  // Entries are never removed, so the list holds after the lock; functions of others run without
  // it.
  std::vector<std::pair<std::string_view, const Entry*>> entries;
  {
    const Hold hold(busy_);
    for (const auto& [name, entry] : entries_) entries.emplace_back(name, entry.get());
  }
  std::string text;
  for (const auto& [name, entry] : entries) {
    append(text, "# HELP ", name, " ");
    append_escaped(text, entry->help, false);
    append(text, "\n# TYPE ", name, " ",
           std::visit([](const auto& family) { return type_of(family); }, entry->family), "\n");
    if (const auto* value = std::get_if<std::function<double()>>(&entry->family)) {
      append(text, name, " ");
      append_number(text, (*value)());
      text += '\n';
      continue;
    }
    const auto series = [&text, name](const auto& family) {
      if constexpr (requires { family->labels(); }) {
        for (const auto& [values, metric] : family->list()) {
          append_series(text, name, family->labels(), *values, *metric);
        }
      }
    };
    std::visit(series, entry->family);
  }
  return text;
}

}  // namespace mynah
