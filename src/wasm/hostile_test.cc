// SPDX-License-Identifier: Apache-2.0
// Plug-ins that do harm: the machine ends with an error that says what happened, and nothing else
// does.
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "abi/callbacks.h"
#include "base/text.h"
#include "wasm/imports.h"
#include "wasm/machine.h"
#include "wasm/world_testing.h"

namespace mynah::wasm {
namespace {

using abi::Callback;
using abi::HeadersAction;

class HostileTest : public testing::Test {
 protected:
  HostileTest() {
    settings.name = "bad";
    settings.version = "6.6.6";
    settings.limits.call_time = std::chrono::milliseconds(20);
    settings.limits.start_time = std::chrono::milliseconds(50);
    settings.limits.memory_bytes = std::size_t{32} << 20;
    exchange.maps[abi::MapType::request_headers].add(":path", "/");
    exchange.maps[abi::MapType::request_headers].add("x-kept", "yes");
    exchange.bodies[Direction::request].append(Slice::of_static("body"));
  }

  Result<std::unique_ptr<Machine>> start(std::string_view text) {
    return Machine::start(assemble_plugin(text), settings, outside, {data, queues});
  }
  Result<std::unique_ptr<Machine>> start_probe() {
    return Machine::start(test_module("probe"), settings, outside, {data, queues});
  }

  // What goes wrong when a probe with that script gets request headers.
  std::string fault_of(const std::string& script) {
    auto machine = start_probe();
    EXPECT_TRUE(machine.ok());
    const auto root = (*machine)->configure("root", script);
    EXPECT_TRUE(root.ok());
    Stream stream(**machine, *root, exchange);
    const auto action = stream.on_request_headers(End::no);
    EXPECT_FALSE(action.ok());
    return action ? "" : action.error().what;
  }

