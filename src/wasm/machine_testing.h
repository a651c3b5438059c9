// SPDX-License-Identifier: Apache-2.0
// What tests of a machine share: the probe (testdata/probe_testing.cc) with a script, in a small
// world. Every test runs twice: with the probe as WebAssembly, and with the same source linked into
// this process.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "wasm/machine.h"
#include "wasm/world_testing.h"

namespace mynah::wasm {

using abi::BodyAction;
using abi::HeadersAction;
using abi::MapType;
using abi::TrailersAction;

enum class Form { module, native };

class MachineTest : public testing::TestWithParam<Form> {
 protected:
  MachineTest() {
    settings.name = "probe";
    settings.version = "1.0.0";
    settings.vm_id = "vm";
    Headers& request = exchange.maps[MapType::request_headers];
    request.add(":method", "POST");
    request.add(":path", "/chat");
    request.add("user-agent", "test");
  }

  // Makes a machine with one root whose script that is.
  void start(const std::string& script) {
    auto made = GetParam() == Form::module
                    ? Machine::start(test_module("probe"), settings, outside, {data, queues})
                    : Machine::start(native_probe(), settings, outside, {data, queues});
    ASSERT_TRUE(made.ok()) << made.error().what;
    machine = *std::move(made);
    const auto configured = machine->configure("root", script);
    ASSERT_TRUE(configured.ok()) << configured.error().what;
    root = *configured;
    stream.emplace(*machine, root, exchange);
  }

  HeadersAction request_headers(End end = End::no) {
    return stream->on_request_headers(end).value_or(HeadersAction::continue_and_end_stream);
  }

  Journal journal;
  TestOutside outside{journal};
  TestExchange exchange{journal};
  SharedData data;
  SharedQueues queues;
  MachineSettings settings;
  std::unique_ptr<Machine> machine;
  RootId root = 0;
  std::optional<Stream> stream;
};

inline std::string name_of_form(const testing::TestParamInfo<Form>& form) {
  return form.param == Form::module ? "module" : "native";
}

}  // namespace mynah::wasm
