// SPDX-License-Identifier: Apache-2.0
// Writes down what the host asks of the world.
#include "wasm/world_testing.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <fstream>
#include <iterator>
#include <thread>
#include <wasmtime.h>

#include "base/check.h"
#include "base/text.h"

namespace mynah::wasm {
namespace {

std::string join_path(PropertyPath path) {
  std::string joined;
  for (const std::string_view name : path) append(joined, joined.empty() ? "" : ".", name);
  return joined;
}

std::string text_of(const Headers& headers) {
  std::string text;
  for (const Headers::Field& field : headers) {
    append(text, text.empty() ? "" : ",", field.name, "=", field.value);
  }
  return text;
}

std::string_view name_of(Direction direction) {
  return direction == Direction::request ? "request" : "response";
}

// Ticks as the owner of an engine does. Ends with the process.
class Ticker {
 public:
  explicit Ticker(Engine& engine)
      : thread_([&engine](const std::stop_token& stop) {
          while (!stop.stop_requested()) {
            // tidy: allow sleep: the engine ticks in real time
            std::this_thread::sleep_for(Engine::kTickPeriod);
            engine.tick();
          }
        }) {}

 private:
  // tidy: allow thread: ticks the engine while a test blocks in a plug-in
  std::jthread thread_;
};

}  // namespace

std::string Journal::take() {
  std::string text;
  for (const std::string& event : events_) append(text, event, "\n");
  events_.clear();
  return text;
}

bool Journal::contains(std::string_view event) const {
  return std::any_of(events_.begin(), events_.end(), [&](const std::string& known) {
    return known.find(event) != std::string::npos;
  });
}

Headers* TestExchange::headers(abi::MapType map) {
  const auto found = maps.find(map);
  return found == maps.end() ? nullptr : &found->second;
}
void TestExchange::headers_changed(abi::MapType map) {
  journal.add(cat("changed ", static_cast<std::uint32_t>(map)));
}
SliceChain* TestExchange::body(Direction direction) {
  const auto found = bodies.find(direction);
  return found == bodies.end() ? nullptr : &found->second;
}
std::optional<Property> TestExchange::property(PropertyPath path) {
  const auto found = properties.find(join_path(path));
  if (found == properties.end()) return std::nullopt;
  return found->second;
}
Status TestExchange::set_property(PropertyPath path, std::string_view value) {
  properties[join_path(path)] = std::string(value);
  return ok();
}
void TestExchange::clear_route() { journal.add("route cleared"); }
Headers TestExchange::upstream_hosts() {
  Headers hosts;
  hosts.add("10.0.0.1:80", "{}");
  return hosts;
}
Status TestExchange::set_upstream_host(std::string_view address) {
  journal.add(cat("upstream host ", address));
  return ok();
}
void TestExchange::respond(LocalResponse response) {
  journal.add(cat("respond ", response.status, " ", response.body, " [", text_of(response.headers),
                  "] ", response.details));
  if (on_respond) on_respond();
}
void TestExchange::resume(Direction direction) { journal.add(cat("resume ", name_of(direction))); }
void TestExchange::reset(Direction direction) { journal.add(cat("reset ", name_of(direction))); }
void TestExchange::inject_response(std::string bytes, End end) {
  journal.add(cat("inject ", bytes, end == End::yes ? " end" : ""));
}
void TestExchange::plugin_failed(const Error& error) {
  journal.add(cat("exchange failed: ", error.what.substr(0, error.what.find(';'))));
}

void TestOutside::log(abi::LogLevel at, std::string_view message, Exchange*) {
  journal.add(at == abi::LogLevel::info ? std::string(message)
                                        : cat("[", static_cast<std::uint32_t>(at), "] ", message));
}
// tidy: allow rand: the random source that is handed in
void TestOutside::random(std::span<char> bytes) { std::memset(bytes.data(), 7, bytes.size()); }
Result<MetricId> TestOutside::define_metric(abi::MetricType, std::string_view name) {
  const auto known = std::find(metric_names.begin(), metric_names.end(), name);
  if (known != metric_names.end()) return static_cast<MetricId>(known - metric_names.begin());
  metric_names.emplace_back(name);
  metric_values.push_back(0);
  return static_cast<MetricId>(metric_names.size() - 1);
}
void TestOutside::increment_metric(MetricId metric, std::int64_t offset) {
  metric_values[metric] += static_cast<std::uint64_t>(offset);
}
void TestOutside::record_metric(MetricId metric, std::uint64_t value) {
  metric_values[metric] = value;
}
std::uint64_t TestOutside::metric(MetricId metric) { return metric_values[metric]; }

Status TestOutside::http_call(CallId call, HttpCall request) {
  if (request.service == "nowhere") return Error{Errc::not_found, "no such service"};
  last_call = call;
  journal.add(cat("http call to ", request.service, " [", text_of(request.headers), "] ",
                  request.body, " within ", request.timeout.count()));
  return ok();
}
Status TestOutside::grpc_call(CallId call, GrpcCall request) {
  last_call = call;
  journal.add(cat("grpc call to ", request.service, " ", request.package, "/", request.method, " ",
                  request.message));
  return ok();
}
Status TestOutside::grpc_stream(CallId call, GrpcCall request) {
  last_call = call;
  journal.add(cat("grpc stream to ", request.service, " ", request.package, "/", request.method));
  return ok();
}
Status TestOutside::grpc_send(CallId, std::string_view message, End end) {
  journal.add(cat("grpc sends ", message, end == End::yes ? " end" : ""));
  return ok();
}
void TestOutside::grpc_close(CallId) { journal.add("grpc closes"); }
void TestOutside::grpc_cancel(CallId) { journal.add("grpc cancels"); }
Status TestOutside::redis_init(RedisService service) {
  journal.add(cat("redis ", service.service, " db ", service.database, " user ", service.user));
  return ok();
}
Status TestOutside::redis_call(CallId call, RootId, std::string_view service,
                               std::string_view query, Exchange*) {
  last_call = call;
  journal.add(cat("redis call to ", service, " ", query));
  if (answer_redis_at_once != nullptr) {
    return answer_redis_at_once->on_redis_reply(call, 0, SliceChain(Slice::of_static("+OK")));
  }
  return ok();
}
void TestOutside::set_tick_period(RootId, std::chrono::milliseconds period) {
  journal.add(cat("tick every ", period.count()));
}
void TestOutside::queue_ready(RootId, std::uint32_t queue) {
  journal.add(cat("ready: queue ", queue));
}
Result<std::string> TestOutside::foreign(std::string_view name, std::string_view arguments,
                                         Exchange*) {
  if (name != "mynah.test") return Error{Errc::not_found, "no such function"};
  journal.add(cat("foreign ", name, " ", arguments));
  return std::string("result");
}
std::optional<Property> TestOutside::property(PropertyPath path) {
  if (join_path(path) == "node.id") return std::string("worker-1");
  return std::nullopt;
}

Engine& test_engine() {
  static const std::unique_ptr<Engine> engine = [] {
    auto created = Engine::create();
    MYNAH_CHECK(created.ok());
    return *std::move(created);
  }();
  static const Ticker ticker(*engine);
  return *engine;
}

std::string read_test_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::shared_ptr<const Module> test_module(std::string_view name) {
  static std::map<std::string, std::shared_ptr<const Module>, std::less<>> modules;
  const auto known = modules.find(name);
  if (known != modules.end()) return known->second;
  const std::string wasm = read_test_file(cat(MYNAH_TEST_MODULES, "/", name, ".wasm"));
  auto module = Module::compile(test_engine(), wasm);
  MYNAH_CHECK(module.ok());
  return modules.emplace(name, *std::move(module)).first->second;
}

std::string assemble(std::string_view text) {
  wasm_byte_vec_t bytes;
  wasmtime_error_t* const error = wasmtime_wat2wasm(text.data(), text.size(), &bytes);
  if (error != nullptr) {
    wasm_name_t message;
    wasmtime_error_message(error, &message);
    check_failed(std::string(message.data, message.size).c_str(), __FILE__, __LINE__);
  }
  std::string wasm(bytes.data, bytes.size);
  wasm_byte_vec_delete(&bytes);
  return wasm;
}

std::shared_ptr<const Module> assemble_plugin(std::string_view text) {
  std::string whole = "(module\n";
  append(whole, text);
  if (text.find("(memory") == std::string_view::npos)
    append(whole, "(memory (export \"memory\") 1)\n");
  if (text.find("proxy_abi_version") == std::string_view::npos) {
    append(whole, "(func (export \"proxy_abi_version_0_2_1\"))\n");
  }
  if (text.find("\"malloc\"") == std::string_view::npos) {
    append(whole, "(func (export \"malloc\") (param i32) (result i32) (i32.const 1024))\n");
  }
  append(whole, ")");
  auto module = Module::compile(test_engine(), assemble(whole));
  if (!module) check_failed(module.error().what.c_str(), __FILE__, __LINE__);
  return *std::move(module);
}

}  // namespace mynah::wasm
