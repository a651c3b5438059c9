// SPDX-License-Identifier: Apache-2.0
// What the coroutine of an exchange costs: one plug-in, written with the SDK and by hand on the
// ABI, in the real host without sockets. Both run in turns of a few milliseconds, so that what else
// the machine does befalls both; each counts with the median of its turns.
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/text.h"
#include "wasm/machine.h"
#include "wasm/world_testing.h"

namespace mynah::wasm {
namespace {

constexpr int kTurns = 400;
constexpr int kExchanges = 400;
constexpr int kPieces = 4;

// An exchange whose notes do not pile up.
class Bench final {
 public:
  explicit Bench(std::string_view module) {
    settings_.name = "bench";
    auto machine = Machine::start(test_module(module), settings_, outside_, {data_, queues_});
    MYNAH_CHECK(machine.ok());
    machine_ = *std::move(machine);
    const auto root = machine_->configure("bench", R"({"mark": "seen by the bench"})");
    MYNAH_CHECK(root.ok());
    root_ = *root;
    for (const auto map : {abi::MapType::request_headers, abi::MapType::response_headers}) {
      Headers& headers = exchange_.maps[map];
      headers.add(map == abi::MapType::request_headers ? ":path" : ":status", "/index.html");
      for (const std::string_view name : {"accept", "user-agent", "x-request-id", "content-type"})
        headers.add(name, "some value of a header field");
    }
    exchange_.bodies[Direction::request].append(Slice::of_static("a body"));
    exchange_.bodies[Direction::response].append(Slice::of_static("a piece of a body"));
  }

  // Nanoseconds of this thread's time an exchange.
  double turn() {
    const double begun = thread_time();
    for (int i = 0; i < kExchanges; ++i) exchange();
    return (thread_time() - begun) / kExchanges;
  }

 private:
  static double thread_time() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
  }

  void exchange() {
    Stream stream(*machine_, root_, exchange_);
    bool well = stream.on_request_headers(End::no).ok() && stream.on_request_body(End::yes).ok() &&
                stream.on_response_headers(End::no).ok();
    for (int i = 1; i <= kPieces; ++i)
      well = well && stream.on_response_body(i == kPieces ? End::yes : End::no).ok();
    MYNAH_CHECK(well);
    exchange_.journal.take();
  }

  Journal journal_;
  TestOutside outside_{journal_};
  TestExchange exchange_{journal_};
  SharedData data_;
  SharedQueues queues_;
  MachineSettings settings_;
  std::unique_ptr<Machine> machine_;
  RootId root_ = 0;
};

double median(std::vector<double> figures) {
  std::ranges::nth_element(figures, figures.begin() + kTurns / 2);
  return figures[kTurns / 2];
}

int compare() {
  Bench coroutine("bench-coroutine");
  Bench callbacks("bench-callbacks");
  std::vector<double> with_sdk;
  std::vector<double> by_hand;
  for (int i = 0; i < kTurns; ++i) {
    with_sdk.push_back(coroutine.turn());
    by_hand.push_back(callbacks.turn());
  }
  // tidy: allow printf: the benchmark's answer
  std::printf("{\"coroutine_ns\": %.0f, \"callbacks_ns\": %.0f}\n", median(with_sdk),
              median(by_hand));
  return 0;
}

}  // namespace
}  // namespace mynah::wasm

int main() { return mynah::wasm::compare(); }
