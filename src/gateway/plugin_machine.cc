// SPDX-License-Identifier: Apache-2.0
// What a plug-in's machine asks of the world: log, metrics, calls to services, ticks.
// tidy: allow-file shared_from_this: calls in flight keep their machine
// tidy: allow-file rand: the name that the Wasm host gives to the random source
// tidy: allow-file shared_ptr: what exchanges in flight use outlives the generation that made it
#include <algorithm>
#include <utility>

#include "base/text.h"
#include "gateway/ask.h"
#include "gateway/plugin_host.h"
#include "gateway/upstream.h"
#include "gateway/wasm_filter.h"

namespace mynah {
namespace {

constexpr std::size_t kReplyBytesMax = 16U << 20U;
constexpr Duration kDefaultTimeout = 5s;

// The variables of the configuration. Go's garbage collector, for which a plug-in's heap is tiny,
// would run all the time: it is told to let the heap grow, and where the limit is.
std::vector<std::pair<std::string, std::string>> environment_of(const PluginSpec& spec) {
  std::vector<std::pair<std::string, std::string>> all;
  for (const auto& [name, value] : spec.settings.environment) all.emplace_back(name, value);
  const auto has = [&](std::string_view name) {
    return std::ranges::any_of(all, [&](const auto& each) { return each.first == name; });
  };
  if (spec.code->language != "Go" || has("GOGC") || has("GOMEMLIMIT")) return all;
  all.emplace_back("GOGC", "400");
  all.emplace_back("GOMEMLIMIT", std::to_string(spec.settings.limits.memory_bytes / 4 * 3));
  return all;
}

}  // namespace

struct PluginMachine::Tick {
  Tick(PluginMachine& owner, wasm::RootId id)
      : machine(owner), root(id), timer(&Tick::fire, this) {}

  static void fire(void* self) {
    auto& tick = *static_cast<Tick*>(self);
    // The machine may end in the call; it outlives it.
    const auto alive = tick.machine.shared_from_this();
    tick.arm();
    alive->machine()
        .on_tick(tick.root)
        .ignore();  // A fault is kept by the machine and met at its next use.
  }
  void arm() {
    Loop& loop = machine.context_.loop();
    if (period.count() > 0) timer.arm(loop.timers(), loop.now() + period);
  }

