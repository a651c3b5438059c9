// SPDX-License-Identifier: Apache-2.0
// The parts of the gateway in the order in which they depend on each other, so that they go in the
// opposite order.
// tidy: allow-file thread: this is where threads are made
// tidy: allow-file now: the time that starting takes is real
// tidy: allow-file shared_ptr: ports and generations are shared by those who use them
#include "app/program.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <signal.h>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include "aio/file_watch.h"
#include "aio/log_writer.h"
#include "aio/pool.h"
#include "aio/signals.h"
#include "aio/worker_group.h"
#include "app/console.h"
#include "app/live_config.h"
#include "app/marketplace.h"
#include "app/memory_watch.h"
#include "app/program_path.h"
#include "app/ticker.h"
#include "app/version.h"
#include "base/metrics.h"
#include "base/text.h"
#include "control/admin/accounts.h"
#include "control/admin/control_database.h"
#include "control/admin/data_folder.h"
#include "control/admin/kept_objects.h"
#include "control/admin/secrets.h"
#include "embed/embedder.h"
#include "gateway/embedded/demo_llm.h"
#include "gateway/embedded/embedded_meters.h"
#include "gateway/embedded/embeddings.h"
#include "gateway/embedded/http_speaker.h"
#include "gateway/embedded/not_served.h"
#include "gateway/embedded/redis_speaker.h"
#include "gateway/embedded/store_port.h"
#include "gateway/embedded/vectors.h"
#include "gateway/plugin_loader.h"
#include "gateway/redis_port.h"
#include "gateway/telemetry.h"
#include "gateway/worker.h"
#include "market/market.h"
#include "store/store.h"
#include "vector/database.h"
#include "wasm/module_cache.h"

namespace mynah {
namespace {

// How long a drained gateway stays for spans that the collector has not taken yet.
constexpr Duration kSpansTime = 3s;

std::string variable(const control::Environment& environment, std::string_view name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string() : found->second;
}

// The web console is built once for all presets: build/console beside build/PRESET/bin/mynah.
std::filesystem::path console_folder() {
  return program_path().parent_path().parent_path().parent_path() / "console";
}

std::string builtin_folder() {
  return (program_path().parent_path().parent_path() / "plugins").string();
}

// What an embedded service may keep in memory: the most that any service of its kind is given.
std::uint64_t memory_of(const model::Config& config, model::EmbeddedKind kind) {
  std::uint64_t bytes = 0;
  for (const model::Service& service : config.services) {
    const auto* embedded = std::get_if<model::Embedded>(&service.origin);
    if (embedded != nullptr && embedded->kind == kind)
      bytes = std::max(bytes, embedded->memory_bytes);
  }
  return bytes != 0 ? bytes : model::Embedded{}.memory_bytes;
}

// As many descriptors as the system lets us have: every connection is one.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

// A password takes a tenth of a second of a processor's time: not the control thread's.
Task<Result<std::string>> hash_aside(BlockingPool& pool, Loop& loop, std::string password) {
  const auto work = [password] { return control::hash_password(password); };
  co_return co_await pool.run(loop, work);
}

Task<Result<bool>> verify_aside(BlockingPool& pool, Loop& loop, std::string password,
                                std::string hash) {
  const auto work = [password, hash] { return control::verify_password(password, hash); };
  co_return co_await pool.run(loop, work);
}

class Program final {
 public:
  Program(RunOptions options, control::Environment environment)
      : options_(std::move(options)), environment_(std::move(environment)) {}

  Status run() {
    const auto begun = std::chrono::steady_clock::now();
    MYNAH_OK(prepare());
    MYNAH_OK(start_workers());
    const auto took = std::chrono::steady_clock::now() - begun;
    announce(std::chrono::duration_cast<std::chrono::milliseconds>(took).count());
    Scope running(*loop_);
    running.spawn(&Program::obey_signals, std::ref(*this));
    running.spawn(&Program::watch_files, std::ref(*this));
    running.spawn(&Program::watch_memory, std::ref(*this));
    loop_->run();
    running.cancel();
    stop_workers();
    return ok();
  }

 private:
  Status prepare();
  Status start_workers();
  void stop_workers();
  void announce(std::int64_t milliseconds);
  Status open_data();
  Status open_market();
  http::LocalHandler embedded(Loop& loop, const model::Service& service);
  Result<std::unique_ptr<ServicePort>> service_port(Loop& loop, const model::Service& service);

