// SPDX-License-Identifier: Apache-2.0
// One exchange between a scripted client and a scripted upstream, with one plug-in between them.
// Holds the rules of filters: what waits, what is gathered, what is shown when.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "story/plugin_outside.h"
#include "story/simulation.h"
#include "story/stage.h"
#include "wasm/machine.h"

namespace mynah::story {

class PluginExchange final : public wasm::Exchange {
 public:
  PluginExchange(Simulation& simulation, PluginOutside& outside, wasm::Machine& machine,
                 wasm::RootId root, const Request& request, const Answer& upstream);

  // Begins; what follows is in the simulation.
  void begin();
  // Whether the exchange is over.
  [[nodiscard]] bool over() const { return over_; }
  // Ends it where it stands.
  void leave();

  Outcome outcome;
  std::optional<Error> fault;

  Headers* headers(abi::MapType map) override;
  void headers_changed(abi::MapType) override {}
  SliceChain* body(wasm::Direction direction) override;
  std::optional<wasm::Property> property(wasm::PropertyPath path) override {
    return outside_.property(path);
  }
  Status set_property(wasm::PropertyPath path, std::string_view value) override;
  void clear_route() override {}
  Headers upstream_hosts() override { return {}; }
  Status set_upstream_host(std::string_view) override { return ok(); }
  void respond(wasm::LocalResponse response) override;
  void resume(wasm::Direction direction) override;
  void reset(wasm::Direction direction) override;
  void inject_response(std::string bytes, wasm::End end) override;
  void plugin_failed(const Error& error) override;

 private:
  // One direction.
  struct Side {
    Headers headers;
    Headers trailers;
    SliceChain unseen;  // has come, and the plug-in has not been called with it
    SliceChain shown;   // what it is called with, and what it gathers
    bool here = false;
    bool ended = false;  // the last byte has come
    bool end_shown = false;
    bool trailers_shown = false;
    bool headers_gone = false;
    bool held = false;      // the plug-in has stopped it
    bool all_held = false;  // and is not called with more
    bool done = false;      // all of it has gone on
  };

  Side& side(wasm::Direction direction) {
    return direction == wasm::Direction::request ? request_ : response_;
  }
  void arrive(wasm::Direction direction, const Message& message, std::function<void()> broken);
  void show_headers(wasm::Direction direction, bool end);
  void show_body(wasm::Direction direction);
  void show_trailers(wasm::Direction direction);
  void forward(wasm::Direction direction);
  void forward_request(bool end);
  void forward_response(bool end);
  void answer_as_upstream();
  void finish();
  template <class Action>
  bool failed(const Result<Action>& action);

  Simulation& simulation_;
  PluginOutside& outside_;
  const story::Request& script_;
  const Answer& upstream_;
  Side request_;
  Side response_;
  std::optional<wasm::Stream> stream_;
  Instant began_;
  bool over_ = false;
};

}  // namespace mynah::story
