// SPDX-License-Identifier: Apache-2.0
// Settings of a service become those of a client; calls, and how servers fare, become metrics.
// tidy: allow-file shared_ptr: what exchanges in flight use outlives the generation that made it
#include "gateway/redis_port.h"

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "aio/scope.h"
#include "base/resp.h"
#include "base/text.h"
#include "gateway/upstream.h"
#include "redis/client.h"

namespace mynah {
namespace {

constexpr Duration kDefaultTimeout = 5s;
constexpr Duration kLongestTimeout = 1h;
constexpr std::size_t kCommandsMax = 1000;  // In one query.

std::vector<redis::Endpoint> endpoints_of(const model::Service& service) {
  if (const auto* name = std::get_if<model::DnsName>(&service.origin))
    return {{name->host, name->port}};
  std::vector<redis::Endpoint> endpoints;
  for (const auto& [address, weight] : std::get<model::StaticEndpoints>(service.origin).endpoints)
    endpoints.push_back({address.ip(), address.is_ip() ? address.port() : std::uint16_t{0}});
  return endpoints;
}

using Words = std::vector<std::string_view>;

// The whole commands that a query holds: at least one, and nothing else. They are sent anew, since
// what a server reads otherwise than this would put the replies of all others out of step.
Result<std::vector<Words>> parse_commands(std::string_view query) {
  std::vector<Words> commands;
  while (!query.empty()) {
    if (commands.size() == kCommandsMax)
      return Error{Errc::too_large, "Protocol error: too many commands in a query"};
    MYNAH_LET(const std::size_t taken, parse_command(query, commands.emplace_back()));
    if (commands.back().empty())
      return Error{Errc::invalid_argument, "Protocol error: an empty command"};
    query.remove_prefix(taken);
  }
  if (commands.empty()) return Error{Errc::invalid_argument, "Protocol error: an empty query"};
  return commands;
}

redis::Topology topology_of(model::RedisTopology topology) {
  switch (topology) {
    case model::RedisTopology::sentinel:
      return redis::Topology::sentinel;
    case model::RedisTopology::cluster:
      return redis::Topology::cluster;
    case model::RedisTopology::single:
      break;
  }
  return redis::Topology::single;
}

std::string_view outcome_of(const Result<Resp>& reply) {
  if (reply) return reply->is_error() ? "error-reply" : "answered";
  return name_of(reply.error().code);
}

class ServerPort final : public RedisPort, private redis::Health {
 public:
  ServerPort(const RedisPlace& place, const model::Service& service, redis::Options options,
             Duration timeout, RedisMeters& meters)
      : loop_(place.loop),
        service_(service),
        timeout_(timeout),
        slot_(Slot::worker(place.worker)),
        meters_(meters),
        seconds_(meters.seconds.with({service.name})),
        connections_(meters.connections.with({service.name})),
        answered_(meters.calls.with({service.name, "answered"})),
        client_(place.loop, place.resolver, std::move(options), *this, place.seed) {}

  ~ServerPort() override { connections_.add(slot_, -open_); }

  [[nodiscard]] bool serves(const model::Service& service) const override {
    return service == service_;
  }

  Task<Result<std::string>> call(std::string_view query) override {
    std::string bytes;
    const auto commands = parse_commands(query);
    if (!commands) {
      encode(Resp::error(cat("ERR ", commands.error().what)), RespVersion::resp2, bytes);
      co_return bytes;
    }
    // All of them leave at once, and in their order where they go to one server.
    std::vector<Result<Resp>> replies(commands->size(), Resp());
    Scope calls(loop_);
    for (std::size_t i = 0; i < replies.size(); ++i)
      calls.spawn(&ServerPort::perform, std::ref(*this), std::cref((*commands)[i]),
                  std::ref(replies[i]));
    co_await calls.join();
    for (const auto& reply : replies) {
      if (!reply) co_return reply.error();
      encode(*reply, RespVersion::resp2, bytes);
    }
    co_return bytes;
  }

 private:
  static Task<> perform(ServerPort& port, const Words& words, Result<Resp>& reply) {
    const Instant begin = port.loop_.now();
    reply = co_await port.client_.call(words, port.timeout_);
    port.count(reply, port.loop_.now() - begin);
    if (reply) co_return;
    const Errc code = reply.error().code;
    if (code == Errc::denied || code == Errc::unsupported) reply = Resp::error(reply.error().what);
  }

