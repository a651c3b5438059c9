// SPDX-License-Identifier: Apache-2.0
// Listening, serving, and what exchanges and plug-ins ask of their worker.
// tidy: allow-file rand: the name that the Wasm host gives to the random source
// tidy: allow-file shared_ptr: what exchanges in flight use outlives the generation that made it
#include "gateway/worker.h"

#include <algorithm>
#include <sys/random.h>
#include <utility>

#include "base/text.h"
#include "gateway/counted.h"
#include "gateway/exchange_run.h"
#include "gateway/proxy_protocol.h"

namespace mynah {
namespace {

constexpr Duration kHandshakeTime = 10s;
constexpr std::chrono::milliseconds kForever = std::chrono::hours(24 * 365);

std::uint64_t system_random() {
  std::uint64_t number = 0;
  if (::getrandom(&number, sizeof number, 0) != sizeof number) number = 0x9e3779b97f4a7c15ULL;
  return number;
}

http::ServerLimits server_limits(const model::Limits& limits) {
  http::ServerLimits made;
  made.message.header_count = limits.header_count;
  made.message.header_bytes = limits.header_bytes;
  made.message.uri_bytes = limits.uri_bytes;
  if (limits.body_bytes != 0) made.message.body_bytes = limits.body_bytes;
  made.header_timeout = limits.header_timeout;
  made.idle_timeout = limits.idle_timeout;
  // A slow client is cut by the rate; one that stands still, by the exchange's own limit.
  made.body_timeout = limits.body_rate_grace;
  made.body_bytes_per_second = limits.body_rate_min;
  made.write_timeout = limits.stream_timeout.count() != 0 ? limits.stream_timeout : kForever;
  made.connection_lifetime = limits.connection_lifetime;
  made.streams_max = limits.streams;
  return made;
}

Result<std::shared_ptr<const TlsServerContext>> server_tls(const model::ListenerTls& settings) {
  TlsServerOptions options;
  for (const auto& [certificate, key] : settings.certificates)
    options.certificates.push_back({certificate, key});
  options.version_min =
      settings.min_version == model::TlsVersion::tls1_3 ? TlsVersion::v1_3 : TlsVersion::v1_2;
  options.protocols = settings.alpn;
  return TlsServerContext::create(options);
}

}  // namespace

// A listener of the configuration, open on this worker.
struct Worker::Port {
  model::Listener settings;
  std::unique_ptr<Listener> listener;
  std::shared_ptr<const TlsServerContext> tls;
  std::shared_ptr<const TlsServerContext> next_tls;  // Of a configuration that is being prepared.
  std::unique_ptr<Scope> accepting;
};

Worker::Worker(Loop& loop, std::uint32_t number, WorkerShared shared)
    : loop_(loop),
      number_(number),
      shared_(std::move(shared)),
      dice_(system_random()),
      resolver_(loop, shared_.pool, {}),
      background_(loop),
      connections_(loop) {}

Worker::~Worker() { stop(); }

void Worker::stop() {
  stop_listening();
  connections_.cancel();
  background_.cancel();
  generation_.reset();
}

Status Worker::prepare(std::shared_ptr<const Blueprint> blueprint, PluginMachines machines) {
  UpstreamContext context{loop_, resolver_, shared_.embedded};
  auto created =
      Generation::create(std::move(blueprint), generation_.get(), context, std::move(machines),
                         *this, {shared_.observer, number_, shared_.spans_waiting});
  MYNAH_LET(auto made, std::move(created));
  MYNAH_LET(prepared_ports_, open_ports(made->config().gateway.listeners));
  MYNAH_LET(prepared_service_ports_, open_service_ports(made->config().services));
  prepared_ = std::move(made);
  return ok();
}

void Worker::forget_prepared() {
  prepared_.reset();
  prepared_ports_.clear();
  prepared_service_ports_.clear();
}

void Worker::commit() {
  const bool same_limits = generation_ != nullptr && generation_->config().gateway.limits ==
                                                         prepared_->config().gateway.limits;
  generation_ = std::move(prepared_);
  for (const auto& plugin : generation_->plugins()) {
    if (plugin != nullptr) plugin->begin();
  }
  if (!same_limits) {
    // Connections that are open stay with the limits that they began with.
    std::erase_if(old_servers_, [](const auto& server) { return server->connections() == 0; });
    if (server_ != nullptr) old_servers_.push_back(std::move(server_));
    http::Handler& handler = *this;
    server_ = std::make_unique<http::Server>(
        loop_, server_limits(generation_->config().gateway.limits), handler);
  }
  for (const auto& port : prepared_ports_) {
    const auto& listeners = generation_->config().gateway.listeners;
    port->settings =
        *std::ranges::find(listeners, port->settings.address, &model::Listener::address);
    port->tls = std::move(port->next_tls);
    if (port->accepting->size() == 0)
      port->accepting->spawn(&Worker::accept_on, std::ref(*this), port);
  }
  for (const auto& port : ports_) {
    if (std::ranges::find(prepared_ports_, port) == prepared_ports_.end())
      port->accepting->cancel();
  }
  ports_ = std::move(prepared_ports_);
  service_ports_ = std::move(prepared_service_ports_);
}

// A listener that stays keeps its socket; new certificates serve new connections.
Result<std::vector<std::shared_ptr<Worker::Port>>> Worker::open_ports(
    const std::vector<model::Listener>& wanted) {
  std::vector<std::shared_ptr<Port>> ports;
  for (const model::Listener& settings : wanted) {
    std::shared_ptr<const TlsServerContext> tls;
    if (settings.tls) {
      MYNAH_LET(tls, server_tls(*settings.tls));
    }
    const auto same = std::ranges::find_if(
        ports_, [&](const auto& port) { return port->settings.address == settings.address; });
    std::shared_ptr<Port> port = same != ports_.end() ? *same : std::make_shared<Port>();
    if (same == ports_.end()) {
      port->settings = settings;
      MYNAH_LET(port->listener, Listener::open(loop_, settings.address, {}));
      port->accepting = std::make_unique<Scope>(loop_);
    }
    port->next_tls = std::move(tls);
    ports.push_back(std::move(port));
  }
  return ports;
}

// A service that is configured as before keeps its port, with the connections.
Result<Worker::ServicePorts> Worker::open_service_ports(
    const std::vector<model::Service>& services) {
  ServicePorts ports;
  for (const model::Service& service : services) {
    const auto* embedded = std::get_if<model::Embedded>(&service.origin);
    if (embedded == nullptr || !embedded->listen) continue;
    const auto same = std::ranges::find_if(
        service_ports_, [&](const auto& port) { return port->service() == service; });
    if (same != service_ports_.end()) {
      ports.push_back(*same);
      continue;
    }
    auto opened = shared_.service_port(loop_, service);
    if (!opened) return std::move(opened).error().within(cat("service ", service.name));
    ports.push_back(*std::move(opened));
  }
  return ports;
}

std::vector<Address> Worker::addresses() const {
  std::vector<Address> addresses;
  for (const auto& port : ports_) addresses.push_back(port->listener->address());
  return addresses;
}

void Worker::stop_listening() {
  for (const auto& port : ports_) {
    port->accepting->cancel();
    for (auto& connection : port->listener->take_waiting()) {
      connections_.spawn(&Worker::serve_connection, std::ref(*this), port, std::move(connection));
    }
  }
  ports_.clear();
  service_ports_.clear();
}

void Worker::drain() {
  draining_ = true;
  if (server_ != nullptr) server_->drain();
  for (const auto& server : old_servers_) server->drain();
}

void Worker::end_idle() {
  if (server_ != nullptr) server_->end_idle();
  for (const auto& server : old_servers_) server->end_idle();
}

Task<> Worker::accept_on(Worker& worker, std::shared_ptr<Port> port) {
  while (true) {
    auto accepted = co_await port->listener->accept();
    if (!accepted) {
      worker.shared_.observer.connection_refused(worker.number_, accepted.error().what);
      continue;
    }
    const auto limit = worker.generation_->config().gateway.limits.connections;
    if (limit != 0 && worker.shared_.connections >= limit) {
      worker.shared_.observer.connection_refused(worker.number_, "too many connections");
      (*accepted)->reset_on_close();
      continue;
    }
    worker.connections_.spawn(&Worker::serve_connection, std::ref(worker), port,
                              *std::move(accepted));
  }
}

Task<> Worker::serve_connection(Worker& worker, std::shared_ptr<Port> port,
                                std::unique_ptr<Connection> connection) {
  const Counted counted(worker.shared_.connections);
  http::PeerInfo peer;
  peer.address = connection->peer().ip();
  peer.port = connection->peer().port();
  const Instant deadline = worker.loop_.now() + kHandshakeTime;
  std::string already_read;
  if (port->settings.proxy_protocol) {
    auto header = co_await read_proxy_header(*connection, deadline);
    if (!header)
      co_return worker.shared_.observer.connection_refused(worker.number_, header.error().what);
    if (header->source) {
      peer.address = header->source->ip();
      peer.port = header->source->port();
    }
    already_read = std::move(header->rest);
  }
  if (port->tls != nullptr) {
    const auto tls = port->tls;  // Stays, whatever a reload puts in its place.
    const auto shaken = co_await TlsHandshake(*connection, *tls, deadline);
    if (!shaken)
      co_return worker.shared_.observer.connection_refused(worker.number_, shaken.error().what);
    peer.tls = true;
    peer.server_name = connection->tls()->server_name();
  }
  // The server that was there at the beginning of the connection serves it to its end.
  http::Server& server = *worker.server_;
  port.reset();
  co_await server.serve(std::move(connection), std::move(peer), std::move(already_read));
}

Task<> Worker::serve(http::ServerStream& stream) {
  ExchangeRun run(*this, stream);
  co_await run.run();
}

bool Worker::overloaded() const { return shared_.short_of_memory.load(std::memory_order_relaxed); }

void Worker::exchange_began() { shared_.observer.exchange_began(number_); }

void Worker::exchange_ended(const Exchange& exchange) {
  shared_.observer.exchange_ended(number_, exchange, loop_.now());
  if (exchange.trace && exchange.trace->exchange.sampled)
    exchange.generation->span_exporter()->record(exchange, loop_.now());
}

void Worker::filter_failed(const Filter& filter, const Error& error, const Exchange& exchange) {
  shared_.observer.filter_failed(number_, filter.name(), error, exchange);
}

void Worker::log(const std::string& plugin, abi::LogLevel level, std::string_view message,
                 const Exchange* exchange) {
  shared_.observer.plugin_log(plugin, level, message, exchange);
}
abi::LogLevel Worker::log_level() { return shared_.observer.plugin_log_level(); }

void Worker::random(std::span<char> bytes) {
  // Plug-ins make keys and nonces of it, so it comes from the system.
  while (!bytes.empty()) {
    const ssize_t got = ::getrandom(bytes.data(), std::min<std::size_t>(bytes.size(), 256), 0);
    if (got > 0) bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
}

Result<wasm::MetricId> Worker::define_metric(abi::MetricType type, std::string_view name) {
  return shared_.observer.define_metric(type, name);
}
void Worker::add_to_metric(wasm::MetricId metric, std::int64_t offset) {
  shared_.observer.add_to_metric(number_, metric, offset);
}
void Worker::record_metric(wasm::MetricId metric, std::uint64_t value) {
  shared_.observer.record_metric(number_, metric, value);
}
std::uint64_t Worker::metric(wasm::MetricId metric) { return shared_.observer.metric(metric); }

std::shared_ptr<Upstream> Worker::find_service(std::string_view name) {
  if (generation_ == nullptr) return nullptr;
  const auto index = generation_->blueprint().find_service(name);
  return index ? generation_->upstreams()[*index] : nullptr;
}

Result<std::shared_ptr<RedisPort>> Worker::redis(const wasm::RedisService& service,
                                                 std::shared_ptr<RedisPort> known) {
  const Blueprint& blueprint = generation_->blueprint();
  const auto index = blueprint.find_service(service.service);
  // The ABI's word for a service that is not there.
  if (!index) return Error{Errc::invalid_argument, cat("there is no service ", service.service)};
  const model::Service& found = blueprint.config().services[*index];
  if (known != nullptr && known->serves(found)) return known;
  return shared_.redis({loop_, resolver_, number_, dice_.next()}, found, service);
}

}  // namespace mynah
