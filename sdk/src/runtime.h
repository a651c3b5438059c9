// SPDX-License-Identifier: Apache-2.0
// Runtime: the one object of a plug-in's machine. It knows the contexts that the host has made, the
// calls that are on their way and the timers that run, and turns each callback of the host into the
// resumption of one coroutine.
//
// A coroutine is resumed only from here, so that three things hold: the host works on that
// exchange's behalf meanwhile, `current()` is that exchange, and what the coroutine has decided is
// told to the host afterwards.
#pragma once

#include <coroutine>
#include <cstdint>

#include "base/time.h"
#include "id_table.h"
#include "mynah/event.h"
#include "mynah/exchange.h"
#include "mynah/wait.h"
#include "rules.h"

namespace mynah {
inline namespace plugin {
namespace inner {

// The calls of one kind that are on their way, by the host's numbers.
template <class Wait>
IdTable<HostCall*>& calls_of() {
  static auto* table = new IdTable<HostCall*>();  // tidy: allow new: the machine is never wound up
  return *table;
}

class Runtime final {
 public:
  // The machine's runtime, made with its first context and gone with its last.
  static Runtime& here();
  static Runtime* find();

  // Differs from that of every other machine before it in this process.
  [[nodiscard]] std::uint32_t number() const { return number_; }
  // The exchange whose coroutine runs now.
  Exchange& current();

  // The callbacks, named as in the ABI.
  void on_context_create(std::uint32_t context, std::uint32_t root);
  std::uint32_t on_configure(std::uint32_t root, std::uint32_t bytes);
  void on_tick();
  std::uint32_t on_request_headers(std::uint32_t context, bool end);
  std::uint32_t on_message(std::uint32_t context, bool response, std::uint32_t where,
                           std::uint32_t bytes, bool end);
  std::uint32_t on_done(std::uint32_t context);
  void on_delete(std::uint32_t context);

  // Waits that the outside ends.
  void start_timer(Timer& timer);
  void stop_timer(Timer& timer);
  void resume(Exchange& exchange, std::coroutine_handle<> waiter);
  // Those who wait for an event resume when the callback that runs is over.
  void wake(EventWait* waiting);
  // Gives a call its answer; what the numbers mean is the call's affair.
  void answer(HostCall& call, std::uint32_t first, std::uint32_t second);

  // Whether this host, when it is told to hold headers back, shows no body either. Such a host lets
  // headers go on when the plug-in waits for the body.
  [[nodiscard]] bool holds_body_with_headers() const { return holds_body_with_headers_; }

 private:
  Runtime();

  // What the host calls a context: a configured plug-in (a root), or an exchange under one.
  struct Context {
    Context* root = nullptr;  // null: it is one
    Exchange* exchange = nullptr;
    Context* next = nullptr;  // of a spare one
    RuleSet rules;            // of a root
  };
  // Memory of an exchange that is over.
  struct Spare {
    Spare* next;
  };

  void make_context(std::uint32_t id, Context* root);
  void forget_exchange(Context& context);
  void learn_host();
  void resume_from_outside(Exchange& exchange, std::coroutine_handle<> waiter);
  void set_tick();
  // What each callback does last.
  void settle_woken() {
    if (woken_ != nullptr) resume_woken_(*this);
  }

  IdTable<Context*> contexts_;
  Context* spare_contexts_ = nullptr;
  Spare* spare_exchanges_ = nullptr;
  Timer* timers_ = nullptr;  // by deadline, soonest first
  EventWait* woken_ = nullptr;
  void (*resume_woken_)(Runtime&) = nullptr;  // there when something was woken
  Exchange* current_ = nullptr;
  std::uint32_t tick_ms_ = 0;
  std::uint32_t number_;
  bool holds_body_with_headers_ = false;
};

}  // namespace inner
}  // namespace plugin
}  // namespace mynah
