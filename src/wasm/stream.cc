// SPDX-License-Identifier: Apache-2.0
// The phases of one exchange in one plug-in.
#include <algorithm>

#include "base/check.h"
#include "wasm/machine.h"
#include "wasm/machine_core.h"

namespace mynah::wasm {
namespace {

using abi::Callback;

std::uint32_t number_of(End end) { return end == End::yes ? 1 : 0; }
std::uint32_t number_of(const Headers* headers) {
  return headers == nullptr ? 0 : static_cast<std::uint32_t>(headers->size());
}
std::uint32_t number_of(const SliceChain* chain) {
  return chain == nullptr ? 0 : static_cast<std::uint32_t>(chain->size());
}

// What a phase answered, before it is one of the three kinds of action.
struct Answer {
  std::uint32_t value = 0;
  bool stop = false;  // whatever the value
};

// Calls one phase. While the plug-in runs and what it has put off is done, the context knows which
// phase it is in.
Result<Answer> run_phase(Machine::Core& machine, Context& context, Direction direction,
                         Callback callback, std::initializer_list<std::uint32_t> arguments) {
  const std::uint32_t id = context.id;
  const auto outer = std::exchange(context.phase, direction);
  context.answered = context.resumed = false;
  const auto called = machine.call(context, callback, arguments, nullptr);
  machine.settle();
  if (!called) return called.error();
  // What was put off may have ended the exchange.
  if (machine.host.find_context(id) != &context) return Answer{0, true};
  context.phase = outer;
  if (machine.fault) return *machine.fault;
  Answer answer{*called, context.answered};
  if (context.resumed && !answer.stop) answer.value = 0;
  context.stopped[static_cast<std::size_t>(direction)] = answer.stop || answer.value != 0;
  return answer;
}

template <class Action>
Action action_of(const Answer& answer, Action stop) {
  if (answer.stop || answer.value > static_cast<std::uint32_t>(stop)) return stop;
  return static_cast<Action>(answer.value);
}

}  // namespace

Stream::Stream(Machine& machine, RootId root, Exchange& exchange)
    : machine_(*machine.core_), context_(nullptr) {
  Context* const found = machine_.find_root(root);
  if (machine_.fault) {
    refused_ = *machine_.fault;
  } else if (found == nullptr) {
    refused_ = {Errc::not_found, "the plug-in has no such configuration any more"};
  } else {
    context_ = machine_.host.new_stream(*found, exchange);
    if (context_ == nullptr) refused_ = {Errc::exhausted, "too many exchanges in one machine"};
  }
}

Stream::~Stream() {
  if (context_ == nullptr) return;
  // A failure has been noted in the machine and concerns nobody any more.
  finish().ignore();
  context_->exchange = nullptr;
  if (!context_->pending || machine_.fault) {
    machine_.drop(*context_);
  } else {
    context_->drop_at =
        machine_.host.outside().clock().now() + machine_.settings.limits.unfinished_time;
  }
  machine_.drop_overdue();
}

Status Stream::finish() {
  if (context_ == nullptr || context_->finished) return ok();
  Context& context = *context_;
  context.finished = true;
  if (!context.created || machine_.fault) return machine_.status();
  const std::uint32_t id = context.id;
  if (machine_.has(Callback::on_done)) {
    // Set beforehand, so that a plug-in may call proxy_done at once.
    machine_.host.set_pending(context, true);
    const auto done = machine_.call(context, Callback::on_done, {id}, nullptr);
    if (!done || *done != 0) machine_.host.set_pending(context, false);
  }
  // The exchange can be read only now, so the logging phase does not wait for a plug-in that is not
  // done.
  if (machine_.has(Callback::on_log) && !machine_.fault) {
    machine_.call(context, Callback::on_log, {id}, nullptr).ignore();  // It stays in `fault`.
  }
  machine_.settle();
  return machine_.status();
}

bool Stream::wants_body(Direction direction) const {
  return machine_.has(direction == Direction::request ? Callback::on_request_body
                                                      : Callback::on_response_body);
}

namespace {

Result<abi::HeadersAction> headers_phase(Machine::Core& machine, Context& context,
                                         Direction direction, Callback callback,
                                         const Headers* headers, End end) {
  using Action = abi::HeadersAction;
  MYNAH_OK(machine.create(context));
  if (!machine.has(callback)) return Action::continue_iteration;
  MYNAH_LET(const Answer answer, run_phase(machine, context, direction, callback,
                                           {context.id, number_of(headers), number_of(end)}));
  const Action action = action_of(answer, Action::stop_all_and_watermark);
  const bool widen = action == Action::stop_iteration && machine.stops_everything;
  return widen ? Action::stop_all_and_watermark : action;
}

Result<abi::BodyAction> body_phase(Machine::Core& machine, Context& context, Direction direction,
                                   Callback callback, End end) {
  using Action = abi::BodyAction;
  MYNAH_OK(machine.create(context));
  if (!machine.has(callback)) return Action::continue_iteration;
  const SliceChain* const body = context.exchange->body(direction);
  MYNAH_LET(const Answer answer, run_phase(machine, context, direction, callback,
                                           {context.id, number_of(body), number_of(end)}));
  return action_of(answer, Action::stop_no_buffer);
}

Result<abi::TrailersAction> trailers_phase(Machine::Core& machine, Context& context,
                                           Direction direction, Callback callback,
                                           const Headers* trailers) {
  using Action = abi::TrailersAction;
  MYNAH_OK(machine.create(context));
  if (!machine.has(callback)) return Action::continue_iteration;
  MYNAH_LET(const Answer answer,
            run_phase(machine, context, direction, callback, {context.id, number_of(trailers)}));
  return action_of(answer, Action::stop_iteration);
}

}  // namespace

Result<abi::HeadersAction> Stream::on_request_headers(End end) {
  if (context_ == nullptr) return refused_;
  const Headers* headers = context_->exchange->headers(abi::MapType::request_headers);
  return headers_phase(machine_, *context_, Direction::request, Callback::on_request_headers,
                       headers, end);
}

Result<abi::BodyAction> Stream::on_request_body(End end) {
  if (context_ == nullptr) return refused_;
  return body_phase(machine_, *context_, Direction::request, Callback::on_request_body, end);
}

Result<abi::TrailersAction> Stream::on_request_trailers() {
  if (context_ == nullptr) return refused_;
  return trailers_phase(machine_, *context_, Direction::request, Callback::on_request_trailers,
                        context_->exchange->headers(abi::MapType::request_trailers));
}

Result<abi::HeadersAction> Stream::on_response_headers(End end) {
  if (context_ == nullptr) return refused_;
  const Headers* headers = context_->exchange->headers(abi::MapType::response_headers);
  return headers_phase(machine_, *context_, Direction::response, Callback::on_response_headers,
                       headers, end);
}

Result<abi::BodyAction> Stream::on_response_body(End end) {
  if (context_ == nullptr) return refused_;
  return body_phase(machine_, *context_, Direction::response, Callback::on_response_body, end);
}

Result<abi::TrailersAction> Stream::on_response_trailers() {
  if (context_ == nullptr) return refused_;
  return trailers_phase(machine_, *context_, Direction::response, Callback::on_response_trailers,
                        context_->exchange->headers(abi::MapType::response_trailers));
}

}  // namespace mynah::wasm
