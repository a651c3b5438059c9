// SPDX-License-Identifier: Apache-2.0
// Services in a file.
#include <limits>
#include <variant>

#include "control/config/kinds.h"
#include "control/config/sections.h"
#include "control/config/values.h"

namespace mynah::control {

namespace {

using model::DnsName;
using model::Embedded;
using model::EmbeddedKind;
using model::Endpoint;
using model::kGiB;
using model::kMiB;
using model::Service;
using model::StaticEndpoints;
using namespace std::chrono_literals;

constexpr std::uint32_t kMany = 1'000'000;

DnsName& dns_name(Service& service) {
  if (!std::holds_alternative<DnsName>(service.origin)) service.origin.emplace<DnsName>();
  return std::get<DnsName>(service.origin);
}

// An address that can be connected to. People write names here; they learn where names belong.
Kind<Address> endpoint_address() {
  Kind<Address> kind = address();
  kind.read = [inner = kind.read](Reader& reader, const Node& node, Address& into) {
    const std::size_t colon = node.text.rfind(':');
    std::string host = node.text.substr(0, colon);
    if (node.kind == Node::Kind::scalar && host != "localhost" && host != "unix" &&
        host.find(':') == std::string::npos && host.find('[') == std::string::npos &&
        check_host(host) && !Address::from_ip(host, 0)) {
      return reader.problem(
          node.mark, cat("an endpoint is an address; a service with the DNS name ", in_quotes(host),
                         " has \"host\" and \"port\" instead"));
    }
    inner(reader, node, into);
    if (into.is_ip() && into.port() == 0) reader.problem(node.mark, "an endpoint needs a port");
  };
  return kind;
}

const Section<Endpoint>& endpoint_section() {
  static const auto section = [] {
    Section<Endpoint> s("endpoint", "One address of a service.");
    s.field("address", &Endpoint::address, endpoint_address(), "`ADDRESS:PORT` or `unix:PATH`.",
            Presence::required);
    s.field("weight", &Endpoint::weight, whole<std::uint32_t>(1, 10'000),
            "Its share of the requests, compared with the other endpoints.");
    return s;
  }();
  return section;
}

Kind<EmbeddedKind> embedded_kind() {
  return one_of<EmbeddedKind>({{"store", EmbeddedKind::store},
                               {"vectors", EmbeddedKind::vectors},
                               {"embeddings", EmbeddedKind::embeddings},
                               {"demo-llm", EmbeddedKind::demo_llm}});
}

const Section<Embedded>& embedded_section() {
  static const auto section = [] {
    Section<Embedded> s("embedded", "A service inside the process.");
    s.field("kind", &Embedded::kind, quiet(embedded_kind()),
            "`store` speaks Redis, `vectors` the DashVector HTTP API, `embeddings` OpenAI's "
            "`/v1/embeddings`; `demo-llm` is a stand-in for a model.",
            Presence::required);
    s.field("listen", &Embedded::listen, maybe(address()),
            "Serve it to other programs, too, on this address. What they send is not encrypted.");
    s.field("password", &Embedded::password, text("password", check_not_empty),
            "What those programs log in with: by AUTH, or as a bearer token.");
    s.field("memory_bytes", &Embedded::memory_bytes, size(kMiB, 1024 * kGiB),
            "Of `store` and `vectors`: what may be kept in memory.");
    s.field("model", &Embedded::model, place(),
            "Of `embeddings`: the folder of a BERT model. Without it: the two that come with "
            "Mynah, one for Chinese.");
    s.check([](Reader& reader, const Node& node, Embedded& embedded) {
      if (!embedded.listen) {
        excludes(reader, node, {"password"}, "needs \"listen\" beside it");
      } else if (embedded.password.empty()) {
        reader.problem(node.mark, "\"listen\" needs a \"password\" beside it");
      }
      if (embedded.kind != EmbeddedKind::embeddings) {
        excludes(reader, node, {"model"}, "is for the kind embeddings only");
      }
      if (embedded.kind == EmbeddedKind::embeddings || embedded.kind == EmbeddedKind::demo_llm) {
        excludes(reader, node, {"memory_bytes"}, "is for the kinds store and vectors only");
      }
    });
    return s;
  }();
  return section;
}

const Section<model::UpstreamTls>& upstream_tls_section() {
  static const auto section = [] {
    using T = model::UpstreamTls;
    Section<T> s("upstream_tls", "How the gateway speaks TLS to a service.");
    s.field("sni", &T::sni, text("DNS name", check_host),
            "The name to ask for, which the certificate must carry. Without it: the service's DNS "
            "name.");
    s.field("ca", &T::ca, file(), "The file of trusted certificates. Without it: the system's.");
    s.field("verify", &T::verify, flag(), "Whether the service's certificate is verified.");
    s.field("client_certificate", &T::client_certificate, maybe(part(certificate_section())),
            "The certificate that the gateway shows.");
    return s;
  }();
  return section;
}

const Section<model::LoadBalancing>& load_balancing_section() {
  static const auto section = [] {
    using B = model::LoadBalancing;
    using P = model::BalancingPolicy;
    Section<B> s("load_balancing", "Which endpoint takes a request.");
    s.field("policy", &B::policy,
            one_of<P>({{"round_robin", P::round_robin},
                       {"least_request", P::least_request},
                       {"consistent_hash", P::consistent_hash}}),
            "In turn; the one with fewer requests of two taken at random; or the same endpoint for "
            "the same key.");
    s.field("header", &B::hash_header, text("header name", check_header_name),
            "The key is this header.");
    s.field("cookie", &B::hash_cookie, text("text", check_not_empty),
            "The key is this cookie. Without header and cookie it is the client's address.");
    s.choice(Presence::optional, {"header", "cookie"});
    s.check([](Reader& reader, const Node& node, B& balancing) {
      if (balancing.policy == P::consistent_hash) return;
      excludes(reader, node, {"header", "cookie"}, "is for the policy consistent_hash only");
    });
    return s;
  }();
  return section;
}

const Section<model::Pool>& pool_section() {
  static const auto section = [] {
    using P = model::Pool;
    Section<P> s("pool", "Connections of one worker to one endpoint.");
    s.field("connections_max", &P::connections_max, whole<std::uint32_t>(1, kMany),
            "Open connections.");
    s.field("pending_max", &P::pending_max, whole<std::uint32_t>(0, kMany),
            "Requests that may wait for a connection; one more is answered with 503.");
    s.field("requests_per_connection", &P::requests_per_connection, whole<std::uint32_t>(0, kMany),
            "A connection is closed after so many requests. 0: never for that reason.");
    s.field("idle_timeout", &P::idle_timeout, duration(0ms, 24h),
            "How long a connection is kept without a request.");
    return s;
  }();
  return section;
}

const Section<model::ActiveHealthCheck>& health_check_section() {
  static const auto section = [] {
    using H = model::ActiveHealthCheck;
    Section<H> s("health_check",
                 "Requests that the gateway makes to learn whether an endpoint is well.");
    s.field("path", &H::path, text("path", check_path), "The path to ask for.");
    s.field("host", &H::host, text("host", check_host), "The host header to send.");
    s.field("interval", &H::interval, duration(100ms, 24h), "Between two checks of an endpoint.");
    s.field("timeout", &H::timeout, duration(10ms, 1h), "How long an answer may take.");
    s.field("unhealthy_threshold", &H::unhealthy_threshold, whole<std::uint32_t>(1, 1000),
            "Failures in a row that take an endpoint out.");
    s.field("healthy_threshold", &H::healthy_threshold, whole<std::uint32_t>(1, 1000),
            "Successes in a row that bring it back.");
    s.field("statuses", &H::statuses, list_of(status_range(), 1, 100),
            "The statuses that mean that it is well.");
    return s;
  }();
  return section;
}

const Section<model::OutlierEjection>& outlier_section() {
  static const auto section = [] {
    using O = model::OutlierEjection;
    Section<O> s("outlier_ejection",
                 "Taking an endpoint out for a time because real requests fail on it.");
    s.field("consecutive_errors", &O::consecutive_errors, whole<std::uint32_t>(0, 10'000),
            "Errors in a row (broken connections, 5xx) that eject an endpoint. 0: never.");
    s.field("ejection_time", &O::ejection_time, duration(100ms, 24h),
            "For how long, times the number of ejections in a row, at most ten.");
    s.field("ejected_percent_max", &O::ejected_percent_max, percent(),
            "The share of endpoints that may be out at once.");
    return s;
  }();
  return section;
}

const Section<model::CircuitLimits>& circuit_section() {
  static const auto section = [] {
    using C = model::CircuitLimits;
    Section<C> s("circuit", "How much may be on its way to a service at once, over all workers.");
    s.field("requests_max", &C::requests_max, whole<std::uint32_t>(0, kMany),
            "Requests; one more is answered with 503. 0: any number.");
    s.field("retries_max", &C::retries_max, whole<std::uint32_t>(0, kMany),
            "Retries; one more is not made. 0: any number.");
    return s;
  }();
  return section;
}

const Section<model::RedisSettings>& redis_section() {
  static const auto section = [] {
    using R = model::RedisSettings;
    using T = model::RedisTopology;
    using F = model::RedisReads;
    Section<R> s("redis", "How plug-ins that use the service as Redis are led to its servers.");
    s.field("topology", &R::topology,
            one_of<T>({{"single", T::single}, {"sentinel", T::sentinel}, {"cluster", T::cluster}}),
            "`single`: the endpoint that is a primary. `sentinel`: the endpoints are Sentinels. "
            "`cluster`: they are nodes of a Redis Cluster, and lead to the others.");
    s.field("primary", &R::primary, text("name", check_not_empty),
            "Of `sentinel`: what Sentinels call the primary.");
    s.field("sentinel_user", &R::sentinel_user, text("name", check_not_empty),
            "Of `sentinel`: who the gateway is to Sentinels.");
    s.field("sentinel_password", &R::sentinel_password, text("password", check_not_empty),
            "Of `sentinel`: its password.");
    s.field("read_from", &R::read_from,
            one_of<F>({{"primary", F::primary}, {"replica", F::replica}}),
            "Of `cluster`: who answers commands that only read. Replicas lag behind.");
    s.check([](Reader& reader, const Node& node, R& redis) {
      if (redis.topology != T::sentinel) {
        excludes(reader, node, {"primary", "sentinel_user", "sentinel_password"},
                 "is for the topology sentinel only");
      } else if (node.find("primary") == nullptr) {
        reader.problem(node.mark, "the topology sentinel needs the name of the \"primary\"");
      }
      if (redis.topology != T::cluster) {
        excludes(reader, node, {"read_from"}, "is for the topology cluster only");
      }
    });
    return s;
  }();
  return section;
}

void add_origin(Section<Service>& s) {
  s.field_at<std::vector<Endpoint>>(
      "endpoints",
      [](Service& service) -> std::vector<Endpoint>& {
        return service.origin.emplace<StaticEndpoints>().endpoints;
      },
      quiet(list_of(
          short_or_long(only(&Endpoint::address, endpoint_address()), part(endpoint_section())),
          1)),
      "Its addresses.");
  s.field_at<std::string>(
      "host", [](Service& service) -> std::string& { return dns_name(service).host; },
      text("DNS name", check_host), "Or: its DNS name, resolved again while the gateway runs.");
  s.field_at<std::uint16_t>(
      "port", [](Service& service) -> std::uint16_t& { return dns_name(service).port; },
      quiet(whole<std::uint16_t>(1, 65535)),
      "The port behind that name. Without it: 443 with TLS, 80 without.");
  s.field_at<Embedded>(
      "embedded", [](Service& service) -> Embedded& { return service.origin.emplace<Embedded>(); },
      short_or_long(only(&Embedded::kind, embedded_kind()), part(embedded_section())),
      "Or: which of the services inside the process it is.");
  s.choice(Presence::required, {"endpoints", "host", "embedded"});
}

// What the file leaves open is decided here, once.
void complete(Reader& reader, const Node& node, Service& service) {
  if (node.find("host") == nullptr) {
    excludes(reader, node, {"port"}, "needs \"host\" beside it");
  }
  if (std::holds_alternative<Embedded>(service.origin)) {
    excludes(reader, node,
             {"tls", "protocol", "host_header", "load_balancing", "health_check", "redis"},
             "has no meaning for an embedded service");
  }
  auto* dns = std::get_if<DnsName>(&service.origin);
  if (dns == nullptr) return;
  if (dns->port == 0) dns->port = service.tls ? 443 : 80;
  if (node.find("host_header") == nullptr) service.host_header = model::HostHeader::service;
  if (service.tls && service.tls->sni.empty() && !Address::from_ip(dns->host, 0)) {
    service.tls->sni = dns->host;
  }
}

}  // namespace

const Section<Service>& service_section() {
  static const auto section = [] {
    using H = model::HostHeader;
    using P = model::Protocol;
    Section<Service> s("service",
                       "Where requests go: addresses, a DNS name, or an embedded service.");
    s.field("name", &Service::name, name_for(Named::service), "What routes and plug-ins call it.",
            Presence::required);
    add_origin(s);
    s.field("tls", &Service::tls, maybe(part(upstream_tls_section())),
            "Speak TLS to it; `{}` will do.");
    s.field("protocol", &Service::protocol, one_of<P>({{"http1", P::http1}, {"h2", P::h2}}),
            "The version of HTTP to speak to it.");
    s.field("host_header", &Service::host_header,
            quiet(one_of<H>({{"client", H::client}, {"service", H::service}})),
            "Whose name the host header carries: the client's, or the service's. Without it: the "
            "service's when it has a DNS name, else the client's.");
    s.field("load_balancing", &Service::load_balancing, part(load_balancing_section()),
            "Which endpoint takes a request.");
    s.field("connect_timeout", &Service::connect_timeout, duration(1ms, 1h),
            "How long connecting may take, TLS included.");
    s.field("pool", &Service::pool, part(pool_section()), "Connections to it.");
    s.field("health_check", &Service::health_check, maybe(part(health_check_section())),
            "Active health checks.");
    s.field("outlier_ejection", &Service::outlier_ejection, part(outlier_section()),
            "Passive health checks.");
    s.field("circuit", &Service::circuit, part(circuit_section()), "How much may be on its way.");
    s.field("redis", &Service::redis, part(redis_section()),
            "How it is used as Redis, by plug-ins.");
    s.check(complete);
    return s;
  }();
  return section;
}

}  // namespace mynah::control