  Journal journal;
  TestOutside outside{journal};
  TestExchange exchange{journal};
  SharedData data;
  SharedQueues queues;
  MachineSettings settings;
};

std::string looping_callback(const abi::CallbackShape& shape) {
  std::string text = cat("(func (export \"", shape.name, "\")");
  for (int i = 0; i < shape.parameters; ++i) append(text, " (param i32)");
  if (shape.answers) append(text, " (result i32)");
  append(text, " (loop (br 0)) ", shape.answers ? "(i32.const 1)" : "", ")\n");
  return text;
}

// Calls whatever leads to the callback, and returns what the machine says then.
std::string drive(Machine& machine, RootId root, TestExchange& exchange) {
  {
    Stream stream(machine, root, exchange);
    stream.on_request_headers(End::no).ignore();
    stream.on_request_body(End::no).ignore();
    stream.on_request_trailers().ignore();
    stream.on_response_headers(End::no).ignore();
    stream.on_response_body(End::no).ignore();
    stream.on_response_trailers().ignore();
    machine.on_tick(root).ignore();
    machine.on_queue_ready(root, 1).ignore();
  }
  return machine.fault() == nullptr ? "no fault" : machine.fault()->what;
}

TEST_F(HostileTest, AnEndlessLoopInAnyCallbackMeetsTheTimeLimit) {
  constexpr Callback kCallbacks[] = {Callback::on_context_create,
                                     Callback::on_tick,
                                     Callback::on_queue_ready,
                                     Callback::on_request_headers,
                                     Callback::on_request_body,
                                     Callback::on_request_trailers,
                                     Callback::on_response_headers,
                                     Callback::on_response_body,
                                     Callback::on_response_trailers,
                                     Callback::on_done,
                                     Callback::on_log,
                                     Callback::on_delete};
  for (const Callback callback : kCallbacks) {
    const abi::CallbackShape& shape = shape_of(callback);
    auto machine = start(looping_callback(shape));
    ASSERT_TRUE(machine.ok()) << machine.error().what;
    const auto root = (*machine)->configure("root", "");

    const std::string fault = root ? drive(**machine, *root, exchange) : root.error().what;

    EXPECT_TRUE(fault.starts_with(cat("plug-in bad 6.6.6, ", shape.name, ": time limit"))) << fault;
  }
}

TEST_F(HostileTest, AnEndlessLoopInAStartFunctionMeetsTheTimeLimit) {
  for (const std::string_view text :
       {"(func $s (loop (br 0))) (start $s)", "(func (export \"_initialize\") (loop (br 0)))",
        "(func (export \"_start\") (loop (br 0)))"}) {
    const auto machine = start(text);

    ASSERT_FALSE(machine.ok());
    EXPECT_NE(machine.error().what.find("time limit"), std::string::npos) << machine.error().what;
  }
}

TEST_F(HostileTest, AnEndlessLoopWhileConfiguringMeetsTheTimeLimit) {
  for (const Callback callback : {Callback::on_vm_start, Callback::on_configure}) {
    auto machine = start(looping_callback(shape_of(callback)));
    ASSERT_TRUE(machine.ok());

    const auto root = (*machine)->configure("root", "");

    ASSERT_FALSE(root.ok());
    EXPECT_EQ(root.error().code, Errc::plugin_fault);
  }
}

// A plug-in whose allocator has that body and which reads a header's value when it gets request
// headers.
std::string with_allocator(std::string_view body) {
  return cat(
      "(import \"env\" \"proxy_get_header_map_value\" (func $get (param i32 i32 i32 i32 i32) "
      "(result i32)))"
      "(import \"env\" \"proxy_remove_header_map_value\" (func $remove (param i32 i32 i32) (result "
      "i32)))"
      "(memory (export \"memory\") 1)"
      "(data (i32.const 16) \"x-kept\")"
      "(global $answer (mut i32) (i32.const 0))"
      "(func (export \"malloc\") (param i32) (result i32) ",
      body,
      ")"
      "(func (export \"proxy_on_request_headers\") (param i32 i32 i32) (result i32)"
      " (global.set $answer (call $get (i32.const 0) (i32.const 16) (i32.const 6) (i32.const 32) "
      "(i32.const 36)))"
      " (i32.add (i32.const 100) (global.get $answer)))"
      "(func (export \"proxy_on_request_body\") (param i32 i32 i32) (result i32)"
      " (if (i32.eq (global.get $answer) (i32.const 6)) (then (return (i32.const 1))))"
      " (i32.const 0))");
}

TEST_F(HostileTest, AnAllocatorThatLoopsOrTrapsEndsTheMachine) {
  for (const std::string_view body : {"(loop (br 0)) (i32.const 0)", "(unreachable)"}) {
    auto machine = start(with_allocator(body));
    const auto root = (*machine)->configure("root", "");

    Stream stream(**machine, *root, exchange);

    EXPECT_FALSE(stream.on_request_headers(End::no).ok());
    EXPECT_NE((*machine)->fault(), nullptr);
  }
}

TEST_F(HostileTest, AnAllocatorThatGivesWildMemoryFailsTheCallOnly) {
  for (const std::string_view body :
       {"(i32.const 0)", "(i32.const -1)", "(i32.const 65534)", "(i32.const 2147483647)"}) {
    auto machine = start(with_allocator(body));
    const auto root = (*machine)->configure("root", "");
    Stream stream(**machine, *root, exchange);

    ASSERT_TRUE(stream.on_request_headers(End::no).ok());

    // The plug-in was told "invalid memory access".
    EXPECT_EQ(*stream.on_request_body(End::no), abi::BodyAction::stop_and_buffer);
  }
}

TEST_F(HostileTest, AnAllocatorCannotChangeWhatIsBeingRead) {
  auto machine = start(with_allocator(
      "(drop (call $remove (i32.const 0) (i32.const 16) (i32.const 6))) (i32.const 1024)"));
  const auto root = (*machine)->configure("root", "");
  Stream stream(**machine, *root, exchange);

  ASSERT_TRUE(stream.on_request_headers(End::no).ok());

  EXPECT_EQ(exchange.maps[abi::MapType::request_headers].value_or("x-kept", ""), "yes");
}

// Calls every host function with all arguments alike when it gets request headers.
std::string calling_everything_with(std::int64_t value) {
  std::string imports;
  std::string calls;
  int index = 0;
  for (const HostFunction& function : host_functions()) {
    if (function.name == "abort" || function.name == "proc_exit") continue;
    append(imports, "(import \"", function.module, "\" \"", function.name, "\" (func $f", index);
    append(calls, function.signature.results.empty() ? "(call $f" : "(drop (call $f", index);
    for (const char letter : function.signature.parameters) {
      append(imports, " (param ", letter == 'I' ? "i64" : "i32", ")");
      append(calls, letter == 'I' ? " (i64.const " : " (i32.const ", value, ")");
    }
    append(imports, function.signature.results.empty() ? "))\n" : " (result i32)))\n");
    append(calls, function.signature.results.empty() ? ")\n" : "))\n");
    ++index;
  }
  return cat(imports,
             "(func (export \"proxy_on_request_headers\") (param i32 i32 i32) (result i32)\n",
             calls, "(i32.const 0))\n");
}

TEST_F(HostileTest, WildArgumentsToEveryHostFunctionHarmNobody) {
  settings.limits.call_time = std::chrono::seconds(10);
  for (const std::int64_t value :
       {-1LL, 0LL, 1LL, 4LL, 65'533LL, 65'536LL, 2'147'483'647LL, -2'147'483'648LL}) {
    auto machine = start(calling_everything_with(value));
    ASSERT_TRUE(machine.ok()) << machine.error().what;
    const auto root = (*machine)->configure("root", "");
    Stream stream(**machine, *root, exchange);

    EXPECT_TRUE(stream.on_request_headers(End::no).ok()) << value;
  }
}

TEST_F(HostileTest, EndlessRecursionIsAStackOverflow) {
  auto machine = start(
      "(func $f (param i32) (result i32) (i32.add (call $f (local.get 0)) (i32.const 1)))"
      "(func (export \"proxy_on_request_headers\") (param i32 i32 i32) (result i32)"
      " (call $f (i32.const 1)))");
  const auto root = (*machine)->configure("root", "");
  Stream stream(**machine, *root, exchange);

  const auto action = stream.on_request_headers(End::no);

  ASSERT_FALSE(action.ok());
  EXPECT_NE(action.error().what.find("proxy_on_request_headers: stack overflow"), std::string::npos)
      << action.error().what;
}

TEST_F(HostileTest, RecursionThatFillsThePlugInsOwnStackLeavesItsMemory) {
  const std::string fault = fault_of("request_headers: recurse\n");

  EXPECT_NE(fault.find("access outside of memory"), std::string::npos) << fault;
}

TEST_F(HostileTest, MemoryThatGrowsWithoutEndStopsAtTheLimit) {
  settings.limits.call_time = std::chrono::seconds(10);

  const std::string fault = fault_of("request_headers: grow\n");

  EXPECT_NE(fault.find("unreachable code"), std::string::npos) << fault;
  EXPECT_NE(fault.find("of 32 MiB"), std::string::npos) << fault;
}

TEST_F(HostileTest, ATrapTellsTheStackByName) {
  const std::string fault = fault_of("request_headers: trap\n");

  EXPECT_NE(fault.find("\n  at "), std::string::npos) << fault;
  EXPECT_NE(fault.find("on_request_headers (offset"), std::string::npos) << fault;
}

TEST_F(HostileTest, LeavingInACallbackEndsTheMachine) {
  EXPECT_NE(fault_of("request_headers: exit 3\n").find("proc_exit(3)"), std::string::npos);
}

TEST_F(HostileTest, LeavingAStartFunctionWithSuccessIsItsEnd) {
  const auto machine = start(
      "(import \"wasi_snapshot_preview1\" \"proc_exit\" (func $exit (param i32)))"
      "(func (export \"_start\") (call $exit (i32.const 0)))");

  EXPECT_TRUE(machine.ok());
}

TEST_F(HostileTest, LeavingAStartFunctionWithAnErrorIsOne) {
  const auto machine = start(
      "(import \"wasi_snapshot_preview1\" \"proc_exit\" (func $exit (param i32)))"
      "(func (export \"_start\") (call $exit (i32.const 2)))");

  ASSERT_FALSE(machine.ok());
  EXPECT_NE(machine.error().what.find("proc_exit(2)"), std::string::npos);
}

TEST_F(HostileTest, AFaultIsToldToTheOtherExchangesAndStays) {
  auto machine = start_probe();
  const auto root =
      (*machine)->configure("root", "request_body: trap\nrequest_headers: return 1\n");
  Journal other_journal;
  TestExchange other(other_journal);
  Stream waiting(**machine, *root, other);
  Stream stream(**machine, *root, exchange);
  ASSERT_TRUE(waiting.on_request_headers(End::no).ok());
  ASSERT_TRUE(stream.on_request_headers(End::no).ok());

  EXPECT_EQ(stream.on_request_body(End::no).error().code, Errc::plugin_fault);

  EXPECT_EQ(other_journal.take(),
            "exchange failed: plug-in bad 6.6.6, proxy_on_request_body: unreachable code (abort or "
            "panic)\n");
  EXPECT_FALSE(journal.contains("exchange failed"));
  EXPECT_EQ(waiting.on_request_body(End::no).error().code, Errc::plugin_fault);
  EXPECT_FALSE((*machine)->on_tick(*root).ok());
  EXPECT_FALSE((*machine)->configure("again", "").ok());
}

TEST_F(HostileTest, AModuleThatStartsOverTheMemoryLimitIsRefused) {
  const auto machine = start("(memory (export \"memory\") 1024)");

  ASSERT_FALSE(machine.ok());
  EXPECT_NE(machine.error().what.find("64 MiB of memory"), std::string::npos)
      << machine.error().what;
}

TEST_F(HostileTest, CallsWithoutEndStopAtTheLimit) {
  std::string script;
  for (int i = 0; i < 2'000; ++i) append(script, "request_headers: http backend\n");
  settings.limits.call_time = std::chrono::seconds(10);
  settings.limits.log_lines_a_second = 0;
  auto machine = start_probe();
  const auto root = (*machine)->configure("root", script);
  Stream stream(**machine, *root, exchange);

  ASSERT_TRUE(stream.on_request_headers(End::no).ok());

  EXPECT_EQ((*machine)->calls_in_flight(), settings.limits.calls_in_flight);
}

TEST_F(HostileTest, AStopOfHeadersStopsAllInVersionsThatEnvoyRuns) {
  for (const std::string_view version : {"0_1_0", "0_2_0", "0_2_1"}) {
    auto machine = start(cat("(func (export \"proxy_abi_version_", version,
                             "\")) (func (export \"proxy_on_request_headers\") (param i32 i32 i32) "
                             "(result i32) (i32.const 1))"));
    const auto root = (*machine)->configure("root", "");
    Stream stream(**machine, *root, exchange);

    EXPECT_EQ(*stream.on_request_headers(End::no), HeadersAction::stop_all_and_watermark);
  }
}

TEST_F(HostileTest, HeadersCallbacksOfTheFirstVersionHaveTwoParameters) {
  auto machine = start(
      "(func (export \"proxy_abi_version_0_1_0\")) (func (export \"proxy_on_request_headers\") "
      "(param i32 i32) (result i32) (i32.add (i32.const 2) (i32.mul (local.get 1) (i32.const "
      "0))))");
  ASSERT_TRUE(machine.ok()) << machine.error().what;
  const auto root = (*machine)->configure("root", "");
  Stream stream(**machine, *root, exchange);

  EXPECT_EQ(*stream.on_request_headers(End::no), HeadersAction::continue_and_end_stream);
}

}  // namespace
}  // namespace mynah::wasm
