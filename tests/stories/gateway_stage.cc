// SPDX-License-Identifier: Apache-2.0
// A gateway for each story, run until nothing is left to happen.
// tidy: allow-file shared_ptr: as the gateway takes what it is made of
#include "gateway_stage.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <set>
#include <utility>

#include "aio/pool.h"
#include "aio/scope.h"
#include "base/json.h"
#include "base/text.h"
#include "control/config/load.h"
#include "gateway/worker.h"
#include "scripted_services.h"

namespace mynah::story {
namespace {

// How long what runs behind an exchange is waited for.
constexpr Duration kBehindMax = std::chrono::minutes(5);

class StoryObserver final : public Observer {
 public:
  std::vector<std::string> lines;
  std::map<std::string, std::int64_t> metrics;
  std::map<std::string, std::string> notes;

  void event(abi::LogLevel, std::string_view message) override { lines.emplace_back(message); }
  void exchange_began(std::uint32_t) override {}
  void exchange_ended(std::uint32_t, const Exchange& exchange, Instant) override {
    for (const auto& [name, value] : exchange.notes) notes[name] = value;
    notes["outcome"] = name_of(exchange.outcome);
  }
  void filter_failed(std::uint32_t, std::string_view, const Error& error,
                     const Exchange&) override {
    lines.push_back(error.what);
  }
  void spans_exported(std::uint32_t, bool, std::uint32_t) override {}
  void connection_refused(std::uint32_t, std::string_view) override {}
  void plugin_log(std::string_view, abi::LogLevel, std::string_view message,
                  const Exchange*) override {
    lines.emplace_back(message);
  }
  abi::LogLevel plugin_log_level() override { return abi::LogLevel::debug; }
  Result<wasm::MetricId> define_metric(abi::MetricType, std::string_view name) override {
    const auto known = std::ranges::find(names_, name);
    const auto id = static_cast<wasm::MetricId>(known - names_.begin());
    if (known == names_.end()) names_.emplace_back(name);
    return id;
  }
  void add_to_metric(std::uint32_t, wasm::MetricId metric, std::int64_t offset) override {
    metrics[names_.at(metric)] += offset;
  }
  void record_metric(std::uint32_t, wasm::MetricId metric, std::uint64_t value) override {
    metrics[names_.at(metric)] = static_cast<std::int64_t>(value);
  }
  std::uint64_t metric(wasm::MetricId metric) override {
    return static_cast<std::uint64_t>(metrics[names_.at(metric)]);
  }

 private:
  std::vector<std::string> names_;
};

// A gateway with nothing of earlier stories in it. The order of the members is that in which they
// need each other.
class World final {
 public:
  World()
      : loop(*Loop::create(clock)),
        pool({.name = "story", .threads = 1}),
        services(*loop),
        worker(*loop, 0, shared()),
        first(*loop),
        client(*loop) {}

  Status start(GatewaySetup setup) {
    const auto blueprint =
        std::make_shared<const Blueprint>(std::move(setup.config), std::move(setup.code));
    MYNAH_LET(auto machines, worker.start_machines(*blueprint, nullptr));
    MYNAH_OK(worker.prepare(blueprint, std::move(machines)));
    worker.commit();
    return ok();
  }

  SimulatedClock clock;
  std::unique_ptr<Loop> loop;
  BlockingPool pool;
  wasm::SharedData data;
  wasm::SharedQueues queues;
  StoryObserver observer;
  ScriptedServices services;
  std::atomic<std::uint32_t> connections{0};
  std::atomic<bool> short_of_memory{false};
  std::atomic<std::uint32_t> spans_waiting{0};
  Worker worker;
  Scope first;   // the client that may leave
  Scope client;  // those beside it

 private:
  WorkerShared shared() {
    return {pool,
            data,
            queues,
            observer,
            [this](Loop&, const model::Service& service) { return services.handler(service.name); },
            {},  // Services of stories have no addresses.
            [this](const RedisPlace&, const model::Service& service, const wasm::RedisService&) {
              return services.redis(service.name);
            },
            connections,
            short_of_memory,
            spans_waiting};
  }
};

// The client of one request.
class Client final {
 public:
  Client(World& world, const Request& request)
      : world_(world), request_(request), begun_(world.loop->now()) {}

