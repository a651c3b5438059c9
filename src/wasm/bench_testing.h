// SPDX-License-Identifier: Apache-2.0
// What benchmarks of a machine share: one plug-in in a small world, and an exchange that passes it
// with a body each way.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "wasm/machine.h"
#include "wasm/world_testing.h"

namespace mynah::wasm {

// An exchange's notes do not pile up.
class BenchMachine final {
 public:
  BenchMachine(std::shared_ptr<const Module> module, const std::string& configuration) {
    settings_.name = "bench";
    auto machine = Machine::start(std::move(module), settings_, outside_, {data_, queues_});
    MYNAH_CHECK(machine.ok());
    machine_ = *std::move(machine);
    const auto root = machine_->configure("bench", configuration);
    MYNAH_CHECK(root.ok());
    root_ = *root;
    for (const auto map : {abi::MapType::request_headers, abi::MapType::response_headers}) {
      Headers& headers = exchange_.maps[map];
      headers.add(map == abi::MapType::request_headers ? ":path" : ":status", "/index.html");
      for (const std::string_view name : {"accept", "user-agent", "x-request-id", "content-type"}) {
        headers.add(name, "some value of a header field");
      }
    }
    exchange_.bodies[Direction::request].append(Slice::of_static("a body"));
    exchange_.bodies[Direction::response].append(Slice::of_static("a body"));
  }

  // All phases, the response's body in so many pieces.
  void exchange(int pieces) {
    Stream stream(*machine_, root_, exchange_);
    bool went_well = stream.on_request_headers(End::no).ok() &&
                     stream.on_request_body(End::yes).ok() &&
                     stream.on_response_headers(End::no).ok();
    for (int i = 1; i <= pieces; ++i)
      went_well = went_well && stream.on_response_body(i == pieces ? End::yes : End::no).ok();
    MYNAH_CHECK(went_well);
    exchange_.journal.take();
  }

 private:
  Journal journal_;
  TestOutside outside_{journal_};
  TestExchange exchange_{journal_};
  SharedData data_;
  SharedQueues queues_;
  MachineSettings settings_;
  std::unique_ptr<Machine> machine_;
  RootId root_ = 0;
};

}  // namespace mynah::wasm
