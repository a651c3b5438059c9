// SPDX-License-Identifier: Apache-2.0
// Goal: nothing that is counted is lost, series are bounded, and the text is what Prometheus reads.
#include "base/metrics.h"

#include <array>
#include <cmath>
#include <thread>

#include <gtest/gtest.h>

namespace mynah {
namespace {

constexpr std::array<double, 2> kBounds = {0.1, 1};

TEST(Metrics, SumsTheCellsOfAllSlots) {
  Metrics metrics(2);
  Counter& counter = metrics.counter("mynah_test_events_total", "Events.");
  Gauge& gauge = metrics.gauge("mynah_test_open", "Open.");

  counter.add(Slot::worker(0));
  counter.add(Slot::worker(1), 5);
  counter.add(Slot::shared(), 10);
  gauge.add(Slot::worker(0), 3);
  gauge.add(Slot::worker(1), -1);
  gauge.set(Slot::shared(), 7);

  EXPECT_EQ(counter.value(), 16U);
  EXPECT_EQ(gauge.value(), 9);
}

TEST(Metrics, AskingAgainReturnsTheSame) {
  Metrics metrics(1);

  CounterFamily& family = metrics.counters("mynah_test_total", "Help.", {"route"});

  EXPECT_EQ(&family, &metrics.counters("mynah_test_total", "Help.", {"route"}));
  EXPECT_EQ(&family.with({"a"}), &family.with({"a"}));
  EXPECT_NE(&family.with({"a"}), &family.with({"b"}));
}

TEST(Metrics, AHistogramCountsABoundInTheBucketBelowIt) {
  Metrics metrics(1);
  Histogram& histogram = metrics.histogram("mynah_test_seconds", "Time.", kBounds);

  histogram.observe(Slot::worker(0), 0.1);
  histogram.observe(Slot::worker(0), 0.5);
  histogram.observe(Slot::shared(), 3);
  histogram.observe(Slot::shared(), std::nan(""));

  const Histogram::Reading reading = histogram.read();
  EXPECT_EQ(reading.buckets, (std::vector<std::uint64_t>{1, 1, 2}));
  EXPECT_EQ(reading.count, 4U);
  EXPECT_DOUBLE_EQ(reading.sum, 3.6);
}

TEST(Metrics, SpeaksPrometheusInAFixedOrder) {
  Metrics metrics(1);
  metrics.gauge_of("mynah_b_bytes", "Held.", [] { return 1.5; });
  CounterFamily& family =
      metrics.counters("mynah_a_total", "Two\nlines \\ \"quoted\".", {"route", "code"});
  family.with({"z", "200"}).add(Slot::worker(0), 2);
  family.with({"a\"\\\n", "500"}).add(Slot::worker(0));
  metrics.histograms("mynah_c_seconds", "Time.", {"route"}, kBounds)
      .with({"a"})
      .observe(Slot::worker(0), 0.5);

  EXPECT_EQ(metrics.prometheus(),
            "# HELP mynah_a_total Two\\nlines \\\\ \"quoted\".\n"
            "# TYPE mynah_a_total counter\n"
            "mynah_a_total{route=\"a\\\"\\\\\\n\",code=\"500\"} 1\n"
            "mynah_a_total{route=\"z\",code=\"200\"} 2\n"
            "# HELP mynah_b_bytes Held.\n"
            "# TYPE mynah_b_bytes gauge\n"
            "mynah_b_bytes 1.5\n"
            "# HELP mynah_c_seconds Time.\n"
            "# TYPE mynah_c_seconds histogram\n"
            "mynah_c_seconds_bucket{route=\"a\",le=\"0.1\"} 0\n"
            "mynah_c_seconds_bucket{route=\"a\",le=\"1\"} 1\n"
            "mynah_c_seconds_bucket{route=\"a\",le=\"+Inf\"} 1\n"
            "mynah_c_seconds_sum{route=\"a\"} 0.5\n"
            "mynah_c_seconds_count{route=\"a\"} 1\n");
}

TEST(Metrics, SeriesBeyondTheLimitAreOne) {
  Metrics metrics(1, 2);
  CounterFamily& family = metrics.counters("mynah_test_total", "Help.", {"who"});

  family.with({"a"}).add(Slot::worker(0));
  family.with({"b"}).add(Slot::worker(0));
  family.with({"c"}).add(Slot::worker(0));
  family.with({"d"}).add(Slot::worker(0));
  family.with({"a"}).add(Slot::worker(0));

  EXPECT_EQ(family.with({"a"}).value(), 2U);
  EXPECT_EQ(family.with({"other"}).value(), 2U);
}

TEST(Metrics, TheUsualBoundsRise) {
  EXPECT_EQ(Histogram(1, seconds_bounds()).read().buckets.size(), seconds_bounds().size() + 1);
  EXPECT_EQ(Histogram(1, bytes_bounds()).read().buckets.size(), bytes_bounds().size() + 1);
}

TEST(Metrics, ThreadsCountAndReadAtOnce) {
  Metrics metrics(2);
  CounterFamily& family = metrics.counters("mynah_test_total", "Help.", {"who"});
  Histogram& histogram = metrics.histogram("mynah_test_seconds", "Time.", kBounds);
  const auto work = [&](std::size_t index) {
    for (int i = 0; i < 1000; ++i) {
      family.with({"both"}).add(Slot::shared());
      family.with({"both"}).add(Slot::worker(index));
      histogram.observe(Slot::worker(index), 0.5);
      histogram.observe(Slot::shared(), 0.5);
    }
  };

  std::thread a(work, 0);
  std::thread b(work, 1);
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(metrics.prometheus().empty());
  a.join();
  b.join();

  EXPECT_EQ(family.with({"both"}).value(), 4000U);
  EXPECT_EQ(histogram.read().count, 4000U);
}

TEST(MetricsDeathTest, MisuseIsABug) {
  Metrics metrics(1);
  metrics.counter("mynah_test_total", "Help.");

  EXPECT_DEATH(metrics.gauge("mynah_test_total", "Help."), "broken invariant");
  EXPECT_DEATH(metrics.counters("mynah_test_total", "Help.", {"a"}), "broken invariant");
  EXPECT_DEATH(metrics.counter("bad name", "Help."), "broken invariant");
  EXPECT_DEATH(metrics.counters("mynah_x_total", "Help.", {"a"}).with({}), "broken invariant");
  EXPECT_DEATH(metrics.counter("mynah_test_total", "Help.").add(Slot::worker(1)),
               "broken invariant");
}

}  // namespace
}  // namespace mynah
