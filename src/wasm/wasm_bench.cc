// SPDX-License-Identifier: Apache-2.0
// What a plug-in costs an exchange, without sockets. `exchange` is all phases of one exchange with
// a body each way.
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "base/text.h"
#include "wasm/bench_testing.h"

namespace mynah::wasm {
namespace {

constexpr std::string_view kNothing =
    "(func (export \"proxy_on_context_create\") (param i32 i32))"
    "(func (export \"proxy_on_request_headers\") (param i32 i32 i32) (result i32) (i32.const 0))"
    "(func (export \"proxy_on_request_body\") (param i32 i32 i32) (result i32) (i32.const 0))"
    "(func (export \"proxy_on_response_headers\") (param i32 i32 i32) (result i32) (i32.const 0))"
    "(func (export \"proxy_on_response_body\") (param i32 i32 i32) (result i32) (i32.const 0))"
    "(func (export \"proxy_on_done\") (param i32) (result i32) (i32.const 1))"
    "(func (export \"proxy_on_log\") (param i32))"
    "(func (export \"proxy_on_delete\") (param i32))";

// Reads one header and sets another in both directions; its allocator hands out the same room
// again.
constexpr std::string_view kHeaders =
    "(import \"env\" \"proxy_get_header_map_value\""
    " (func $get (param i32 i32 i32 i32 i32) (result i32)))"
    "(import \"env\" \"proxy_replace_header_map_value\""
    " (func $set (param i32 i32 i32 i32 i32) (result i32)))"
    "(memory (export \"memory\") 1)"
    "(data (i32.const 16) \"user-agent\") (data (i32.const 32) \"x-plugin\")"
    "(func (export \"malloc\") (param i32) (result i32) (i32.const 1024))"
    "(func $work (param $map i32)"
    " (drop (call $get (local.get $map) (i32.const 16) (i32.const 10) (i32.const 64) (i32.const "
    "68)))"
    " (drop (call $set (local.get $map) (i32.const 32) (i32.const 8) (i32.const 32) (i32.const "
    "8))))"
    "(func (export \"proxy_on_request_headers\") (param i32 i32 i32) (result i32)"
    " (call $work (i32.const 0)) (i32.const 0))"
    "(func (export \"proxy_on_response_headers\") (param i32 i32 i32) (result i32)"
    " (call $work (i32.const 2)) (i32.const 0))";

void run(benchmark::State& state, const std::shared_ptr<const Module>& module) {
  BenchMachine bench(module, "");
  for (auto _ : state) bench.exchange(1);
}

void nothing(benchmark::State& state) { run(state, assemble_plugin(kNothing)); }
BENCHMARK(nothing);

void no_callbacks(benchmark::State& state) { run(state, assemble_plugin("")); }
BENCHMARK(no_callbacks);

void headers(benchmark::State& state) { run(state, assemble_plugin(kHeaders)); }
BENCHMARK(headers);

void ten_plugins(benchmark::State& state) {
  const auto module = assemble_plugin(kHeaders);
  std::vector<std::unique_ptr<BenchMachine>> chain;
  for (int i = 0; i < 10; ++i) chain.push_back(std::make_unique<BenchMachine>(module, ""));
  for (auto _ : state) {
    for (const auto& each : chain) each->exchange(1);
  }
}
BENCHMARK(ten_plugins);

void load_compiled(benchmark::State& state) {
  const auto module = test_module("probe");
  const std::string wasm = read_test_file(cat(MYNAH_TEST_MODULES, "/probe.wasm"));
  const std::string path = cat(MYNAH_TEST_MODULES, "/probe.native");
  const auto native = module->serialize();
  std::FILE* const file = std::fopen(path.c_str(), "wb");
  MYNAH_CHECK(file != nullptr);
  std::fwrite(native->data(), 1, native->size(), file);
  std::fclose(file);
  for (auto _ : state) {
    MYNAH_CHECK(Module::load(test_engine(), wasm, path).ok());
  }
}
BENCHMARK(load_compiled)->Unit(benchmark::kMicrosecond);

void new_machine(benchmark::State& state) {
  const auto module = test_module("probe");
  for (auto _ : state) BenchMachine(module, "");
}
BENCHMARK(new_machine)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace mynah::wasm