  static Task<> obey_signals(Program& self);
  static Task<> watch_files(Program& self);
  static Task<> tell_change(FileWatch& watch, Event& told);
  static Task<> watch_memory(Program& self);
  static Task<> drain(Program& self);

  RunOptions options_;
  control::Environment environment_;
  std::unique_ptr<LogWriter> log_writer_;
  std::unique_ptr<LogWriter> access_writer_;
  std::optional<Log> log_;
  std::optional<Logger> logger_;
  std::optional<Metrics> metrics_;
  std::unique_ptr<Loop> loop_;
  std::optional<control::DataFolder> data_;
  std::optional<control::Database> database_;
  std::optional<control::Accounts> accounts_;
  std::optional<control::AuditLog> audit_;
  std::optional<control::KeptObjects> kept_;
  std::optional<control::Events> events_;
  control::Loaded first_;  // What is to be in force at the start.
  std::optional<std::string> first_password_;
  std::unique_ptr<wasm::Engine> engine_;
  std::optional<Ticker> ticker_;
  std::optional<wasm::ModuleCache> modules_;
  std::optional<PluginLoader> loader_;
  wasm::SharedData shared_data_;
  wasm::SharedQueues shared_queues_;
  SystemClock clock_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<vector::Database> vectors_;
  std::unique_ptr<Signals> signals_;
  std::optional<Telemetry> telemetry_;
  CounterFamily* reloads_ = nullptr;
  std::optional<RedisMeters> redis_meters_;
  std::optional<PortMeters> port_meters_;
  std::optional<EmbeddedMeters> embedded_meters_;
  std::optional<VectorTimes> vector_times_;
  std::atomic<std::uint32_t> connections_{0};
  std::atomic<bool> short_of_memory_{false};
  std::atomic<std::uint32_t> spans_waiting_{0};
  std::unique_ptr<WorkerGroup> group_;
  std::optional<BlockingPool> pool_;
  std::optional<BlockingPool> vector_pool_;
  std::optional<embed::Embedder> embedder_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::unique_ptr<market::Catalogue> catalogue_;
  std::optional<market::Inspector> inspector_;
  std::optional<LiveConfig> live_;
  std::optional<market::Market> market_;
  std::unique_ptr<Console> console_;
  bool ready_ = false;
};

// What is kept must be there before the configuration is read: a part of it is kept.
Status Program::open_data() {
  std::string folder = options_.data;
  if (folder.empty() && options_.config.empty()) folder = model::Config{}.data;
  if (folder.empty()) {
    MYNAH_LET(folder, control::data_folder_of(options_.config, environment_));
  }
  MYNAH_LET(auto data, control::DataFolder::open(std::move(folder)));
  data_.emplace(std::move(data));
  MYNAH_LET(auto database, control::open_control_database(data_->path()));
  database_.emplace(std::move(database));
  accounts_.emplace(*database_, clock_);
  audit_.emplace(*database_, clock_);
  kept_.emplace(*database_, clock_, *audit_);
  return ok();
}

Status Program::prepare() {
  raise_descriptor_limit();
  ::signal(SIGPIPE, SIG_IGN);
  MYNAH_LET(loop_, Loop::create());
  events_.emplace(*loop_);
  // Before any thread starts: threads inherit what is blocked.
  MYNAH_LET(signals_, Signals::open(*loop_, {SIGTERM, SIGINT, SIGHUP}));
  MYNAH_OK(open_data());
  MYNAH_LET(const auto overlay, kept_->all());
  MYNAH_LET(first_, LiveConfig::load(options_.config, environment_, overlay));
  const model::Config& config = *first_.config;
  MYNAH_LET(log_writer_, LogWriter::open({.path = ""}));
  log_.emplace(*log_writer_, clock_, LogOptions{});
  logger_.emplace(*log_, "app");
  if (config.gateway.access_log.enabled) {
    MYNAH_LET(access_writer_, LogWriter::open({.path = config.gateway.access_log.path,
                                               .stream = LogWriter::Stream::output}));
  }
  const std::uint32_t workers = config.gateway.workers != 0
                                    ? config.gateway.workers
                                    : std::max(1U, std::thread::hardware_concurrency());
  metrics_.emplace(workers);
  telemetry_.emplace(*log_, access_writer_.get(), *metrics_, workers);
  reloads_ = &metrics_->counters("mynah_reloads_total", "Times the configuration was read anew.",
                                 {"result"});
  redis_meters_.emplace(*metrics_, *telemetry_);
  port_meters_.emplace(*metrics_);

  MYNAH_LET(first_password_,
            accounts_->ensure_first_account(variable(environment_, "MYNAH_ADMIN_PASSWORD")));

  store::StoreOptions store_options;
  store_options.folder = data_->path() + "/store";
  store_options.memory_bytes = memory_of(config, model::EmbeddedKind::store);
  MYNAH_LET(store_, store::Store::open(std::move(store_options), clock_));
  vector::DatabaseOptions vector_options;
  vector_options.folder = data_->path() + "/vectors";
  vector_options.memory_bytes = memory_of(config, model::EmbeddedKind::vectors);
  vector_options.disk.report = [this](const std::string& line) { logger_->warn(line); };
  MYNAH_LET(vectors_, vector::Database::open(std::move(vector_options), clock_));
  embedded_meters_.emplace(*metrics_, *store_, *vectors_);
  vector_times_.emplace(*metrics_);

  MYNAH_LET(engine_, wasm::Engine::create());
  ticker_.emplace(*engine_);
  wasm::ModuleCache::Settings cache;
  cache.folder = data_->path() + "/modules";
  cache.compiler = {program_path().string(), "compile-module"};
  modules_.emplace(*engine_, std::move(cache));
  MYNAH_LET(catalogue_, market::Catalogue::open(data_->path() + "/plugins", clock_));
  inspector_.emplace(*modules_, kVersion);
  loader_.emplace(*modules_, builtin_folder(), finder_in(*catalogue_));

  for (const model::Listener& listener : config.gateway.listeners)
    MYNAH_OK(Listener::ensure_free(listener.address));
  for (const model::Service& service : config.services) {
    const auto* embedded = std::get_if<model::Embedded>(&service.origin);
    if (embedded != nullptr && embedded->listen) {
      MYNAH_OK(Listener::ensure_free(*embedded->listen));
    }
  }
  MYNAH_LET(group_, WorkerGroup::start({.name = "worker", .count = workers}));
  pool_.emplace(BlockingPool::Options{.name = "pool"});
  vector_pool_.emplace(BlockingPool::Options{.name = "vectors"});
  embed::EmbedderOptions embedder_options;
  embedder_options.folder = (program_path().parent_path().parent_path() / "models").string();
  embedder_options.threads = workers;
  embedder_.emplace(std::move(embedder_options), *metrics_, Logger(*log_, "embed"));
  return ok();
}

http::LocalHandler Program::embedded(Loop& loop, const model::Service& service) {
  const auto& embedded = std::get<model::Embedded>(service.origin);
  switch (embedded.kind) {
    case model::EmbeddedKind::embeddings:
      return embeddings(loop, *embedder_, embedded.model);
    case model::EmbeddedKind::demo_llm:
      return demo_llm(loop);
    case model::EmbeddedKind::vectors:
      return embedded_vectors(loop, *vector_pool_, *vectors_, *vector_times_);
    case model::EmbeddedKind::store:
      break;
  }
  return not_served(service.name);
}

Result<std::unique_ptr<ServicePort>> Program::service_port(Loop& loop,
                                                           const model::Service& service) {
  const auto& embedded_service = std::get<model::Embedded>(service.origin);
  auto speaker = embedded_service.kind == model::EmbeddedKind::store
                     ? speak_redis(loop, *store_, service, *port_meters_)
                     : speak_http(loop, embedded(loop, service), service, *port_meters_);
  return ServicePort::open(loop, service, std::move(speaker), *port_meters_);
}

Status Program::start_workers() {
  workers_.resize(group_->size());
  WorkerShared shared{
      *pool_,
      shared_data_,
      shared_queues_,
      *telemetry_,
      [this](Loop& loop, const model::Service& service) { return embedded(loop, service); },
      [this](Loop& loop, const model::Service& service) { return service_port(loop, service); },
      [this](const RedisPlace& place, const model::Service& service,
             const wasm::RedisService& wanted) {
        const auto* embedded = std::get_if<model::Embedded>(&service.origin);
        if (embedded != nullptr && embedded->kind == model::EmbeddedKind::store)
          return Result(make_store_port(*store_));
        return make_redis_port(place, service, wanted, *redis_meters_);
      },
      connections_,
      short_of_memory_,
      spans_waiting_};
  group_->run_on_all([&](Loop& loop, std::size_t index) {
    workers_[index] = std::make_unique<Worker>(loop, static_cast<std::uint32_t>(index), shared);
  });
  live_.emplace(LiveConfig::Parts{.loop = *loop_,
                                  .group = *group_,
                                  .workers = workers_,
                                  .loader = *loader_,
                                  .kept = *kept_,
                                  .events = *events_,
                                  .logger = *logger_,
                                  .reloads = *reloads_,
                                  .path = options_.config,
                                  .environment = environment_});
  MYNAH_OK(live_->begin(std::move(first_)));
  control::ApiParts api{
      .accounts = *accounts_,
      .audit = *audit_,
      .kept = *kept_,
      .events = *events_,
      .clock = clock_,
      .loaded = [this]() -> const control::Loaded& { return live_->loaded(); },
      .change =
          [this](std::vector<control::ObjectChange> changes, control::Author author) {
            return live_->change(std::move(changes), std::move(author));
          },
      .ready = [this] { return ready_; },
      .metrics =
          [this] {
            embedded_meters_->read();
            return metrics_->prometheus();
          },
      .admin_token = variable(environment_, "MYNAH_ADMIN_TOKEN"),
      .passwords = {.hash =
                        [this](std::string password) {
                          return hash_aside(*pool_, *loop_, std::move(password));
                        },
                    .verify =
                        [this](std::string password, std::string hash) {
                          return verify_aside(*pool_, *loop_, std::move(password), std::move(hash));
                        }}};
  MYNAH_OK(open_market());
  api.more.push_back(market_->calls());
  Console::Parts parts{.loop = *loop_, .api = std::move(api), .folder = console_folder()};
  MYNAH_LET(console_, Console::open(live_->loaded().config->console, std::move(parts)));
  ready_ = true;
  return ok();
}

Status Program::open_market() {
  MYNAH_LET(auto builtins, market::read_builtins(builtin_folder()));
  market_.emplace(market::Market::Parts{
      .loop = *loop_,
      .pool = *pool_,
      .catalogue = *catalogue_,
      .inspector = *inspector_,
      .kept = *kept_,
      .audit = *audit_,
      .events = *events_,
      .change =
          [this](std::vector<control::ObjectChange> changes, control::Author author) {
            return live_->change(std::move(changes), std::move(author));
          },
      .reload = [this] { return live_->reload(); },
      .in_file = [this] { return plugins_in_file(live_->loaded()); },
      .builtins = std::move(builtins),
      .gateway_version = kVersion});
  return ok();
}

void Program::stop_workers() {
  console_.reset();
  market_.reset();
  // A plug-in that is being started on the pool still speaks to its worker.
  group_->run_on_all([&](Loop&, std::size_t index) { workers_[index]->stop(); });
  live_.reset();
  vector_pool_.reset();
  pool_.reset();
  group_->run_on_all([&](Loop&, std::size_t index) { workers_[index].reset(); });
  embedder_.reset();
  group_->stop();
}

// What a person needs to begin, then the line that scripts wait for.
void Program::announce(std::int64_t milliseconds) {
  std::string text;
  std::vector<Address> addresses;
  group_->run_on_all([&](Loop&, std::size_t index) {
    if (index == 0) addresses = workers_[0]->addresses();
  });
  const std::string console = cat("http://", console_->address().text());
  const auto gateway = std::ranges::find_if(live_->loaded().config->gateway.listeners,
                                            [](const auto& each) { return !each.tls; });
  if (options_.config.empty()) {
    append(text, "Mynah ", kVersion, "\n");
    for (const Address& address : addresses)
      append(text, "  gateway   http://", address.text(), "\n");
    append(text, "  console   ", console, "\n");
    if (first_password_)
      append(text, "  sign in   admin / ", *first_password_, "   (shown once)\n");
    if (gateway != live_->loaded().config->gateway.listeners.end() && !addresses.empty()) {
      append(
          text, "  try it    curl -s http://", addresses.front().text(), "/v1/chat/completions ",
          "-H 'content-type: application/json' ",
          R"(-d '{"model":"demo","messages":[{"role":"user","content":"What is the capital of France?"}]}')",
          "\n");
    }
  } else if (first_password_) {
    append(text, "console sign in: admin / ", *first_password_, " (shown once)\n");
  }
  append(text, "ready");
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    append(text, " ", live_->loaded().config->gateway.listeners[i].tls ? "https://" : "http://",
           addresses[i].text());
  }
  append(text, " console ", console, " in ", milliseconds, " ms\n");
  std::fputs(text.c_str(), stdout);  // tidy: allow printf: the command's answer
  std::fflush(stdout);
}

Task<> Program::obey_signals(Program& self) {
  Scope draining(*self.loop_);
  while (true) {
    const int number = co_await self.signals_->next();
    if (number == SIGHUP) {
      if (self.log_writer_ != nullptr) self.log_writer_->reopen();
      if (self.access_writer_ != nullptr) self.access_writer_->reopen();
      self.live_->request_reload();
      continue;
    }
    if (!self.ready_) break;
    self.ready_ = false;
    draining.spawn(&Program::drain, std::ref(self));
  }
  self.logger_->warn("ended at once by a second signal");
  self.loop_->stop();
}

Task<> Program::drain(Program& self) {
  const model::Limits& limits = self.live_->loaded().config->gateway.limits;
  self.logger_->info("draining");
  const auto on_all = [&](void (Worker::*what)()) {
    self.group_->run_on_all([&](Loop&, std::size_t index) { ((*self.workers_[index]).*what)(); });
  };
  on_all(&Worker::drain);
  co_await Sleep(*self.loop_, Duration(limits.drain_grace));
  on_all(&Worker::stop_listening);
  const Instant deadline = self.loop_->now() + limits.drain_time;
  while (self.connections_ > 0 && self.loop_->now() < deadline) {
    on_all(&Worker::end_idle);
    co_await Sleep(*self.loop_, Duration(50ms));
  }
  if (self.connections_ > 0)
    self.logger_->warn("exchanges are cut at the end of the drain time",
                       {{"connections", self.connections_.load()}});
  // What the last exchanges tell the collector is on its way for a second.
  const Instant told = self.loop_->now() + kSpansTime;
  while (self.spans_waiting_ > 0 && self.loop_->now() < told)
    co_await Sleep(*self.loop_, Duration(50ms));
  self.loop_->stop();
}

// A burst of changes is one reload; what the configuration names is watched as well. Files are
// watched before they are read, so that no change falls between.
Task<> Program::watch_files(Program& self) {
  if (self.options_.config.empty()) co_return;
  for (bool read_anew = false;; read_anew = true) {
    const std::vector<std::string> files = self.live_->loaded().files;
    std::vector<std::unique_ptr<FileWatch>> watches;
    Event changed(*self.loop_);
    Scope watching(*self.loop_);
    for (const std::string& file : files) {
      auto watch = FileWatch::open(*self.loop_, file);
      if (!watch) continue;
      watches.push_back(*std::move(watch));
      watching.spawn(&Program::tell_change, std::ref(*watches.back()), std::ref(changed));
    }
    if (read_anew) (co_await self.live_->reload()).ignore();  // The log has said it.
    if (self.live_->loaded().files != files) continue;
    co_await changed.wait();
  }
}

Task<> Program::tell_change(FileWatch& watch, Event& told) {
  co_await watch.changed();
  told.set();
}

Task<> Program::watch_memory(Program& self) {
  while (true) {
    const std::uint64_t limit =
        memory_limit(self.live_->loaded().config->gateway.limits.memory_bytes);
    const bool above = limit != 0 && memory_in_use() > limit;
    if (above != self.short_of_memory_.exchange(above)) {
      self.logger_->warn(above ? "over the memory limit: exchanges are refused"
                               : "under the memory limit again");
    }
    co_await Sleep(*self.loop_, Duration(100ms));
  }
}

}  // namespace

control::Environment environment_of_process() {
  control::Environment environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const Halves pair = cut(*entry, "=");
    environment.emplace(pair.before, pair.after);
  }
  return environment;
}

Status run_gateway(const RunOptions& options) {
  Program program(options, environment_of_process());
  return program.run();
}

}  // namespace mynah
