// SPDX-License-Identifier: Apache-2.0
// Choosing endpoints, judging them, and keeping the list of them up to date.
// tidy: allow-file shared_ptr: what exchanges in flight use outlives the generation that made it
#include "gateway/upstream.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <utility>

#include "aio/dns.h"
#include "base/text.h"
#include "gateway/connection_pool.h"

namespace mynah {
namespace {

constexpr Duration kResolveEvery = 10s;
constexpr std::uint32_t kEjectionsCounted = 10;

std::uint64_t mix(std::uint64_t x) {
  x ^= x >> 33U;
  x *= 0xff51afd7ed558ccdULL;
  x ^= x >> 33U;
  x *= 0xc4ceb9fe1a85ec53ULL;
  return x ^ (x >> 33U);
}

std::uint64_t hash_text(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return mix(hash);
}

std::string_view cookie_value(const Headers& request, std::string_view name) {
  for (const auto& [field, value] : request) {
    if (field != "cookie") continue;
    for (const std::string_view pair : split(value, ';')) {
      const Halves halves = cut(trim(pair), "=");
      if (halves.before == name) return halves.after;
    }
  }
  return {};
}

std::uint16_t port_of(const model::Service& service) {
  if (const auto* dns = std::get_if<model::DnsName>(&service.origin)) return dns->port;
  if (const auto* fixed = std::get_if<model::StaticEndpoints>(&service.origin)) {
    return service.name.ends_with(".static") ? std::uint16_t{80}
                                             : fixed->endpoints.front().address.port();
  }
  return 80;
}

std::string authority_of(const model::Service& service) {
  if (const auto* dns = std::get_if<model::DnsName>(&service.origin)) {
    const std::uint16_t own = service.tls ? 443 : 80;
    return dns->port == own ? dns->host : cat(dns->host, ":", dns->port);
  }
  if (const auto* fixed = std::get_if<model::StaticEndpoints>(&service.origin)) {
    return fixed->endpoints.front().address.text();
  }
  return service.name;
}

}  // namespace

UpstreamEndpoint::UpstreamEndpoint(Upstream& upstream, Address address, std::uint32_t weight)
    : address_(std::move(address)),
      address_text_(address_.text()),
      weight_(weight),
      pool_(std::make_unique<ConnectionPool>(upstream, address_)) {}

UpstreamEndpoint::~UpstreamEndpoint() = default;

Lease::Lease(Upstream& upstream, std::shared_ptr<UpstreamEndpoint> endpoint,
             http::ClientStreamPtr opened)
    : stream(std::move(opened)), upstream_(&upstream), endpoint_(std::move(endpoint)) {
  ++upstream_->shared().requests_in_flight;
  if (endpoint_ != nullptr) ++endpoint_->in_flight;
}

Lease::Lease(Lease&& other) noexcept
    : stream(std::move(other.stream)),
      upstream_(std::exchange(other.upstream_, nullptr)),
      endpoint_(std::move(other.endpoint_)) {}

Lease::~Lease() {
  if (upstream_ == nullptr) return;
  --upstream_->shared().requests_in_flight;
  if (endpoint_ != nullptr) --endpoint_->in_flight;
  stream.reset();
}

void Lease::report(Report report) {
  if (endpoint_ != nullptr) upstream_->report(*endpoint_, report);
}

std::string_view Lease::address() const {
  return endpoint_ == nullptr ? "embedded" : std::string_view(endpoint_->address_text());
}

Result<std::shared_ptr<const TlsClientContext>> tls_to(const model::UpstreamTls& settings,
                                                       std::vector<std::string> protocols) {
  TlsClientOptions options;
  options.ca_file = settings.ca;
  options.verify = settings.verify;
  if (const auto& own = settings.client_certificate)
    options.certificate = TlsCertificate{own->certificate, own->key};
  options.protocols = std::move(protocols);
  return TlsClientContext::create(options);
}

Upstream::Upstream(const model::Service& service, UpstreamContext context,
                   std::shared_ptr<ServiceShared> shared)
    : service_(service),
      context_(std::move(context)),
      shared_(std::move(shared)),
      cluster_name_(cat("outbound|", port_of(service), "||", service.name)),
      authority_(authority_of(service)),
      random_(hash_text(service.name)),
      background_(context_.loop) {}

Upstream::~Upstream() { background_.cancel(); }

Result<std::shared_ptr<Upstream>> Upstream::create(const model::Service& service,
                                                   UpstreamContext context,
                                                   std::shared_ptr<ServiceShared> shared) {
  // tidy: allow new: private constructor
  std::shared_ptr<Upstream> made(new Upstream(service, std::move(context), std::move(shared)));
  if (service.tls) {
    const bool h2 = service.protocol == model::Protocol::h2;
    MYNAH_LET(made->tls_, tls_to(*service.tls, {h2 ? "h2" : "http/1.1"}));
  }
  if (std::holds_alternative<model::Embedded>(service.origin)) {
    made->local_ = made->context_.embedded(made->context_.loop, service);
  } else if (const auto* fixed = std::get_if<model::StaticEndpoints>(&service.origin)) {
    made->set_endpoints(fixed->endpoints);
  }
  if (service.health_check && made->local_ == nullptr)
    made->background_.spawn(&Upstream::keep_checked, std::ref(*made));
  return made;
}

// Endpoints that stay keep their connections and their record.
void Upstream::set_endpoints(const std::vector<model::Endpoint>& wanted) {
  std::vector<std::shared_ptr<UpstreamEndpoint>> endpoints;
  for (const model::Endpoint& endpoint : wanted) {
    const auto old = std::ranges::find_if(endpoints_, [&](const auto& each) {
      return each->address() == endpoint.address && each->weight() == endpoint.weight;
    });
    endpoints.push_back(old != endpoints_.end() ? *old
                                                : std::make_shared<UpstreamEndpoint>(
                                                      *this, endpoint.address, endpoint.weight));
  }
  endpoints_ = std::move(endpoints);
}

// The first use of a DNS name waits for its addresses; from then on the list is kept fresh in the
// background.
Task<Status> Upstream::ensure_endpoints() {
  const auto* name = std::get_if<model::DnsName>(&service_.origin);
  if (name == nullptr || !endpoints_.empty()) co_return ok();
  MYNAH_CO_OK(co_await resolve(*name));
  if (!std::exchange(kept_resolved_, true))
    background_.spawn(&Upstream::keep_resolved, std::ref(*this));
  co_return ok();
}

Task<Status> Upstream::resolve(const model::DnsName& name) {
  const Instant deadline = loop().now() + service_.connect_timeout;
  MYNAH_CO_LET(const auto addresses,
               co_await context_.resolver.resolve(name.host, name.port, deadline));
  std::vector<model::Endpoint> endpoints;
  for (const Address& address : addresses) endpoints.push_back({address, 1});
  set_endpoints(endpoints);
  co_return ok();
}

Task<> Upstream::keep_resolved(Upstream& self) {
  const auto& name = std::get<model::DnsName>(self.service_.origin);
  while (true) {
    co_await Sleep(self.loop(), kResolveEvery);
    // The addresses known so far stay in use while the name cannot be resolved.
    (co_await self.resolve(name)).ignore();
  }
}

Task<Result<Lease>> Upstream::open(std::uint64_t hash, std::string_view avoid,
                                   std::string_view wanted) {
  const std::uint32_t limit = service_.circuit.requests_max;
  if (limit != 0 && shared_->requests_in_flight >= limit) {
    co_return Error{Errc::exhausted, cat("service ", service_.name, " has ", limit,
                                         " requests in flight, its limit")};
  }
  if (local_ != nullptr) co_return Lease(*this, nullptr, http::open_local(loop(), local_));
  MYNAH_CO_OK(co_await ensure_endpoints());
  auto endpoint = choose(hash, avoid, wanted);
  if (endpoint == nullptr) {
    co_return Error{Errc::unavailable,
                    cat("service ", service_.name, " has no endpoint that can be asked")};
  }
  auto stream = co_await endpoint->pool().open();
  if (!stream) {
    if (stream.error().code != Errc::exhausted) report(*endpoint, Report::failed_to_connect);
    co_return std::move(stream).error();
  }
  co_return Lease(*this, std::move(endpoint), *std::move(stream));
}

std::shared_ptr<UpstreamEndpoint> Upstream::choose(std::uint64_t hash, std::string_view avoid,
                                                   std::string_view wanted) {
  if (!wanted.empty()) {
    const auto found = std::ranges::find_if(
        endpoints_, [&](const auto& each) { return each->address_text() == wanted; });
    return found == endpoints_.end() ? nullptr : *found;
  }
  if (endpoints_.size() == 1) return endpoints_.front();
  std::vector<UpstreamEndpoint*> candidates;
  const Instant now = loop().now();
  const auto collect = [&](auto&& fits) {
    if (!candidates.empty()) return;
    for (const auto& endpoint : endpoints_) {
      if (fits(*endpoint)) candidates.push_back(endpoint.get());
    }
  };
  collect([&](const UpstreamEndpoint& e) {
    return e.usable(now) && (avoid.empty() || e.address_text() != avoid);
  });
  collect([&](const UpstreamEndpoint& e) { return e.usable(now); });
  // When none is well, asking any is better than asking none: the judgement may be wrong.
  collect([](const UpstreamEndpoint&) { return true; });
  if (candidates.empty()) return nullptr;

  UpstreamEndpoint* chosen = nullptr;
  switch (service_.load_balancing.policy) {
    case model::BalancingPolicy::round_robin: {
      // Smooth weighted: everyone earns its weight, the richest is chosen and pays the sum.
      std::int64_t sum = 0;
      for (UpstreamEndpoint* each : candidates) {
        each->credit += each->weight();
        sum += each->weight();
        if (chosen == nullptr || each->credit > chosen->credit) chosen = each;
      }
      chosen->credit -= sum;
      break;
    }
    case model::BalancingPolicy::least_request: {
      // The better of two random ones: nearly as good as the best of all, and workers do not herd.
      UpstreamEndpoint* picks[2];
      for (UpstreamEndpoint*& pick : picks)
        pick = candidates[(random_ = mix(random_ + 0x9e3779b97f4a7c15ULL)) % candidates.size()];
      const auto load = [](const UpstreamEndpoint& e) { return (e.in_flight + 1.0) / e.weight(); };
      chosen = load(*picks[0]) <= load(*picks[1]) ? picks[0] : picks[1];
      break;
    }
    case model::BalancingPolicy::consistent_hash: {
      // Rendezvous: each endpoint draws a number from the hash and its address; the highest wins,
      // so that a lost endpoint moves only its own share.
      double best = -std::numeric_limits<double>::infinity();
      for (UpstreamEndpoint* each : candidates) {
        const std::uint64_t draw = mix(hash ^ hash_text(each->address_text()));
        const double uniform = (static_cast<double>(draw >> 11U) + 0.5) * 0x1.0p-53;
        const double score = -static_cast<double>(each->weight()) / std::log(uniform);
        if (score > best) {
          best = score;
          chosen = each;
        }
      }
      break;
    }
  }
  const auto owner =
      std::ranges::find(endpoints_, chosen, [](const auto& each) { return each.get(); });
  return *owner;
}

std::uint64_t Upstream::hash_of(const Headers& request, std::string_view client_address) const {
  const model::LoadBalancing& settings = service_.load_balancing;
  if (settings.policy != model::BalancingPolicy::consistent_hash) return 0;
  if (!settings.hash_header.empty()) {
    if (const auto value = request.find(settings.hash_header)) return hash_text(*value);
  }
  if (!settings.hash_cookie.empty()) {
    if (const auto value = cookie_value(request, settings.hash_cookie); !value.empty())
      return hash_text(value);
  }
  return hash_text(client_address);
}

void Upstream::report(UpstreamEndpoint& endpoint, Report report) {
  if (report == Report::answered) {
    endpoint.errors_in_row = 0;
    endpoint.ejections_in_row = 0;
    return;
  }
  const model::OutlierEjection& settings = service_.outlier_ejection;
  if (settings.consecutive_errors == 0 || ++endpoint.errors_in_row < settings.consecutive_errors)
    return;
  const Instant now = loop().now();
  const auto ejected = static_cast<double>(std::ranges::count_if(
      endpoints_, [&](const auto& each) { return now < each->ejected_until; }));
  const auto size = static_cast<double>(endpoints_.size());
  const bool allowed = endpoints_.size() > 1 &&
                       (ejected == 0 || (ejected + 1) * 100 <= size * settings.ejected_percent_max);
  if (!allowed || now < endpoint.ejected_until) return;
  endpoint.ejections_in_row = std::min(endpoint.ejections_in_row + 1, kEjectionsCounted);
  endpoint.ejected_until = now + settings.ejection_time * endpoint.ejections_in_row;
  endpoint.errors_in_row = 0;
}

// Each worker checks for itself: it sees what its own connections see, and shares nothing.
Task<> Upstream::keep_checked(Upstream& self) {
  const model::ActiveHealthCheck& settings = *self.service_.health_check;
  struct Count {
    std::uint32_t good = 0;
    std::uint32_t bad = 0;
  };
  std::map<std::string, Count> counts;
  while (true) {
    (co_await self.ensure_endpoints()).ignore();  // Without endpoints there is nothing to check.
    const auto endpoints = self.endpoints_;
    for (const auto& endpoint : endpoints) {
      Count& count = counts[endpoint->address_text()];
      const bool well = co_await self.check(endpoint->address());
      count.good = well ? count.good + 1 : 0;
      count.bad = well ? 0 : count.bad + 1;
      if (count.good >= settings.healthy_threshold) endpoint->checked_well = true;
      if (count.bad >= settings.unhealthy_threshold) endpoint->checked_well = false;
    }
    self.random_ = mix(self.random_ + 1);
    const auto jitter = static_cast<std::int64_t>(self.random_ % 100);
    co_await Sleep(self.loop(), Duration(settings.interval) * (950 + jitter) / 1000);
  }
}

Task<bool> Upstream::check(const Address& address) {
  const model::ActiveHealthCheck& settings = *service_.health_check;
  const auto found = std::ranges::find_if(
      endpoints_, [&](const auto& each) { return each->address() == address; });
  if (found == endpoints_.end()) co_return false;
  const auto endpoint = *found;
  auto stream = co_await endpoint->pool().open();
  if (!stream) co_return false;
  // The time limit cuts the stream; what waits for it then ends with an error.
  Timer limit([](void* opened) { static_cast<http::ClientStream*>(opened)->abort(); },
              stream->get());
  limit.arm(loop().timers(), loop().now() + settings.timeout);
  Headers request;
  request.add(":method", "GET");
  request.add(":scheme", tls_ == nullptr ? "http" : "https");
  request.add(":authority", settings.host.empty() ? authority_ : settings.host);
  request.add(":path", settings.path);
  request.add("user-agent", "mynah-health-check");
  if (!co_await (*stream)->send(request, http::End::yes)) co_return false;
  const auto response = co_await (*stream)->response();
  if (!response) co_return false;
  while (!(*stream)->response_ended()) {
    const auto piece = co_await (*stream)->read();
    if (!piece) co_return false;
    if (piece->end == http::End::yes) break;
  }
  const int status = parse_number<int>(response->value_or(":status", "0")).value_or(0);
  co_return std::ranges::any_of(settings.statuses, [&](const auto& range) {
    return status >= range.first && status <= range.last;
  });
}

}  // namespace mynah