  PluginMachine& machine;
  wasm::RootId root;
  std::chrono::milliseconds period{0};
  Timer timer;
};

Result<std::shared_ptr<PluginMachine>> PluginMachine::start(const PluginSpec& spec,
                                                            PluginContext& context) {
  std::shared_ptr<PluginMachine> made(
      new PluginMachine(spec, context));  // tidy: allow new: private constructor
  const PluginCode& code = *spec.code;
  wasm::MachineSettings wanted;
  wanted.name = code.id;
  wanted.version = code.version;
  wanted.vm_id = code.vm_id;
  wanted.environment = environment_of(spec);
  wanted.limits.memory_bytes = spec.settings.limits.memory_bytes;
  wanted.limits.call_time = spec.settings.limits.call_time;
  wanted.limits.log_lines_a_second = spec.settings.limits.log_lines_per_second;
  MYNAH_LET(made->machine_,
            wasm::Machine::start(code.module, std::move(wanted), *made, context.shared()));
  for (const std::string& config : spec.configs) MYNAH_OK(made->configure(config));
  return made;
}

PluginMachine::PluginMachine(const PluginSpec& spec, PluginContext& context)
    : name_(spec.code->id),
      root_id_(spec.settings.root_id),
      context_(context),
      grpc_(*this, context) {}

PluginMachine::~PluginMachine() { machine_.reset(); }

void PluginMachine::adopt() {
  services_changed();
  if (std::exchange(adopted_, true)) return;
  for (auto& action : std::exchange(put_off_, {})) action();
}

bool PluginMachine::put_off(std::move_only_function<void()> action) {
  if (adopted_) return false;
  put_off_.push_back(std::move(action));
  return true;
}

Status PluginMachine::configure(const std::string& config) {
  MYNAH_LET(const wasm::RootId root, machine_->configure(root_id_, config));
  roots_.push_back(root);
  return ok();
}

void PluginMachine::log(abi::LogLevel level, std::string_view message, wasm::Exchange* exchange) {
  const auto* filter = static_cast<const WasmFilter*>(exchange);
  context_.log(name_, level, message, filter == nullptr ? nullptr : &filter->exchange());
}

abi::LogLevel PluginMachine::log_level() { return context_.log_level(); }

void PluginMachine::random(std::span<char> bytes) { context_.random(bytes); }

Result<wasm::MetricId> PluginMachine::define_metric(abi::MetricType type, std::string_view name) {
  return context_.define_metric(type, name);
}
void PluginMachine::increment_metric(wasm::MetricId metric, std::int64_t offset) {
  if (put_off([this, metric, offset] { increment_metric(metric, offset); })) return;
  context_.add_to_metric(metric, offset);
}
void PluginMachine::record_metric(wasm::MetricId metric, std::uint64_t value) {
  if (put_off([this, metric, value] { record_metric(metric, value); })) return;
  context_.record_metric(metric, value);
}
std::uint64_t PluginMachine::metric(wasm::MetricId metric) { return context_.metric(metric); }

// Whether a call that is put off has somebody to ask shows when it is made: the plug-in then gets
// the answer of a call that failed.
Status PluginMachine::http_call(wasm::CallId call, wasm::HttpCall request) {
  request.exchange = nullptr;
  if (!adopted_) {
    put_off_.push_back(
        [this, call, service = std::string(request.service), kept = std::move(request)]() mutable {
          kept.service = service;
          const Status made = http_call(call, std::move(kept));
          if (!made) machine_->on_http_reply(call, {}).ignore();  // A fault is met at its next use.
        });
    return ok();
  }
  auto upstream = context_.find_service(request.service);
  if (upstream == nullptr)
    return Error{Errc::invalid_argument, cat("there is no service ", request.service)};
  context_.background().spawn(&PluginMachine::run_http_call, shared_from_this(), call,
                              std::move(upstream), std::move(request));
  return ok();
}

Task<> PluginMachine::run_http_call(std::shared_ptr<PluginMachine> self, wasm::CallId call,
                                    std::shared_ptr<Upstream> upstream, wasm::HttpCall request) {
  Loop& loop = self->context_.loop();
  // The answer never comes inside the plug-in's own call.
  co_await Yield(loop);
  const Duration timeout =
      request.timeout.count() > 0 ? Duration(request.timeout) : kDefaultTimeout;
  Question question{std::move(request.headers), {}, std::move(request.trailers)};
  if (!request.body.empty()) question.body = SliceChain(Slice::of(std::move(request.body)));
  auto answer = co_await ask(*upstream, std::move(question), {timeout, kReplyBytesMax});
  // A call that failed or took too long is answered without headers, as the ABI has it.
  wasm::HttpReply reply;
  if (answer)
    reply = {std::move(answer->head), std::move(answer->body), std::move(answer->trailers)};
  // A fault is kept by the machine and met at its next use.
  self->machine_->on_http_reply(call, std::move(reply)).ignore();
}

// Initialising again what has not changed keeps the connections.
Status PluginMachine::redis_init(wasm::RedisService service) {
  RedisUse wanted{std::string(service.user), std::string(service.password), service.timeout,
                  service.database, nullptr};
  RedisUse& use = redis_[{service.root, std::string(service.service)}];
  const bool same = use.user == wanted.user && use.password == wanted.password &&
                    use.timeout == wanted.timeout && use.database == wanted.database;
  // Before adoption nobody knows the services; adopt() asks for them.
  if (adopted_) {
    MYNAH_LET(wanted.port, context_.redis(service, same ? use.port : nullptr));
  }
  use = std::move(wanted);
  return ok();
}

Status PluginMachine::redis_call(wasm::CallId call, wasm::RootId root, std::string_view service,
                                 std::string_view query, wasm::Exchange*) {
  if (!adopted_) {
    put_off_.push_back([this, call, root, name = std::string(service), text = std::string(query)] {
      const Status made = redis_call(call, root, name, text, nullptr);
      if (!made) machine_->on_redis_reply(call, 1, {}).ignore();  // A fault is met at its next use.
    });
    return ok();
  }
  const auto known = redis_.find({root, std::string(service)});
  if (known == redis_.end() || known->second.port == nullptr)
    return Error{Errc::invalid_argument, cat("Redis service ", service, " was not initialised")};
  context_.background().spawn(&PluginMachine::run_redis_call, shared_from_this(), call,
                              known->second.port, std::string(query));
  return ok();
}

void PluginMachine::services_changed() {
  for (auto& [key, use] : redis_) {
    const wasm::RedisService service{key.first,    key.second,  use.user,
                                     use.password, use.timeout, use.database};
    auto port = context_.redis(service, use.port);
    if (!port) log(abi::LogLevel::warn, port.error().what, nullptr);
    use.port = std::move(port).value_or(nullptr);
  }
}

Task<> PluginMachine::run_redis_call(std::shared_ptr<PluginMachine> self, wasm::CallId call,
                                     std::shared_ptr<RedisPort> port, std::string query) {
  co_await Yield(self->context_.loop());
  auto reply = co_await port->call(query);
  const std::int32_t status = reply ? 0 : 1;
  SliceChain bytes;
  if (reply) bytes.append(Slice::of(*std::move(reply)));
  // A fault is kept by the machine and met at its next use.
  self->machine_->on_redis_reply(call, status, std::move(bytes)).ignore();
}

Status PluginMachine::grpc_call(wasm::CallId call, wasm::GrpcCall request) {
  if (!adopted_) return Error{Errc::unavailable, "gRPC begins once the plug-in has started"};
  return grpc_.begin(call, request, PluginGrpc::Kind::call);
}
Status PluginMachine::grpc_stream(wasm::CallId call, wasm::GrpcCall request) {
  if (!adopted_) return Error{Errc::unavailable, "gRPC begins once the plug-in has started"};
  return grpc_.begin(call, request, PluginGrpc::Kind::stream);
}
Status PluginMachine::grpc_send(wasm::CallId call, std::string_view message, wasm::End end) {
  return grpc_.send(call, message, end);
}
void PluginMachine::grpc_close(wasm::CallId call) { grpc_.half_close(call); }
void PluginMachine::grpc_cancel(wasm::CallId call) { grpc_.cancel(call); }

void PluginMachine::set_tick_period(wasm::RootId root, std::chrono::milliseconds period) {
  if (put_off([this, root, period] { set_tick_period(root, period); })) return;
  auto& tick = ticks_[root];
  if (tick == nullptr) tick = std::make_unique<Tick>(*this, root);
  tick->timer.disarm();
  tick->period = period;
  tick->arm();
}

// Called on whichever worker's thread put something into the queue.
void PluginMachine::queue_ready(wasm::RootId root, std::uint32_t queue) {
  context_.loop().post([weak = weak_from_this(), root, queue] {
    const auto self = weak.lock();
    if (self == nullptr || !self->adopted_)
      return;  // What is there is found when it is looked for.
    self->machine_->on_queue_ready(root, queue).ignore();  // As for ticks.
  });
}

Result<std::string> PluginMachine::foreign(std::string_view name, std::string_view,
                                           wasm::Exchange*) {
  return Error{Errc::not_found, cat("there is no foreign function ", name)};
}

std::optional<wasm::Property> PluginMachine::property(wasm::PropertyPath path) {
  if (path.size() == 1 && path[0] == "plugin_name") return wasm::Property(name_);
  return std::nullopt;
}

}  // namespace mynah
