// SPDX-License-Identifier: Apache-2.0
// Calls into a plug-in, and what follows from them. Every call goes through Core::call, which marks
// who acts, and is followed by Core::settle, which runs what host functions have put off until the
// plug-in had returned.
#include "wasm/machine.h"

#include <bitset>
#include <initializer_list>
#include <optional>
#include <span>

#include "abi/callbacks.h"
#include "base/check.h"
#include "base/text.h"
#include "wasm/host.h"
#include "wasm/instance.h"
#include "wasm/machine_core.h"
#include "wasm/native/native_instance.h"
#include "wasm/wasmtime_instance.h"

namespace mynah::wasm {
namespace {

using abi::Callback;

// "plug-in NAME VERSION"; not every plug-in has a version.
std::string told_name(const MachineSettings& settings) {
  return cat("plug-in ", settings.name, settings.version.empty() ? "" : " ", settings.version);
}

std::uint32_t size32(std::size_t size) { return static_cast<std::uint32_t>(size); }
std::uint32_t count_of(const Headers* headers) {
  return headers == nullptr ? 0 : size32(headers->size());
}

}  // namespace

// ---- Core

Result<std::uint32_t> Machine::Core::call(Context& context, Callback callback,
                                          std::initializer_list<std::uint32_t> arguments,
                                          const Delivery* delivery) {
  if (fault) return *fault;
  host.begin(context, delivery);
  Result<std::uint32_t> answer =
      instance->call(callback, std::span(arguments.begin(), arguments.size()));
  host.end();
  if (!answer) fail(shape_of(callback).name, std::move(answer).error(), &context);
  if (fault) return *fault;
  return answer;
}

void Machine::Core::fail(std::string_view phase, Error cause, const Context* during) {
  fault = Error{Errc::plugin_fault, cat(told_name(settings), ", ", phase, ": ", cause.what)};
  for (const auto& context : host.contexts()) {
    if (context.get() == during || !context->created) continue;
    host.later([this, id = context->id] {
      if (Exchange* const live = host.live_exchange(id)) live->plugin_failed(*fault);
    });
  }
}

void Machine::Core::settle() {
  while (host.has_actions()) host.take_action()();
}

Status Machine::Core::status() const {
  if (fault) return *fault;
  return ok();
}

Status Machine::Core::deliver(Context& root, Callback callback,
                              std::initializer_list<std::uint32_t> arguments,
                              const Delivery* delivery) {
  if (!has(callback)) return status();
  const auto called = call(root, callback, arguments, delivery);
  settle();
  if (!called) return called.error();
  return ok();
}

Context* Machine::Core::find_root(RootId root) const {
  Context* const context = host.find_context(root);
  return context != nullptr && context->root == context ? context : nullptr;
}

// Makes the plug-in know the stream.
Status Machine::Core::create(Context& context) {
  if (fault) return *fault;
  if (context.created) return ok();
  context.created = true;
  if (!has(Callback::on_context_create)) return ok();
  const auto called =
      call(context, Callback::on_context_create, {context.id, context.root->id}, nullptr);
  if (called) return ok();
  settle();
  return called.error();
}

void Machine::Core::drop(Context& context) {
  if (context.created && !fault && has(Callback::on_delete)) {
    // A failure is noted in `fault`.
    call(context, Callback::on_delete, {context.id}, nullptr).ignore();
  }
  host.free_context(context);
  settle();
}

// Streams whose plug-in has never said that it is done are ended after a while, or all of them when
// there are too many.
void Machine::Core::drop_overdue() {
  if (host.pending() == 0) return;
  const Instant now = host.outside().clock().now();
  const bool crowded = host.pending() > settings.limits.unfinished_streams;
  for (std::size_t i = 0; i < host.contexts().size(); ++i) {
    Context& context = *host.contexts()[i];
    if (context.pending && context.exchange == nullptr && (crowded || context.drop_at <= now)) {
      drop(context);
    }
  }
}

// ---- Machine

Machine::Machine(std::unique_ptr<Core> core) : core_(std::move(core)) {}

namespace {

template <class MakeInstance>
Result<std::unique_ptr<Machine::Core>> assemble(MachineSettings settings, Outside& outside,
                                                Shared shared, MakeInstance make_instance) {
  auto core = std::make_unique<Machine::Core>(std::move(settings), outside, shared);
  const auto failed = [&](std::string_view phase, Error error) {
    return Error{Errc::plugin_fault, cat(told_name(core->settings), ", ", phase, ": ", error.what)};
  };
  Result<std::unique_ptr<Instance>> instance = make_instance(core->settings, core->host);
  if (!instance) return failed("instantiation", std::move(instance).error());
  core->instance = *std::move(instance);
  core->callbacks = core->instance->callbacks();
  core->host.set_memory_size([raw = core->instance.get()] { return raw->memory_bytes(); });
  core->host.begin(core->host.start_context(), nullptr);
  const Status started = core->instance->initialize();
  core->host.end();
  if (!started) return failed("start", started.error());
  core->settle();
  core->host.on_done([raw = core.get()](std::uint32_t id) {
    Context* const context = raw->host.find_context(id);
    // With its exchange still there the stream itself will drop it.
    if (context != nullptr && context->exchange == nullptr) raw->drop(*context);
  });
  return core;
}

}  // namespace

Result<std::unique_ptr<Machine>> Machine::start(std::shared_ptr<const Module> module,
                                                MachineSettings settings, Outside& outside,
                                                Shared shared) {
  const AbiVersion version = module->abi_version();
  MYNAH_LET(auto core, assemble(std::move(settings), outside, shared,
                                [&](const MachineSettings& kept, Host& host) {
                                  return make_wasmtime_instance(std::move(module), host, kept);
                                }));
  core->stops_everything = version != AbiVersion::v0_2_100;
  // tidy: allow new: the constructor is private; owned at once
  return std::unique_ptr<Machine>(new Machine(std::move(core)));
}

Result<std::unique_ptr<Machine>> Machine::start(const abi::NativePlugin& plugin,
                                                MachineSettings settings, Outside& outside,
                                                Shared shared) {
  MYNAH_LET(auto core,
            assemble(std::move(settings), outside, shared, [&](const MachineSettings&, Host& host) {
              return make_native_instance(plugin, host);
            }));
  core->stops_everything = plugin.version != abi::kVersion_0_2_100;
  // tidy: allow new: the constructor is private; owned at once
  return std::unique_ptr<Machine>(new Machine(std::move(core)));
}

Machine::~Machine() {
  if (core_ == nullptr) return;
  for (const auto& context : core_->host.contexts()) {
    if (context->root == nullptr) continue;
    MYNAH_CHECK(context->exchange == nullptr);
    if (context->root != context.get()) core_->drop(*context);
  }
  for (const auto& context : core_->host.contexts()) {
    if (context->root == nullptr) continue;
    if (context->created && core_->has(Callback::on_done) && !core_->fault) {
      // There is nothing left to wait for.
      core_->call(*context, Callback::on_done, {context->id}, nullptr).ignore();
    }
    core_->drop(*context);
  }
}

Result<RootId> Machine::configure(std::string name, std::string configuration) {
  Core& core = *core_;
  if (core.fault) return *core.fault;
  Context* const root = core.host.new_root(std::move(name), std::move(configuration));
  if (root == nullptr) return Error{Errc::exhausted, "too many configurations in one machine"};
  const auto refused = [&](std::string_view by) {
    core.drop(*root);
    return Error{Errc::invalid_argument,
                 cat(told_name(core.settings), ": ", by, " refused its configuration")};
  };
  // Whether the plug-in takes what it is asked with.
  const auto agrees = [&](Callback callback, std::uint32_t number) -> Result<bool> {
    if (!core.has(callback)) return true;
    const auto answer = core.call(*root, callback, {root->id, number}, nullptr);
    core.settle();
    if (!answer) return answer.error();
    return *answer != 0 || !shape_of(callback).answers;
  };
  MYNAH_OK(agrees(Callback::on_context_create, 0));
  root->created = true;
  if (!core.vm_started) {
    MYNAH_LET(const bool taken,
              agrees(Callback::on_vm_start, size32(core.settings.vm_configuration.size())));
    if (!taken) return refused("proxy_on_vm_start");
    core.vm_started = true;
  }
  MYNAH_LET(const bool taken, agrees(Callback::on_configure, size32(root->configuration.size())));
  if (!taken) return refused("proxy_on_configure");
  if (core.fault) return *core.fault;
  return root->id;
}

Status Machine::on_tick(RootId root) {
  core_->drop_overdue();
  Context* const context = core_->find_root(root);
  if (context == nullptr) return core_->status();
  return core_->deliver(*context, Callback::on_tick, {root}, nullptr);
}

Status Machine::on_queue_ready(RootId root, std::uint32_t queue) {
  Context* const context = core_->find_root(root);
  if (context == nullptr) return core_->status();
  return core_->deliver(*context, Callback::on_queue_ready, {root, queue}, nullptr);
}

// The root that made the call, when the call is in flight and of that kind.
Context* Machine::Core::caller_of(CallId call, std::initializer_list<Host::CallKind> kinds) const {
  const Host::Call* const known = host.find_call(call);
  if (known == nullptr) return nullptr;
  for (const Host::CallKind kind : kinds) {
    if (known->kind == kind) return find_root(known->root);
  }
  return nullptr;
}

Status Machine::on_http_reply(CallId call, HttpReply reply) {
  if (core_->host.running()) {
    core_->host.later([this, call, kept = std::move(reply)]() mutable {
      on_http_reply(call, std::move(kept)).ignore();  // A failure stays in fault().
    });
    return ok();
  }
  Context* const root = core_->caller_of(call, {Host::CallKind::http});
  if (root == nullptr) return core_->status();
  core_->host.forget_call(call);
  Delivery delivery;
  delivery.headers = &reply.headers;
  delivery.trailers = &reply.trailers;
  delivery.body = &reply.body;
  return core_->deliver(*root, Callback::on_http_call_response,
                        {root->id, call, count_of(&reply.headers), size32(reply.body.size()),
                         count_of(&reply.trailers)},
                        &delivery);
}

Status Machine::on_redis_reply(CallId call, std::int32_t status, SliceChain reply) {
  if (core_->host.running()) {
    core_->host.later([this, call, status, kept = std::move(reply)]() mutable {
      on_redis_reply(call, status, std::move(kept)).ignore();  // A failure stays in fault().
    });
    return ok();
  }
  Context* const root = core_->caller_of(call, {Host::CallKind::redis});
  if (root == nullptr) return core_->status();
  core_->host.forget_call(call);
  Delivery delivery;
  delivery.body = &reply;
  delivery.body_type = abi::BufferType::redis_call_response;
  return core_->deliver(*root, Callback::on_redis_call_response,
                        {root->id, call, static_cast<std::uint32_t>(status), size32(reply.size())},
                        &delivery);
}

Status Machine::on_grpc_initial_metadata(CallId call, Headers metadata) {
  if (core_->host.running()) {
    core_->host.later([this, call, kept = std::move(metadata)]() mutable {
      on_grpc_initial_metadata(call, std::move(kept)).ignore();  // A failure stays in fault().
    });
    return ok();
  }
  Context* const root = core_->caller_of(call, {Host::CallKind::grpc_stream});
  if (root == nullptr) return core_->status();
  Delivery delivery;
  delivery.grpc = true;
  delivery.headers = &metadata;
  return core_->deliver(*root, Callback::on_grpc_receive_initial_metadata,
                        {root->id, call, count_of(&metadata)}, &delivery);
}

Status Machine::on_grpc_message(CallId call, SliceChain message) {
  if (core_->host.running()) {
    core_->host.later([this, call, kept = std::move(message)]() mutable {
      on_grpc_message(call, std::move(kept)).ignore();  // A failure stays in fault().
    });
    return ok();
  }
  Context* const root = core_->caller_of(call, {Host::CallKind::grpc, Host::CallKind::grpc_stream});
  if (root == nullptr) return core_->status();
  // A call that is not a stream has one answer.
  if (core_->host.find_call(call)->kind == Host::CallKind::grpc) core_->host.forget_call(call);
  Delivery delivery;
  delivery.grpc = true;
  delivery.body = &message;
  delivery.body_type = abi::BufferType::grpc_message;
  return core_->deliver(*root, Callback::on_grpc_receive, {root->id, call, size32(message.size())},
                        &delivery);
}

Status Machine::on_grpc_trailing_metadata(CallId call, Headers metadata) {
  if (core_->host.running()) {
    core_->host.later([this, call, kept = std::move(metadata)]() mutable {
      on_grpc_trailing_metadata(call, std::move(kept)).ignore();  // A failure stays in fault().
    });
    return ok();
  }
  Context* const root = core_->caller_of(call, {Host::CallKind::grpc_stream});
  if (root == nullptr) return core_->status();
  Delivery delivery;
  delivery.grpc = true;
  delivery.trailers = &metadata;
  return core_->deliver(*root, Callback::on_grpc_receive_trailing_metadata,
                        {root->id, call, count_of(&metadata)}, &delivery);
}

Status Machine::on_grpc_close(CallId call, std::uint32_t status, std::string message) {
  if (core_->host.running()) {
    core_->host.later([this, call, status, kept = std::move(message)]() mutable {
      on_grpc_close(call, status, std::move(kept)).ignore();  // A failure stays in fault().
    });
    return ok();
  }
  Context* const root = core_->caller_of(call, {Host::CallKind::grpc, Host::CallKind::grpc_stream});
  if (root == nullptr) return core_->status();
  core_->host.forget_call(call);
  Delivery delivery;
  delivery.grpc = true;
  delivery.status = status;
  delivery.message = message;
  return core_->deliver(*root, Callback::on_grpc_close, {root->id, call, status}, &delivery);
}

const Error* Machine::fault() const { return core_->fault ? &*core_->fault : nullptr; }
bool Machine::wants_rebuild() const { return core_->host.wants_rebuild(); }
std::size_t Machine::streams() const { return core_->host.streams(); }
std::size_t Machine::calls_in_flight() const { return core_->host.calls_in_flight(); }
std::size_t Machine::memory_bytes() const { return core_->instance->memory_bytes(); }

}  // namespace mynah::wasm
