// SPDX-License-Identifier: Apache-2.0
// A hundred thousand vectors of 384 dimensions: how often the first find is the nearest of all, how
// long a search takes beside one that looks at every vector, and what the rest costs. Each
// benchmark runs once and tells its figures as counters; bench/embedded.py makes a table of them.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "aio/loop.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "vector/api.h"
#include "vector/database.h"
#include "vector/kernels.h"
#include "vector/vectors_testing.h"

namespace mynah::vector {
namespace {

constexpr std::size_t kDimension = 384;
constexpr std::size_t kQuestions = 1000;

std::size_t vectors_count() {
  const char* set = std::getenv("MYNAH_VECTORS");
  return set == nullptr ? 100'000 : std::strtoull(set, nullptr, 10);
}

const SystemClock kClock;

double microseconds_since(Instant start) {
  return std::chrono::duration<double, std::micro>(kClock.now() - start).count();
}

// The figure below which half, or 99 of 100, of the times lie.
void tell(benchmark::State& state, std::vector<double> times) {
  std::ranges::sort(times);
  state.counters["p50_us"] = times[times.size() / 2];
  state.counters["p99_us"] = times[times.size() * 99 / 100];
}

enum class Kind : std::int64_t { text_like, structureless };

struct Filled {
  explicit Filled(Kind kind_made) : kind(kind_made), source(kDimension) {
    const auto begun = kClock.now();
    for (std::size_t i = 0; i < vectors_count(); ++i) {
      vectors.push_back(kind == Kind::text_like ? source.fresh() : source.structureless());
      partition.put(cat(i), *encode(vectors.back(), Metric::cosine),
                    *pack_fields(Json::parse(cat("{\"n\":", i, "}"))->root()), kNeverExpires);
    }
    made_us = microseconds_since(begun);
    const auto linking = kClock.now();
    while (const auto job = partition.next_job(scratch)) partition.finish(*job);
    linked_us = microseconds_since(linking);
  }

