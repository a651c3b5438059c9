// SPDX-License-Identifier: Apache-2.0
// WasmFilter: a plug-in in one exchange: passes the chain's events to the plug-in's machine, and
// shows the exchange to it.
// tidy: allow-file shared_ptr: what exchanges in flight use outlives the generation that made it
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/recycled.h"
#include "gateway/chain.h"
#include "gateway/exchange.h"
#include "gateway/filter.h"
#include "gateway/plugin_host.h"
#include "wasm/machine.h"

namespace mynah {

class WasmFilter final : public Filter, public wasm::Exchange {
 public:
  WasmFilter(std::shared_ptr<PluginHost> host, std::shared_ptr<PluginMachine> machine,
             wasm::RootId root, Chain& chain, mynah::Exchange& exchange);
  ~WasmFilter() override;
  static void* operator new(std::size_t size) { return recycled::take(size); }
  static void operator delete(void* memory, std::size_t size) { recycled::give_back(memory, size); }

  // The place in the chain, once it is known.
  void set_place(std::size_t place) { place_ = place; }
  [[nodiscard]] const mynah::Exchange& exchange() const { return exchange_; }

  // Filter.
  Result<abi::HeadersAction> on_headers(Direction direction, End end) override;
  Result<abi::BodyAction> on_body(Direction direction, End end) override;
  Result<abi::TrailersAction> on_trailers(Direction direction) override;
  [[nodiscard]] bool wants_body(Direction direction) const override;
  [[nodiscard]] OnFailure on_failure() const override { return host_->code().on_failure; }
  [[nodiscard]] Duration patience() const override {
    return host_->spec().settings.limits.paused_max;
  }
  [[nodiscard]] std::string name() const override { return host_->code().id; }

  // wasm::Exchange.
  Headers* headers(abi::MapType map) override;
  void headers_changed(abi::MapType map) override;
  SliceChain* body(Direction direction) override;
  std::optional<wasm::Property> property(wasm::PropertyPath path) override;
  Status set_property(wasm::PropertyPath path, std::string_view value) override;
  void clear_route() override;
  Headers upstream_hosts() override;
  Status set_upstream_host(std::string_view address) override;
  void respond(wasm::LocalResponse response) override;
  void resume(Direction direction) override;
  void reset(Direction direction) override;
  void inject_response(std::string bytes, End end) override;
  void plugin_failed(const Error& error) override;

 private:
  template <class Action>
  Result<Action> told(Result<Action> answered);

  std::shared_ptr<PluginHost> host_;
  std::shared_ptr<PluginMachine> machine_;
  Chain& chain_;
  mynah::Exchange& exchange_;
  std::size_t place_ = 0;
  wasm::Stream stream_;  // Last: it ends with the exchange still there to be looked at.
};

}  // namespace mynah
