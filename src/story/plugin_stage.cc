// SPDX-License-Identifier: Apache-2.0
// The stage itself: a world for each story, run until nothing is left to happen.
#include "story/plugin_stage.h"

#include <deque>
#include <iterator>
#include <utility>

#include "base/text.h"
#include "story/plugin_exchange.h"
#include "story/plugin_outside.h"
#include "story/simulation.h"

namespace mynah::story {

namespace {

// More than any honest story needs: a plug-in that wakes up for ever is found.
constexpr int kStepsMax = 200'000;

class PluginStage final : public Stage {
 public:
  explicit PluginStage(StartMachine start) : start_(std::move(start)) {}
  ~PluginStage() override { end(); }

  Status begin(const Story& story) override {
    end();
    world_ = std::make_unique<World>();
    for (const Entry& entry : story.entries) {
      // Stores that are missing from the start must be so before the plug-in is configured.
      if (const auto* given = std::get_if<GivenRedis>(&entry)) world_->outside.apply(*given);
      if (std::holds_alternative<Request>(entry)) break;
    }
    MYNAH_LET(world_->machine, start_(world_->outside, {world_->data, world_->queues}));
    world_->outside.serve(world_->machine.get());
    auto root = world_->machine->configure("story", story.config);
    if (!root) return Error{root.error().code, cat(root.error().what, logged())};
    world_->root = *root;
    return ok();
  }

  Status apply(const GivenUpstream& given) override {
    world_->upstream = given.answer;
    return ok();
  }
  Status apply(const GivenCall& given) override {
    world_->outside.apply(given);
    return ok();
  }
  Status apply(const GivenRedis& given) override {
    world_->outside.apply(given);
    return ok();
  }
  Status apply(const GivenProperty& given) override {
    world_->outside.properties[given.name] = given.value;
    return ok();
  }

  Result<Outcome> run(const Request& request) override {
    World& world = *world_;
    world.outside.lines.clear();
    world.outside.received.clear();
    Request stays = request;
    stays.message.leaves_after.reset();
    std::deque<PluginExchange> exchanges;
    for (std::size_t i = 0; i < request.message.at_once; ++i) {
      exchanges
          .emplace_back(world.simulation, world.outside, *world.machine, world.root,
                        i == 0 ? request : stays, world.upstream)
          .begin();
    }
    MYNAH_OK(run_out());
    for (PluginExchange& exchange : exchanges) {
      if (exchange.over()) continue;
      world.outside.lines.emplace_back(
          "(the exchange hangs: nothing is under way, and it is not over)");
      exchange.leave();
      MYNAH_OK(run_out());
    }
    if (const Error* fault = world.machine->fault()) return *fault;
    Outcome outcome = std::move(exchanges.back().outcome);
    for (PluginExchange& exchange : exchanges) {
      if (exchange.fault) return *exchange.fault;
      if (&exchange == &exchanges.back()) continue;
      auto& asked = exchange.outcome.upstream;
      outcome.upstream.insert(outcome.upstream.end(), std::make_move_iterator(asked.begin()),
                              std::make_move_iterator(asked.end()));
    }
    outcome.calls = world.outside.received;
    outcome.log = world.outside.lines;
    outcome.metrics = world.outside.metrics;
    return outcome;
  }

  Result<std::optional<std::string>> stored(std::string_view service,
                                            std::string_view key) override {
    return world_->outside.stored(service, key);
  }

 private:
  struct World {
    Simulation simulation;
    PluginOutside outside{simulation};
    wasm::SharedData data;
    wasm::SharedQueues queues;
    Answer upstream;
    std::unique_ptr<wasm::Machine> machine;
    wasm::RootId root = 0;
  };

  Status run_out() {
    for (int i = 0; i < kStepsMax; ++i) {
      if (!world_->simulation.step()) return ok();
    }
    return Error{Errc::exhausted, "the story does not come to rest"};
  }

  [[nodiscard]] std::string logged() const {
    std::string lines;
    for (const std::string& line : world_->outside.lines) append(lines, "\n    log: ", line);
    return lines;
  }

  void end() {
    if (!world_) return;
    world_->simulation.clear();
    world_->machine.reset();
    world_.reset();
  }

  StartMachine start_;
  std::unique_ptr<World> world_;
};

wasm::MachineSettings settings() {
  wasm::MachineSettings made;
  made.name = "story";
  return made;
}

}  // namespace

std::unique_ptr<Stage> plugin_stage(StartMachine start) {
  return std::make_unique<PluginStage>(std::move(start));
}

StartMachine native_machine(const abi::NativePlugin& plugin) {
  return [&plugin](wasm::Outside& outside, wasm::Shared shared) {
    return wasm::Machine::start(plugin, settings(), outside, shared);
  };
}

Result<StartMachine> wasm_machine(std::string_view wasm) {
  MYNAH_LET(std::unique_ptr<wasm::Engine> made, wasm::Engine::create());
  // tidy: allow shared_ptr: shared by copies of the starter
  const std::shared_ptr<wasm::Engine> engine = std::move(made);
  MYNAH_LET(std::shared_ptr<const wasm::Module> module, wasm::Module::compile(*engine, wasm));
  return StartMachine([engine, module](wasm::Outside& outside, wasm::Shared shared) {
    return wasm::Machine::start(module, settings(), outside, shared);
  });
}

}  // namespace mynah::story