  // Ends when the exchange has, for the client.
  static Task<> converse(Client& self) {
    auto stream = http::open_local(*self.world_.loop,
                                   [&worker = self.world_.worker](http::ServerStream& exchange) {
                                     return worker.handler().serve(exchange);
                                   });
    self.stream_ = stream.get();
    Scope sending(*self.world_.loop);
    const Message& message = self.request_.message;
    const bool bodyless = message.body.empty() && !message.breaks_after;
    Headers head;
    head.add(":method", self.request_.method);
    head.add(":scheme", "http");
    head.add(":authority", "story.example");
    head.add(":path", self.request_.path);
    for (const auto& [name, value] : message.headers)
      head.set(name == "host" ? ":authority" : std::string_view(name), value);
    if (!co_await stream->send(head, bodyless ? http::End::yes : http::End::no)) co_return;
    if (!bodyless) sending.spawn(&Client::send_body, std::ref(self));
    auto response = co_await stream->response();
    if (!response) co_return;
    Outcome& outcome = self.outcome;
    outcome.answered = true;
    outcome.headers_at = self.since();
    outcome.status = parse_number<int>(response->value_or(":status", "0")).value_or(0);
    outcome.headers = fields_of(*response);
    for (bool ended = stream->response_ended(); !ended;) {
      auto piece = co_await stream->read();
      if (!piece) co_return;
      if (!piece->bytes.empty()) outcome.pieces_at.push_back(self.since());
      outcome.body += piece->bytes.view();
      ended = piece->end == http::End::yes;
    }
    outcome.complete = true;
    outcome.ended_at = self.since();
  }

  Outcome outcome;

 private:
  [[nodiscard]] Duration since() const { return world_.loop->now() - begun_; }

  static Task<> send_body(Client& self) {
    const Message& message = self.request_.message;
    Loop& loop = *self.world_.loop;
    if (message.after > Duration::zero()) co_await Sleep(loop, message.after);
    const auto pieces = message.pieces();
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      if (i > 0 && message.apart > Duration::zero()) co_await Sleep(loop, message.apart);
      const bool last = i + 1 == pieces.size() && message.trailers.empty() && !message.breaks_after;
      if (!co_await self.stream_->write(Slice::copy_of(pieces[i]),
                                        last ? http::End::yes : http::End::no))
        co_return;
      // The next piece travels later.
      if (!last) co_await Yield(loop);
    }
    if (message.breaks_after) co_return self.stream_->abort();
    if (message.trailers.empty()) co_return;
    Headers trailers;
    for (const auto& [name, value] : message.trailers) trailers.add(name, value);
    // Whoever does not take them has answered.
    (co_await self.stream_->finish(trailers)).ignore();
  }

  World& world_;
  const Request& request_;
  Instant begun_;
  http::ClientStream* stream_ = nullptr;
};

class GatewayStage final : public Stage {
 public:
  explicit GatewayStage(MakeGateway make) : make_(std::move(make)) {}

  Status begin(const Story& story) override {
    world_.reset();
    MYNAH_LET(auto setup, make_(story));
    world_ = std::make_unique<World>();
    for (const Entry& entry : story.entries) {
      // Stores that are missing from the start must be so before a plug-in is configured.
      if (const auto* given = std::get_if<GivenRedis>(&entry)) world_->services.apply(*given);
      if (std::holds_alternative<Request>(entry)) break;
    }
    return world_->start(std::move(setup));
  }

  Status apply(const GivenUpstream& given) override { return give(given); }
  Status apply(const GivenCall& given) override { return give(given); }
  Status apply(const GivenRedis& given) override { return give(given); }
  Status apply(const GivenProperty& given) override {
    return Error{Errc::unsupported,
                 cat("property ", given.name, ": the properties of a gateway are its own")};
  }

  Result<Outcome> run(const Request& request) override {
    World& world = *world_;
    world.observer.lines.clear();
    world.observer.notes.clear();
    std::deque<Client> clients;
    for (std::size_t i = 0; i < request.message.at_once; ++i) {
      Client& client = clients.emplace_back(world, request);
      (i == 0 ? world.first : world.client).spawn(&Client::converse, std::ref(client));
    }
    const Instant leaves =
        request.message.leaves_after ? world.loop->now() + *request.message.leaves_after : kNever;
    wait(leaves, [&] { return world.first.size() + world.client.size() == 0; });
    if (leaves != kNever) {
      world.first.cancel();
      wait(kNever, [&] { return world.client.size() == 0; });
    }
    if (world.first.size() + world.client.size() > 0) {
      world.observer.lines.emplace_back("(the exchange hangs: nothing is under way)");
      world.first.cancel();
      world.client.cancel();
    }
    wait(world.loop->now() + kBehindMax, [&] { return world.worker.background().size() == 0; });
    Outcome outcome = std::move(clients.back().outcome);
    outcome.upstream = world.services.take_upstream();
    outcome.calls = world.services.take_calls();
    outcome.notes = world.observer.notes;
    outcome.metrics = world.observer.metrics;
    outcome.log = world.observer.lines;
    return outcome;
  }

