// SPDX-License-Identifier: Apache-2.0
// What a Machine consists of; shared by the sources of Machine and Stream.
#pragma once

#include <bitset>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string_view>

#include "abi/callbacks.h"
#include "wasm/host.h"
#include "wasm/instance.h"
#include "wasm/machine.h"

namespace mynah::wasm {

struct Machine::Core {
  Core(MachineSettings given, Outside& outside, Shared shared)
      : settings(std::move(given)), host(settings, outside, shared) {}

  [[nodiscard]] bool has(abi::Callback callback) const {
    return callbacks.test(static_cast<std::size_t>(callback));
  }
  // Calls the plug-in, which has that callback. Does not settle.
  Result<std::uint32_t> call(Context& context, abi::Callback callback,
                             std::initializer_list<std::uint32_t> arguments,
                             const Delivery* delivery);
  // Calls a root, if it has that callback, and settles.
  Status deliver(Context& root, abi::Callback callback,
                 std::initializer_list<std::uint32_t> arguments, const Delivery* delivery);
  // Runs what host functions have put off. A context or a Stream may be gone afterwards.
  void settle();

  Status create(Context& context);
  void drop(Context& context);
  void drop_overdue();
  // Ends the machine; tells the exchanges other than that of `during`, whose caller is told by
  // return.
  void fail(std::string_view phase, Error cause, const Context* during);
  [[nodiscard]] Status status() const;
  [[nodiscard]] Context* find_root(RootId root) const;
  [[nodiscard]] Context* caller_of(CallId call, std::initializer_list<Host::CallKind> kinds) const;

  MachineSettings settings;
  Host host;
  std::unique_ptr<Instance> instance;
  std::bitset<abi::kCallbacks> callbacks;
  // How many parameters the callbacks for headers take is the instance's business; whether their
  // "stop" stops the body as well depends on the version.
  bool stops_everything = false;
  bool vm_started = false;
  std::optional<Error> fault;
};

}  // namespace mynah::wasm
