// SPDX-License-Identifier: Apache-2.0
// Contexts, calls and timers of one machine, and the resumption of coroutines from them.
#include "runtime.h"

#include <new>
#include <utility>

#include "abi/abi.h"
#include "abi/imports.h"
#include "base/check.h"
#include "base/text.h"
#include "mynah/log.h"
#include "mynah/plugin.h"

namespace mynah {
inline namespace plugin {

namespace inner {

namespace {

// Not an object with a destructor: a machine is thrown away, never wound up.
Runtime* machine = nullptr;

}  // namespace

Runtime::Runtime() {
  static std::uint32_t last = 0;
  number_ = ++last;
}

Runtime& Runtime::here() {
  // tidy: allow new: the machine is never wound up
  if (machine == nullptr) machine = new Runtime();
  return *machine;
}

Runtime* Runtime::find() { return machine; }

Exchange& Runtime::current() {
  MYNAH_CHECK(current_ != nullptr);  // Called from the coroutine of an exchange.
  return *current_;
}

// ---- Contexts

void Runtime::make_context(std::uint32_t id, Context* root) {
  Context* context = nullptr;
  if (spare_contexts_ == nullptr) {
    context = new Context();  // tidy: allow new: the machine is never wound up
  } else {
    context = std::exchange(spare_contexts_, spare_contexts_->next);
  }
  context->root = root;
  contexts_.put(id, context);
}

void Runtime::on_context_create(std::uint32_t context, std::uint32_t root) {
  make_context(context, root == 0 ? nullptr : contexts_.find(root));
}

std::uint32_t Runtime::on_configure(std::uint32_t root, std::uint32_t bytes) {
  learn_host();
  Context* context = contexts_.find(root);
  if (context == nullptr) return 0;
  char* data = nullptr;
  std::size_t size = 0;
  if (bytes > 0 && proxy_get_buffer_bytes(abi::BufferType::plugin_configuration, 0, bytes, &data,
                                          &size) != abi::Status::ok) {
    log_error("the host gives no configuration");
    return 0;
  }
  const Bytes configuration = Bytes::adopt(data, size);
  const Status read = context->rules.read(configuration.text());
  if (read) return 1;
  log_error("refused configuration: ", read.error().what);
  return 0;
}

void Runtime::learn_host() {
  char* data = nullptr;
  std::size_t size = 0;
  const abi::Status status = proxy_call_foreign_function(
      abi::kGetLogLevel.data(), abi::kGetLogLevel.size(), nullptr, 0, &data, &size);
  const Bytes level = Bytes::adopt(data, size);
  // Higress and those who follow it know the function, and show bodies while headers are held;
  // Envoy does neither.
  holds_body_with_headers_ = status != abi::Status::ok;
}

void Runtime::forget_exchange(Context& context) {
  Exchange* exchange = std::exchange(context.exchange, nullptr);
  if (exchange == nullptr) return;
  exchange->~Exchange();
  spare_exchanges_ = new (exchange) Spare{spare_exchanges_};
}

std::uint32_t Runtime::on_request_headers(std::uint32_t id, bool end) {
  Context* context = contexts_.find(id);
  if (context == nullptr || context->root == nullptr) return 0;
  const void* config = context->root->rules.choose();
  if (config == nullptr) return 0;
  void* memory = nullptr;
  if (spare_exchanges_ == nullptr) {
    memory = ::operator new(sizeof(Exchange));
  } else {
    memory = std::exchange(spare_exchanges_, spare_exchanges_->next);
  }
  context->exchange = new (memory) Exchange(*this, id);
  const std::uint32_t answer =
      context->exchange->on_request_headers(plugin_entry().serve, config, end);
  if (context->exchange->ended_ && !context->exchange->replied_) forget_exchange(*context);
  settle_woken();
  return answer;
}

std::uint32_t Runtime::on_message(std::uint32_t id, bool response, std::uint32_t where,
                                  std::uint32_t bytes, bool end) {
  Context* context = contexts_.find(id);
  if (context == nullptr || context->exchange == nullptr) return 0;
  Exchange& exchange = *context->exchange;
  Message& message = response ? static_cast<Message&>(exchange.response_) : exchange.request_;
  const std::uint32_t answer =
      exchange.on_message(message, static_cast<Message::Where>(where), bytes, end);
  if (exchange.ended_ && !exchange.replied_) forget_exchange(*context);
  settle_woken();
  return answer;
}

std::uint32_t Runtime::on_done(std::uint32_t id) {
  Context* context = contexts_.find(id);
  const bool done =
      context == nullptr || context->exchange == nullptr || context->exchange->on_done();
  settle_woken();
  return done ? 1 : 0;
}

void Runtime::on_delete(std::uint32_t id) {
  Context* context = contexts_.take(id);
  if (context == nullptr) return;
  forget_exchange(*context);
  settle_woken();
  if (context->root == nullptr) context->rules.clear();
  context->next = std::exchange(spare_contexts_, context);
#ifndef __wasm__
  if (contexts_.size() > 0) return;
  while (spare_contexts_ != nullptr) {
    // tidy: allow delete: made with new
    delete std::exchange(spare_contexts_, spare_contexts_->next);
  }
  while (spare_exchanges_ != nullptr)
    ::operator delete(std::exchange(spare_exchanges_, spare_exchanges_->next));
  delete std::exchange(machine, nullptr);  // tidy: allow delete: made with new
#endif
}

// ---- Resumption

void Runtime::resume(Exchange& exchange, std::coroutine_handle<> waiter) {
  Exchange* before = std::exchange(current_, &exchange);
  waiter.resume();
  current_ = before;
}

void Runtime::resume_from_outside(Exchange& exchange, std::coroutine_handle<> waiter) {
  proxy_set_effective_context(exchange.id_);
  exchange.resume(waiter);
  exchange.settle();
}

void Runtime::answer(HostCall& call, std::uint32_t first, std::uint32_t second) {
  call.underway_ = false;
  call.answered(first, second);
  resume_from_outside(*call.exchange_, call.waiter_);
  settle_woken();
}

void HostCall::dispatched(std::uint32_t token) {
  token_ = token;
  underway_ = true;
  exchange_ = &Runtime::here().current();
}

}  // namespace inner
}  // namespace plugin
}  // namespace mynah