  Result<std::optional<std::string>> stored(std::string_view service,
                                            std::string_view key) override {
    return world_->services.stored(service, key);
  }

 private:
  template <class Given>
  Status give(const Given& given) {
    world_->services.apply(given);
    return ok();
  }

  // Lets things happen until it is done or the time has come, whichever is first.
  template <class Done>
  void wait(Instant until, Done done) {
    Timer alarm([](void*) {}, nullptr);
    alarm.arm(world_->loop->timers(), until);
    world_->loop->run_until([&] { return done() || world_->loop->now() >= until; });
  }

  MakeGateway make_;
  std::unique_ptr<World> world_;
};

// Everything that is asked for is reached in memory, whatever it is called.
void script(model::Service& service) {
  service.origin =
      model::Embedded{.kind = model::EmbeddedKind::demo_llm, .listen = {}, .model = {}};
  service.tls.reset();
}

// Those that a plug-in's configuration names.
void services_in(JsonView config, std::set<std::string>& names) {
  if (config.is_array()) {
    for (const JsonView item : config.items()) services_in(item, names);
  } else if (config.is_object()) {
    for (const auto& [name, value] : config.members()) {
      if (name == "serviceName") {
        names.emplace(value.text());
      } else {
        services_in(value, names);
      }
    }
  }
}

// Those of the story, and the embedded ones, which every gateway without a configuration has. One
// that only refuses is not known to the gateway.
std::set<std::string> services_of(const Story& story) {
  std::set<std::string> names = {"upstream", "store", "vectors", "embeddings"};
  if (const auto config = Json::parse(story.config)) services_in(config->root(), names);
  std::set<std::string> refusing;
  for (const Entry& entry : story.entries) {
    const auto* call = std::get_if<GivenCall>(&entry);
    if (call != nullptr && call->answer.conduct == Conduct::refuses) refusing.insert(call->service);
  }
  for (const std::string& name : refusing) names.erase(name);
  for (const Entry& entry : story.entries) {
    if (const auto* call = std::get_if<GivenCall>(&entry)) {
      if (call->answer.conduct != Conduct::refuses) names.insert(call->service);
    } else if (const auto* redis = std::get_if<GivenRedis>(&entry)) {
      names.insert(redis->service);
    }
  }
  return names;
}

}  // namespace

MakeGateway gateway_of_story() {
  return [](const Story& story) -> Result<GatewaySetup> {
    MYNAH_LET(auto loaded, control::parse_config(story.config, story.place.file, ".", {},
                                                 control::Files::do_not_look));
    auto config = std::make_shared<model::Config>(*loaded.config);
    config->gateway.listeners.clear();
    for (model::Service& service : config->services) script(service);
    return GatewaySetup{std::move(config), {}};
  };
}

Result<MakeGateway> gateway_with_plugin(std::string_view wasm) {
  MYNAH_LET(std::shared_ptr<wasm::Engine> engine, wasm::Engine::create());
  MYNAH_LET(std::shared_ptr<const wasm::Module> module, wasm::Module::compile(*engine, wasm));
  return MakeGateway([engine, module](const Story& story) -> Result<GatewaySetup> {
    auto config = std::make_shared<model::Config>();
    config->gateway.listeners.clear();
    // A story's request comes from those before the plug-in, who may say who the client is.
    config->gateway.forwarding.identity_headers.clear();
    for (const std::string& name : services_of(story)) {
      config->services.emplace_back().name = name;
      script(config->services.back());
    }
    model::Route& route = config->routes.emplace_back();
    route.name = "story";
    route.match.path.value = "/";
    route.action = model::Forward{{{.service = "upstream"}}};
    model::Plugin& plugin = config->plugins.emplace_back();
    plugin.id = "story";
    plugin.config = story.config;
    auto code = std::make_shared<PluginCode>();
    code->id = code->vm_id = plugin.id;
    code->module = module;
    return GatewaySetup{std::move(config), {std::move(code)}};
  });
}

std::unique_ptr<Stage> gateway_stage(MakeGateway make) {
  return std::make_unique<GatewayStage>(std::move(make));
}

}  // namespace mynah::story