  Kind kind;
  TextLike source;
  Scratch scratch;
  std::vector<std::vector<float>> vectors;
  Partition partition{1, kDimension, Metric::cosine, 7};
  double made_us = 0;
  double linked_us = 0;
};

Filled& filled(Kind kind) {
  static std::unique_ptr<Filled> held;
  if (held == nullptr || held->kind != kind) held = std::make_unique<Filled>(kind);
  return *held;
}

void link_all(benchmark::State& state) {
  for (auto _ : state) {
    const Filled& all = filled(Kind::text_like);
    const auto count = static_cast<double>(all.vectors.size());
    state.counters["link_us"] = all.linked_us / count;
    state.counters["bytes"] = static_cast<double>(all.partition.memory_bytes()) / count;
  }
  state.SetLabel(kernels().name);
}

// Questions that say in other words what is there, questions of their own, and both where nothing
// has any structure: no index of this kind is good at the last.
enum class Question : std::int64_t { other_words, own };

void search(benchmark::State& state) {
  Filled& all = filled(static_cast<Kind>(state.range(0)));
  std::vector<double> times;
  std::vector<double> exact_times;
  std::size_t right = 0;
  std::size_t right_by_bytes = 0;
  for (auto _ : state) {
    for (std::size_t i = 0; i < kQuestions; ++i) {
      const bool own = static_cast<Question>(state.range(1)) == Question::own;
      const bool plain = all.kind == Kind::structureless;
      const auto question = !own    ? all.source.near(all.vectors[i * 97 % all.vectors.size()])
                            : plain ? all.source.structureless()
                                    : all.source.fresh();
      auto begun = kClock.now();
      const auto query = make_query(question, Metric::cosine);
      const auto hits = all.partition.search({&*query, 1, nullptr, 1}, all.scratch);
      times.push_back(microseconds_since(begun));
      begun = kClock.now();
      const std::string nearest = cat(nearest_of(all.vectors, question, Metric::cosine));
      exact_times.push_back(microseconds_since(begun));
      if (all.partition.document(hits.at(0).slot).id == nearest) ++right;
      const auto found = all.partition.graph().search(query->code, 96, 1U << 30U, {}, all.scratch);
      if (all.partition.document(found.nearest.at(0).slot).id == nearest) ++right_by_bytes;
    }
  }
  tell(state, times);
  std::ranges::sort(exact_times);
  state.counters["exact_p50_us"] = exact_times[exact_times.size() / 2];
  state.counters["recall"] = static_cast<double>(right) / kQuestions;
  state.counters["recall_8_bits"] = static_cast<double>(right_by_bytes) / kQuestions;
}

// With a filter that lets one in so many through.
void search_filtered(benchmark::State& state) {
  Filled& all = filled(Kind::text_like);
  const auto limit = static_cast<std::int64_t>(all.vectors.size()) / state.range(0);
  const auto filter = Filter::parse(cat("n < ", limit));
  std::vector<double> times;
  for (auto _ : state) {
    for (std::size_t i = 0; i < 200; ++i) {
      const auto query = make_query(all.source.fresh(), Metric::cosine);
      const auto begun = kClock.now();
      benchmark::DoNotOptimize(all.partition.search({&*query, 10, &*filter, 1}, all.scratch));
      times.push_back(microseconds_since(begun));
    }
  }
  tell(state, times);
}

// A question and a write as plug-ins send them, JSON and all, to an index that links in the
// background.
void api(benchmark::State& state) {
  auto database = *Database::open({.memory_bytes = std::size_t{1} << 30}, kClock);
  TextLike source(kDimension);
  const auto body_of = [&](std::string_view before, std::string_view after) {
    JsonWriter json;
    json.begin_array();
    for (const float x : source.fresh()) json.value(static_cast<double>(x));
    json.end_array();
    return cat(before, std::move(json).take(), after);
  };
  std::vector<double> writes;
  std::vector<double> queries;
  for (auto _ : state) {
    for (std::size_t i = 0; i < 5000; ++i) {
      const ApiRequest write{"POST", "/v1/collections/default/docs",
                             body_of("{\"docs\":[{\"vector\":", ",\"fields\":{\"query\":\"Q\"}}]}"),
                             "r"};
      const ApiRequest query{"POST", "/v1/collections/default/query",
                             body_of("{\"topk\":1,\"vector\":", "}"), "r"};
      auto begun = kClock.now();
      benchmark::DoNotOptimize(handle(*database, write));
      writes.push_back(microseconds_since(begun));
      begun = kClock.now();
      benchmark::DoNotOptimize(handle(*database, query));
      queries.push_back(microseconds_since(begun));
    }
  }
  tell(state, queries);
  std::ranges::sort(writes);
  state.counters["write_p50_us"] = writes[writes.size() / 2];
  state.counters["write_p99_us"] = writes[writes.size() * 99 / 100];
}

void dot(benchmark::State& state) {
  const Kernels* form = find_kernels(static_cast<std::size_t>(state.range(0)));
  if (form == nullptr) return state.SkipWithError("not on this processor");
  const std::vector<std::int8_t> a(kDimension, 3);
  const std::vector<std::int8_t> b(kDimension, 5);
  for (auto _ : state) benchmark::DoNotOptimize(form->dot(a.data(), b.data(), kDimension));
  state.SetLabel(form->name);
}

BENCHMARK(link_all)->Iterations(1)->Unit(benchmark::kSecond);
BENCHMARK(search)->Args({0, 0})->Args({0, 1})->Iterations(1)->Unit(benchmark::kSecond);
BENCHMARK(search_filtered)->Arg(2)->Arg(100)->Arg(10'000)->Iterations(1)->Unit(benchmark::kSecond);
BENCHMARK(api)->Iterations(1)->Unit(benchmark::kSecond);
BENCHMARK(search)->Args({1, 0})->Args({1, 1})->Iterations(1)->Unit(benchmark::kSecond);
BENCHMARK(dot)->Arg(0)->Arg(1)->Arg(2);

}  // namespace
}  // namespace mynah::vector
