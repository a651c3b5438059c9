// SPDX-License-Identifier: Apache-2.0
// A Machine is one running copy of a plug-in: its memory, its root contexts, its streams. It
// belongs to one worker.
//
//   MYNAH_LET(auto machine, Machine::start(module, settings, outside, shared));
//   MYNAH_LET(const RootId root, machine->configure("transformer", R"({"reqRules": …})"));
//   Stream stream(*machine, root, exchange);             // an exchange
//   MYNAH_LET(auto action, stream.on_request_headers(End::no));
//
// A machine contains what its plug-in does: memory, time and everything else is limited (limits.h).
// A trap, a time-out or a full memory ends the machine: the call in which it happened returns
// Errc::plugin_fault with the plug-in, its version, the phase and a stack, every other exchange is
// told through Exchange::plugin_failed, and all later calls return the same error. The owner then
// makes a fresh machine. An error that a plug-in handles itself ends nothing.
//
// Answers of services, ticks and queue items are delivered through the on_… functions. An answer
// for a call that is not in flight is ignored, so is anything for a root that is gone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "abi/abi.h"
#include "abi/native.h"
#include "base/result.h"
#include "wasm/limits.h"
#include "wasm/module.h"
#include "wasm/outside.h"
#include "wasm/shared_data.h"
#include "wasm/shared_queues.h"

namespace mynah::wasm {

class Host;
class Instance;
struct Context;

// Which copy of which plug-in it is, and what it is given.
struct MachineSettings {
  std::string name;
  std::string version;
  // Plug-ins of one VM id share data and queues.
  std::string vm_id;
  std::string vm_configuration;
  std::vector<std::pair<std::string, std::string>> environment;
  Limits limits;
};

// What the machines of all workers share.
struct Shared {
  SharedData& data;
  SharedQueues& queues;
};

class Machine final {
 public:
  // Instantiates the module and runs its start functions. `outside` and `shared` outlive the
  // machine.
  static Result<std::unique_ptr<Machine>> start(std::shared_ptr<const Module> module,
                                                MachineSettings settings, Outside& outside,
                                                Shared shared);
  // The same for a plug-in that is linked into this process.
  static Result<std::unique_ptr<Machine>> start(const abi::NativePlugin& plugin,
                                                MachineSettings settings, Outside& outside,
                                                Shared shared);
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;
  // All streams are gone by then.
  ~Machine();

  // Makes a root context: the plug-in with one configuration. Errc::invalid_argument when the
  // plug-in refuses it, which leaves the machine usable.
  Result<RootId> configure(std::string name, std::string configuration);

  Status on_tick(RootId root);
  Status on_queue_ready(RootId root, std::uint32_t queue);
  Status on_http_reply(CallId call, HttpReply reply);
  // `status` 0: the reply is what the service sent.
  Status on_redis_reply(CallId call, std::int32_t status, SliceChain reply);
  Status on_grpc_initial_metadata(CallId call, Headers metadata);
  Status on_grpc_message(CallId call, SliceChain message);
  Status on_grpc_trailing_metadata(CallId call, Headers metadata);
  Status on_grpc_close(CallId call, std::uint32_t status, std::string message);

  // The reason why the machine has ended, or null.
  [[nodiscard]] const Error* fault() const;
  // The plug-in has asked to be replaced by a fresh machine when that suits.
  [[nodiscard]] bool wants_rebuild() const;
  [[nodiscard]] std::size_t streams() const;
  [[nodiscard]] std::size_t calls_in_flight() const;
  [[nodiscard]] std::size_t memory_bytes() const;

  struct Core;  // for this layer's sources

 private:
  friend class Stream;

  explicit Machine(std::unique_ptr<Core> core);

  std::unique_ptr<Core> core_;
};

// One exchange in one plug-in. The phases are called in the order in which things happen; a phase
// that the plug-in does not export costs nothing and continues. Destroying the stream ends it, as
// finish() does.
//
// The answers are those of the plug-in, with these rules applied:
// - An answer out of range stops everything.
// - A plug-in that answers by itself or resets stops, whatever it answers.
// - proxy_continue_stream in the midst of a phase (or in the answer to a call that was answered at
// once) wins over a stop
//   that the phase then answers.
// - HeadersAction::stop_iteration of a plug-in whose version is not 0.2.100 is
// stop_all_and_watermark.
class Stream final {
 public:
  Stream(Machine& machine, RootId root, Exchange& exchange);
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream();

  Result<abi::HeadersAction> on_request_headers(End end);
  Result<abi::BodyAction> on_request_body(End end);
  Result<abi::TrailersAction> on_request_trailers();
  Result<abi::HeadersAction> on_response_headers(End end);
  Result<abi::BodyAction> on_response_body(End end);
  Result<abi::TrailersAction> on_response_trailers();

  // Whether a phase would call the plug-in at all: bodies that nobody looks at need not be shown.
  [[nodiscard]] bool wants_body(Direction direction) const;

  // The exchange is over, its headers and properties can still be read: proxy_on_done and
  // proxy_on_log. A plug-in that is not done keeps its context, without the exchange, until it says
  // so.
  Status finish();

 private:
  Machine::Core& machine_;
  Context* context_;  // null when the stream could not be made
  Error refused_;
};

}  // namespace mynah::wasm
