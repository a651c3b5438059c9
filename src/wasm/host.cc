// SPDX-License-Identifier: Apache-2.0
// The contexts of a machine and who acts for which.
#include "wasm/host.h"

#include "base/check.h"

namespace mynah::wasm {
namespace {

// A context's number is its slot plus one, with a generation above it, so that a number comes back
// only after many others in the same slot.
constexpr std::uint32_t kSlotBits = 20;
constexpr std::uint32_t kSlotMask = (1u << kSlotBits) - 1;

std::uint32_t slot_of(std::uint32_t id) { return (id & kSlotMask) - 1; }

}  // namespace

Host::Host(const MachineSettings& settings, Outside& outside, Shared shared)
    : settings_(settings), outside_(outside), shared_(shared) {
  start_context_.outside = &outside_;
  start_context_.root = &start_context_;
}

Host::~Host() {
  for (const auto& context : contexts_) {
    if (context->id != 0 && context->root == context.get()) shared_.queues.leave(*context);
  }
}

Context* Host::new_context() {
  if (free_slots_.empty()) {
    if (contexts_.size() >= kSlotMask) return nullptr;
    contexts_.push_back(std::make_unique<Context>());
    contexts_.back()->id = static_cast<std::uint32_t>(contexts_.size());
    return contexts_.back().get();
  }
  const std::uint32_t slot = free_slots_.back();
  free_slots_.pop_back();
  return contexts_[slot].get();
}

Context* Host::new_root(std::string name, std::string configuration) {
  if (roots_ >= settings_.limits.roots) return nullptr;
  Context* context = new_context();
  if (context == nullptr) return nullptr;
  ++roots_;
  context->outside = &outside_;
  context->root = context;
  context->name = std::move(name);
  context->configuration = std::move(configuration);
  return context;
}

Context* Host::new_stream(Context& root, Exchange& exchange) {
  if (streams_ >= settings_.limits.streams) return nullptr;
  Context* context = new_context();
  if (context == nullptr) return nullptr;
  ++streams_;
  context->outside = &outside_;
  context->root = &root;
  context->exchange = &exchange;
  return context;
}

void Host::free_context(Context& context) {
  const std::uint32_t id = context.id;
  if (context.root == &context) {
    shared_.queues.leave(context);
    if (context.ticks) outside_.set_tick_period(id, {});
    --roots_;
    context.ticks = false;
    context.name.clear();
    context.configuration.clear();
  } else {
    if (context.pending) --pending_;
    --streams_;
  }
  if (effective_ == &context) effective_ = nullptr;
  context.root = nullptr;
  context.exchange = nullptr;
  context.created = context.finished = context.pending = false;
  context.answered = context.resumed = false;
  context.stopped[0] = context.stopped[1] = false;
  context.phase.reset();
  context.injected = 0;
  context.id = id + (1u << kSlotBits);
  free_slots_.push_back(slot_of(id));
}

Context* Host::find_context(std::uint32_t id) const {
  if ((id & kSlotMask) == 0 || slot_of(id) >= contexts_.size()) return nullptr;
  Context* context = contexts_[slot_of(id)].get();
  return context->id == id && context->root != nullptr ? context : nullptr;
}

Exchange* Host::live_exchange(std::uint32_t context) const {
  const Context* const found = find_context(context);
  return found == nullptr || found->finished ? nullptr : found->exchange;
}

void Host::set_pending(Context& context, bool pending) {
  if (context.pending == pending) return;
  context.pending = pending;
  pending ? ++pending_ : --pending_;
}

void Host::begin(Context& context, const Delivery* delivery) {
  MYNAH_CHECK(current_ == nullptr);
  current_ = &context;
  effective_ = nullptr;
  delivery_ = delivery;
  context.injected = 0;
}

void Host::end() {
  current_ = nullptr;
  effective_ = nullptr;
  delivery_ = nullptr;
}

Host::Action Host::take_action() {
  Action action = std::move(actions_.front());
  actions_.pop_front();
  return action;
}

const Host::Call* Host::find_call(CallId call) const {
  const auto found = calls_.find(call);
  return found == calls_.end() ? nullptr : &found->second;
}

abi::Status status_of(const Error& error) {
  switch (error.code) {
    case Errc::invalid_argument:
    case Errc::not_found:
      return abi::Status::bad_argument;
    case Errc::unsupported:
      return abi::Status::unimplemented;
    case Errc::closed:
      return abi::Status::broken_connection;
    default:
      return abi::Status::internal_failure;
  }
}

}  // namespace mynah::wasm
