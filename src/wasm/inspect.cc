// SPDX-License-Identifier: Apache-2.0
// Looking at a file, and starting it in an empty world.
#include "wasm/inspect.h"

#include <algorithm>
#include <cstring>

#include "abi/abi.h"
#include "abi/callbacks.h"
#include "base/text.h"
#include "base/time.h"
#include "wasm/machine.h"

namespace mynah::wasm {
namespace {

constexpr std::uint64_t kPageBytes = 65'536;
constexpr std::size_t kMaxIdentity = 1 << 20;

// A compiler names itself in the section "producers"; Go leaves its build id.
std::string guess_language(const Binary& binary, std::string_view wasm) {
  if (binary.find_custom("go:buildid") != nullptr || binary.find_custom("go.buildid") != nullptr) {
    return "Go";
  }
  if (const Binary::Section* producers = binary.find_custom("producers")) {
    const std::string_view text = wasm.substr(producers->offset, producers->size);
    for (const std::string_view name : {"TinyGo", "Rust", "Zig", "AssemblyScript"}) {
      if (text.find(name) != std::string_view::npos) return std::string(name);
    }
    if (text.find("C_plus_plus") != std::string_view::npos ||
        text.find("clang") != std::string_view::npos) {
      return "C++";
    }
  }
  const bool aborts =
      std::any_of(binary.imports.begin(), binary.imports.end(),
                  [](const Binary::Import& import) { return import.name == "abort"; });
  return aborts ? "AssemblyScript" : "";
}

// A world in which nothing is.
class Nowhere final : public Outside {
 public:
  void log(abi::LogLevel level, std::string_view message, Exchange*) override {
    if (level >= abi::LogLevel::warn) said_ = message;
  }
  abi::LogLevel log_level() override { return abi::LogLevel::warn; }
  // The last complaint of the plug-in.
  [[nodiscard]] const std::string& said() const { return said_; }
  const Clock& clock() override { return clock_; }
  // tidy: allow rand: the random source that is handed in
  void random(std::span<char> bytes) override { std::memset(bytes.data(), 0, bytes.size()); }
  Result<MetricId> define_metric(abi::MetricType, std::string_view) override { return none(); }
  void increment_metric(MetricId, std::int64_t) override {}
  void record_metric(MetricId, std::uint64_t) override {}
  std::uint64_t metric(MetricId) override { return 0; }
  Status http_call(CallId, HttpCall) override { return none(); }
  Status grpc_call(CallId, GrpcCall) override { return none(); }
  Status grpc_stream(CallId, GrpcCall) override { return none(); }
  Status grpc_send(CallId, std::string_view, End) override { return none(); }
  void grpc_close(CallId) override {}
  void grpc_cancel(CallId) override {}
  Status redis_init(RedisService) override { return none(); }
  Status redis_call(CallId, RootId, std::string_view, std::string_view, Exchange*) override {
    return none();
  }
  void set_tick_period(RootId, std::chrono::milliseconds) override {}
  void queue_ready(RootId, std::uint32_t) override {}
  Result<std::string> foreign(std::string_view, std::string_view, Exchange*) override {
    return none();
  }
  std::optional<Property> property(PropertyPath) override { return std::nullopt; }

 private:
  static Error none() { return {Errc::not_found, "there is nothing here"}; }

  SimulatedClock clock_;
  std::string said_;
};

// A world of its own for one machine.
struct Trial {
  Result<std::unique_ptr<Machine>> start(std::shared_ptr<const Module> module,
                                         const Limits& limits) {
    MachineSettings settings;
    settings.name = "module";
    settings.version = module->sha256().substr(0, 8);
    settings.limits = limits;
    return Machine::start(std::move(module), std::move(settings), outside, {data, queues});
  }

  Nowhere outside;
  SharedData data;
  SharedQueues queues;
};

}  // namespace

Inspection inspect(std::string_view wasm, const Limits& limits) {
  Inspection found;
  found.bytes = wasm.size();
  found.sha256 = sha256_hex(wasm);
  Result<Binary> binary = parse_binary(wasm, &found.flaw);
  if (!binary) {
    found.refusal = std::move(binary).error();
    return found;
  }
  found.language = guess_language(*binary, wasm);
  for (const Binary::Import& import : binary->imports) {
    found.imports.push_back(cat(import.module, ".", import.name));
  }
  for (const abi::CallbackShape& shape : abi::kCallbackShapes) {
    if (binary->find_export(shape.name) != nullptr) found.callbacks.emplace_back(shape.name);
  }
  found.memory_pages = binary->memory_pages;
  found.memory_pages_max = binary->memory_pages_max;
  found.functions = binary->functions;
  if (const Binary::Section* identity = binary->find_custom(abi::kIdentitySection)) {
    found.identity = wasm.substr(identity->offset, std::min(identity->size, kMaxIdentity));
  }
  Result<AbiVersion> version = check_module(*binary, &found.flaw);
  if (!version) {
    found.refusal = std::move(version).error();
    return found;
  }
  found.abi = *version;
  if (wasm.size() > Module::kMaxBytes) {
    found.flaw = Flaw::too_large;
    found.refusal =
        Error{Errc::too_large, cat(wasm.size(), " bytes; the limit is ", Module::kMaxBytes)};
  } else if (found.memory_pages > limits.memory_bytes / kPageBytes) {
    found.flaw = Flaw::too_much_memory;
    found.refusal = Error{Errc::exhausted, cat("wants ", found.memory_pages / 16,
                                               " MiB of memory to start with; the limit is ",
                                               limits.memory_bytes >> 20, " MiB")};
  }
  return found;
}

Result<std::size_t> try_start(std::shared_ptr<const Module> module, const Limits& limits) {
  Trial trial;
  MYNAH_LET(const auto machine, trial.start(std::move(module), limits));
  return machine->memory_bytes();
}

Status try_configure(std::shared_ptr<const Module> module, std::string configuration,
                     const Limits& limits) {
  Trial trial;
  MYNAH_LET(const auto machine, trial.start(std::move(module), limits));
  auto configured = machine->configure("", std::move(configuration));
  if (configured) return ok();
  Error refused = std::move(configured).error();
  if (!trial.outside.said().empty()) append(refused.what, ": ", trial.outside.said());
  return refused;
}

}  // namespace mynah::wasm
