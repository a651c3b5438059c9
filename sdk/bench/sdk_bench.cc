// SPDX-License-Identifier: Apache-2.0
// What the coroutine of an exchange costs: one plug-in, written with the SDK and by hand on the
// ABI, in the real host without sockets. Both run in turns of a few milliseconds, so that what else
// the machine does befalls both; each counts with the median of its turns.
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <string>
#include <vector>

#include "wasm/bench_testing.h"

namespace mynah::wasm {
namespace {

constexpr int kTurns = 400;
constexpr int kExchanges = 400;
constexpr int kPieces = 4;

double thread_time() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

// Nanoseconds of this thread's time an exchange.
double turn(BenchMachine& plugin) {
  const double begun = thread_time();
  for (int i = 0; i < kExchanges; ++i) plugin.exchange(kPieces);
  return (thread_time() - begun) / kExchanges;
}

double median(std::vector<double> figures) {
  std::ranges::nth_element(figures, figures.begin() + kTurns / 2);
  return figures[kTurns / 2];
}

int compare() {
  const std::string config = R"({"mark": "seen by the bench"})";
  BenchMachine coroutine(test_module("bench-coroutine"), config);
  BenchMachine callbacks(test_module("bench-callbacks"), config);
  std::vector<double> with_sdk;
  std::vector<double> by_hand;
  for (int i = 0; i < kTurns; ++i) {
    with_sdk.push_back(turn(coroutine));
    by_hand.push_back(turn(callbacks));
  }
  // tidy: allow printf: the benchmark's answer
  std::printf("{\"coroutine_ns\": %.0f, \"callbacks_ns\": %.0f}\n", median(with_sdk),
              median(by_hand));
  return 0;
}

}  // namespace
}  // namespace mynah::wasm

int main() { return mynah::wasm::compare(); }
