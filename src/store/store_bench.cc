// SPDX-License-Identifier: Apache-2.0
// Time of GET and SET, from one thread and two, at a hundred thousand and a million entries of
// about six hundred bytes.
#include <chrono>
#include <filesystem>

#include <benchmark/benchmark.h>

#include "aio/loop.h"
#include "base/text.h"
#include "store/store.h"

namespace mynah::store {
namespace {

const SystemClock kClock;
constexpr std::size_t kValueBytes = 606;

std::string key_of(std::uint64_t number) {
  return cat("higress-ai-cache:question number ", number);
}

// One filled store for all threads of a benchmark, made by whoever comes first.
Store& filled(std::int64_t entries, bool on_disk) {
  static std::unique_ptr<Store> store;
  static std::int64_t held = -1;
  static bool disk = false;
  static std::mutex making;
  const std::scoped_lock locked(making);
  if (held == entries && disk == on_disk) return *store;
  store.reset();
  StoreOptions options{.memory_bytes = std::size_t{4} << 30};
  const std::string folder =
      (std::filesystem::temp_directory_path() / "mynah-store-bench").string();
  std::filesystem::remove_all(folder);
  if (on_disk) options.folder = folder;
  store = *Store::open(options, kClock);
  const std::string value(kValueBytes, 'v');
  for (std::int64_t i = 0; i < entries; ++i) {
    store->execute({"SET", key_of(static_cast<std::uint64_t>(i)), value});
  }
  held = entries;
  disk = on_disk;
  return *store;
}

// Keys in no order that a cache could learn; made before the clock runs.
std::vector<std::string> keys_to_ask(std::int64_t entries, int thread) {
  std::vector<std::string> keys;
  std::uint64_t state = static_cast<std::uint64_t>(thread) * 977 + 1;
  for (int i = 0; i < 1 << 16; ++i) {
    state = state * 6364136223846793005 + 1442695040888963407;
    keys.push_back(key_of((state >> 20) % static_cast<std::uint64_t>(entries)));
  }
  return keys;
}

void get(benchmark::State& state) {
  Store& store = filled(state.range(0), false);
  const auto keys = keys_to_ask(state.range(0), state.thread_index());
  std::size_t i = 0;
  for (auto _ : state) {
    const Resp reply = store.execute({"GET", keys[i++ & 0xffff]});
    benchmark::DoNotOptimize(reply.text.view().data());
  }
}

// The shortest way to a cached answer: no words, no reply.
void get_shared(benchmark::State& state) {
  Store& store = filled(state.range(0), false);
  const auto keys = keys_to_ask(state.range(0), state.thread_index());
  std::size_t i = 0;
  for (auto _ : state) {
    const auto value = store.get(keys[i++ & 0xffff]);
    benchmark::DoNotOptimize(value->view().data());
  }
}

void set(benchmark::State& state) {
  Store& store = filled(state.range(0), state.range(1) != 0);
  const auto keys = keys_to_ask(state.range(0), state.thread_index());
  const std::string value(kValueBytes, 'w');
  std::size_t i = 0;
  for (auto _ : state) store.execute({"SET", keys[i++ & 0xffff], value, "EX", "3600"});
}

void rate_limit_script(benchmark::State& state) {
  Store& store = filled(100'000, false);
  constexpr const char* kScript =
      "local current = redis.call('incr', KEYS[1]) "
      "if current == 1 then redis.call('expire', KEYS[1], ARGV[1]) end return current";
  for (auto _ : state) store.execute({"EVAL", kScript, "1", "limit", "60"});
}

// Starting on a folder that holds the entries.
void start(benchmark::State& state) {
  filled(1, false);  // Gives the memory of an earlier one back.
  const std::string from =
      (std::filesystem::temp_directory_path() / "mynah-store-bench-kept").string();
  std::filesystem::remove_all(from);
  StoreOptions options{.memory_bytes = std::size_t{4} << 30, .folder = from};
  {
    auto store = *Store::open(options, kClock);
    const std::string value(kValueBytes, 'v');
    for (std::int64_t i = 0; i < state.range(0); ++i) {
      store->execute({"SET", key_of(static_cast<std::uint64_t>(i)), value});
    }
  }
  for (auto _ : state) benchmark::DoNotOptimize(Store::open(options, kClock).ok());
  std::filesystem::remove_all(from);
}

BENCHMARK(get)->Arg(100'000)->Arg(1'000'000)->ThreadRange(1, 2)->UseRealTime();
BENCHMARK(get_shared)->Arg(100'000)->Arg(1'000'000)->ThreadRange(1, 2)->UseRealTime();
BENCHMARK(set)
    ->Args({100'000, 0})
    ->Args({1'000'000, 0})
    ->Args({100'000, 1})
    ->ThreadRange(1, 2)
    ->UseRealTime();
BENCHMARK(rate_limit_script)->UseRealTime();
BENCHMARK(start)
    ->Arg(100'000)
    ->Arg(1'000'000)
    ->Unit(benchmark::kMillisecond)
    ->Iterations(1)
    ->UseRealTime();

}  // namespace
}  // namespace mynah::store