  void count(const Result<Resp>& reply, Duration took) {
    seconds_.observe(slot_, std::chrono::duration<double>(took).count());
    if (reply && !reply->is_error()) return answered_.add(slot_);
    meters_.calls.with({service_.name, outcome_of(reply)}).add(slot_);
  }

  // redis::Health.
  void opened(const redis::Endpoint& endpoint) override {
    connections_.add(slot_, 1);
    ++open_;
    if (!std::exchange(away_, false)) return;
    tell(abi::LogLevel::info, endpoint, "connected again");
  }
  void closed(const redis::Endpoint& endpoint, const Error& why) override {
    connections_.add(slot_, -1);
    --open_;
    // That servers close connections is their right.
    const auto level = why.code == Errc::closed ? abi::LogLevel::debug : abi::LogLevel::warn;
    tell(level, endpoint, cat("the connection has ended: ", why.what));
  }
  void unreachable(const redis::Endpoint& endpoint, const Error& why, Failure failure) override {
    meters_.failed_connects.with({service_.name}).add(slot_);
    if (failure == Failure::again) return;
    away_ = true;
    tell(abi::LogLevel::warn, endpoint, cat("no connection: ", why.what));
  }
  void redirected(redis::Redirect redirect) override {
    const std::string_view kind = redirect == redis::Redirect::moved ? "moved" : "ask";
    meters_.redirects.with({service_.name, kind}).add(slot_);
  }

  void tell(abi::LogLevel level, const redis::Endpoint& endpoint, std::string_view what) {
    meters_.observer.event(level,
                           cat("Redis service ", service_.name, ": ", endpoint.text(), ": ", what));
  }

  Loop& loop_;
  const model::Service service_;
  const Duration timeout_;
  const Slot slot_;
  RedisMeters& meters_;
  Histogram& seconds_;
  Gauge& connections_;
  Counter& answered_;
  std::int64_t open_ = 0;
  bool away_ = false;
  redis::Client client_;  // Last: it uses all of the above.
};

}  // namespace

RedisMeters::RedisMeters(Metrics& metrics, Observer& told)
    : calls(metrics.counters("mynah_redis_calls_total",
                             "Calls of plug-ins to Redis services, by service and outcome.",
                             {"service", "outcome"})),
      seconds(metrics.histograms("mynah_redis_call_seconds",
                                 "How long calls of plug-ins to Redis services take.", {"service"},
                                 seconds_bounds())),
      connections(metrics.gauges("mynah_redis_connections", "Open connections to Redis services.",
                                 {"service"})),
      failed_connects(metrics.counters("mynah_redis_failed_connects_total",
                                       "Attempts to connect to Redis services that failed.",
                                       {"service"})),
      redirects(metrics.counters("mynah_redis_redirects_total",
                                 "Answers of Redis clusters that a key is elsewhere.",
                                 {"service", "kind"})),
      observer(told) {}

Result<std::shared_ptr<RedisPort>> make_redis_port(const RedisPlace& place,
                                                   const model::Service& service,
                                                   const wasm::RedisService& wanted,
                                                   RedisMeters& meters) {
  if (std::holds_alternative<model::Embedded>(service.origin))
    return Error{Errc::unsupported, cat("service ", service.name, " does not speak Redis")};
  redis::Options options;
  options.topology = topology_of(service.redis.topology);
  options.endpoints = endpoints_of(service);
  options.primary_name = service.redis.primary;
  options.sentinel_login = {service.redis.sentinel_user, service.redis.sentinel_password};
  if (service.redis.read_from == model::RedisReads::replica)
    options.read_from = redis::ReadFrom::replica;
  options.login = {std::string(wanted.user), std::string(wanted.password)};
  options.database = wanted.database;
  options.connect_timeout = service.connect_timeout;
  if (service.tls) {
    MYNAH_LET(options.tls, tls_to(*service.tls, {}));
    options.tls_name = service.tls->sni;
  }
  const Duration timeout = wanted.timeout.count() == 0
                               ? kDefaultTimeout
                               : std::min<Duration>(wanted.timeout, kLongestTimeout);
  return std::shared_ptr<RedisPort>(
      std::make_shared<ServerPort>(place, service, std::move(options), timeout, meters));
}

}  // namespace mynah
