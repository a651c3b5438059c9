// SPDX-License-Identifier: Apache-2.0
// The edge of the gateway in a file: listeners, limits, forwarding, logs, the console, and the file
// as a whole.
#include <algorithm>
#include <array>
#include <set>

#include "control/config/kinds.h"
#include "control/config/sections.h"
#include "control/config/values.h"

namespace mynah::control {

namespace {

using model::CertificateFiles;
using model::kGiB;
using model::kKiB;
using model::kMiB;
using model::ListenerTls;
using model::Stage;
using namespace std::chrono_literals;

constexpr auto kYear = std::chrono::hours(365 * 24);

// A certificate of the short form, which has its fields beside the others.
CertificateFiles& first_certificate(ListenerTls& tls) {
  if (tls.certificates.empty()) tls.certificates.emplace_back();
  return tls.certificates.front();
}

const Section<model::Listener>& listener_section() {
  static const auto section = [] {
    Section<model::Listener> s("listener", "A socket that clients connect to.");
    s.field("address", &model::Listener::address, address(),
            "Where to listen: `ADDRESS:PORT`, `[IPV6]:PORT`, `:PORT` for every address, or "
            "`unix:PATH`.",
            Presence::required);
    s.field("tls", &model::Listener::tls, maybe(part(listener_tls_section())),
            "Serve TLS here; HTTP/2 and HTTP/1.1 by ALPN. Without it the listener speaks HTTP/1.1, "
            "and HTTP/2 by prior knowledge, in the clear.");
    s.field("proxy_protocol", &model::Listener::proxy_protocol, flag(),
            "Every connection starts with a PROXY protocol header, version 1 or 2.");
    return s;
  }();
  return section;
}

void add_limits_of_messages(Section<model::Limits>& s) {
  using L = model::Limits;
  s.field("header_count", &L::header_count, whole<std::uint32_t>(1, 10'000),
          "Fields of a request's header.");
  s.field("header_bytes", &L::header_bytes, size(kKiB, 16 * kMiB), "Bytes of a request's header.");
  s.field("uri_bytes", &L::uri_bytes, size(256, kMiB), "Bytes of a request's target.");
  s.field("body_bytes", &L::body_bytes, size(0, 1024 * kGiB),
          "Bytes of a request's body. 0: any number.");
  s.field("gathered_body_bytes", &L::gathered_body_bytes, size(kKiB, 4 * kGiB),
          "Bytes of a body that a plug-in wants in one piece.");
  s.field("connections", &L::connections, whole<std::uint32_t>(1, 10'000'000),
          "Open connections of clients, over all listeners.");
  s.field("streams", &L::streams, whole<std::uint32_t>(1, 10'000),
          "Open HTTP/2 streams of a connection.");
  s.field("memory_bytes", &L::memory_bytes, size(0, 1024 * kGiB),
          "New requests are answered with 503 when the process uses more. 0: nine tenths of what "
          "the machine or its control group has.");
}

void add_limits_of_time(Section<model::Limits>& s) {
  using L = model::Limits;
  s.field("header_timeout", &L::header_timeout, duration(100ms, 1h),
          "From the first byte of a request to the end of its header.");
  s.field("idle_timeout", &L::idle_timeout, duration(100ms, 24h),
          "How long a connection may stay open without a request.");
  s.field("stream_timeout", &L::stream_timeout, duration(0ms, kYear),
          "How long an exchange may go without a byte in either direction. 0: any time.");
  s.field("overall_timeout", &L::overall_timeout, duration(0ms, kYear),
          "How long an exchange may take. 0: any time.");
  s.field("body_rate_min", &L::body_rate_min, size(0, kGiB),
          "Bytes a second that a client must send or take while its turn it is, on average. 0: any "
          "rate.");
  s.field("body_rate_grace", &L::body_rate_grace, duration(0ms, 1h),
          "How long a client may be slower than that.");
  s.field("connection_lifetime", &L::connection_lifetime, duration(0ms, kYear),
          "When a connection is this old, it is closed after the exchanges it carries. 0: never.");
  s.field(
      "drain_grace", &L::drain_grace, duration(0ms, 1h),
      "When the program is told to end: how long it accepts connections while `/readyz` already "
      "says no.");
  s.field("drain_time", &L::drain_time, duration(0ms, 24h),
          "After that: how long exchanges in flight may take to finish.");
}

const Section<model::Limits>& limits_section() {
  static const auto section = [] {
    Section<model::Limits> s("limits", "What clients may use up. Who exceeds a limit is refused.");
    add_limits_of_messages(s);
    add_limits_of_time(s);
    return s;
  }();
  return section;
}

const Section<model::Forwarding>& forwarding_section() {
  static const auto section = [] {
    using F = model::Forwarding;
    Section<F> s("forwarding",
                 "Whom the gateway believes about the client, and what a client may never claim.");
    s.field("trusted_hops", &F::trusted_hops, whole<std::uint32_t>(0, 32),
            "How many proxies of one's own stand before the gateway: so many entries of "
            "`x-forwarded-for`, from the right, are believed.");
    s.field("trusted_proxies", &F::trusted_proxies, list_of(cidr()),
            "Or: the addresses of those proxies.");
    s.choice(Presence::optional, {"trusted_hops", "trusted_proxies"});
    s.field("identity_headers", &F::identity_headers,
            list_of(text("header name", check_header_name)),
            "Headers that only plug-ins may set: removed from every request as it comes in.");
    s.field("via", &F::via, text("text", check_header_value),
            "How the gateway names itself in the header `via`. Empty: not at all.");
    return s;
  }();
  return section;
}

const Section<model::AccessLog>& access_log_section() {
  static const auto section = [] {
    using A = model::AccessLog;
    Section<A> s("access_log", "One line of JSON for each exchange.");
    s.field("enabled", &A::enabled, flag(), "Whether there is an access log.");
    s.field("path", &A::path, place(), "The file to append to. Without it: standard output.");
    return s;
  }();
  return section;
}

const Section<model::Tracing>& tracing_section() {
  static const auto section = [] {
    using T = model::Tracing;
    Section<T> s("tracing", "Export of spans over OTLP/HTTP.");
    s.field(
        "endpoint", &T::endpoint, maybe(url()),
        "The collector, with its path: `http://collector:4318/v1/traces`. Without it nothing is "
        "exported; `traceparent` is passed on all the same.");
    s.field("service_name", &T::service_name, text("text", check_not_empty),
            "How the gateway names itself in spans.");
    s.field(
        "sample_percent", &T::sample_percent, percent(),
        "The share of exchanges that are traced, of those that do not bring a decision of their "
        "own in `traceparent`.");
    s.field("headers", &T::headers, pairs("map of headers", check_header_name, check_header_value),
            "Headers of the export, such as a token.");
    return s;
  }();
  return section;
}

void check_stage_order(Reader& reader, const Node& node, model::Gateway& gateway) {
  const std::set<Stage> distinct(gateway.stage_order.begin(), gateway.stage_order.end());
  const Entry* entry = node.find("stage_order");
  if (entry == nullptr || distinct.size() == 4) return;
  reader.problem(entry->value.mark, "\"stage_order\" names each of the four stages once");
}

void check_listeners(Reader& reader, const Node& node, model::Gateway& gateway) {
  std::set<std::string> seen;
  for (std::size_t i = 0; i < gateway.listeners.size(); ++i) {
    const Address& address = gateway.listeners[i].address;
    if (address.system_size() == 0 || (address.port() == 0 && address.is_ip())) continue;
    if (seen.insert(address.text()).second) continue;
    const Entry* entry = node.find("listeners");
    if (entry == nullptr) return;
    reader.problem(entry->value.items[i].mark,
                   cat("there is a second listener on ", address.text()));
  }
}

const Section<model::Console>& console_section() {
  static const auto section = [] {
    using C = model::Console;
    Section<C> s("console", "Where the console, the admin API and the metrics are served.");
    s.field("address", &C::address, address(), "Where to listen.");
    s.field("tls", &C::tls, maybe(part(listener_tls_section())), "Serve TLS here.");
    return s;
  }();
  return section;
}

}  // namespace

const Section<CertificateFiles>& certificate_section() {
  static const auto section = [] {
    using C = CertificateFiles;
    Section<C> s("certificate", "A certificate with its key, both in PEM form.");
    s.field("certificate", &C::certificate, file(),
            "The file of the certificate, with its chain behind it.", Presence::required);
    s.field("key", &C::key, file(), "The file of the private key.", Presence::required);
    return s;
  }();
  return section;
}

const Section<ListenerTls>& listener_tls_section() {
  static const auto section = [] {
    using V = model::TlsVersion;
    Section<ListenerTls> s("listener_tls", "How a listener serves TLS.");
    s.field_at<std::string>(
        "certificate",
        [](ListenerTls& tls) -> std::string& { return first_certificate(tls).certificate; }, file(),
        "The file of the only certificate, in PEM form, with its chain behind it.");
    s.field_at<std::string>(
        "key", [](ListenerTls& tls) -> std::string& { return first_certificate(tls).key; }, file(),
        "The file of its private key.");
    s.field(
        "certificates", &ListenerTls::certificates, quiet(list_of(part(certificate_section()), 1)),
        "Or: several. The name that the client asks for (SNI) chooses; the first is for everybody "
        "else.");
    s.choice(Presence::required, {"certificate", "certificates"});
    s.field("min_version", &ListenerTls::min_version,
            one_of<V>({{"1.2", V::tls1_2}, {"1.3", V::tls1_3}}), "The oldest version of TLS.");
    s.field("alpn", &ListenerTls::alpn,
            list_of(one_of<std::string>({{"h2", "h2"}, {"http/1.1", "http/1.1"}}), 1, 2),
            "Protocols that are offered, in order of preference.");
    s.check([](Reader& reader, const Node& node, ListenerTls&) {
      needs(reader, node, "certificate", "key");
      if (node.find("certificates") == nullptr) needs(reader, node, "key", "certificate");
    });
    return s;
  }();
  return section;
}

const Section<model::Gateway>& gateway_section() {
  static const auto section = [] {
    using G = model::Gateway;
    Section<G> s("gateway", "The side that clients see, and what holds for all of it.");
    s.field("listeners", &G::listeners, quiet(list_of(part(listener_section()), 1, 100)),
            "The sockets that clients connect to. Without it: one on 127.0.0.1:8080.");
    s.field("workers", &G::workers, whole<std::uint32_t>(0, 1024),
            "Threads that serve, each with its own event loop. 0: one a CPU.");
    s.field("limits", &G::limits, part(limits_section()), "What clients may use up.");
    s.field("forwarding", &G::forwarding, part(forwarding_section()),
            "Whom the gateway believes about the client.");
    s.field("access_log", &G::access_log, part(access_log_section()), "The access log.");
    s.field("tracing", &G::tracing, part(tracing_section()), "Export of spans.");
    s.field("stage_order", &G::stage_order,
            list_of(one_of<Stage>({{"authn", Stage::authn},
                                   {"authz", Stage::authz},
                                   {"stats", Stage::stats},
                                   {"default", Stage::normal}}),
                    4, 4),
            "The order in which the stages of plug-ins run.");
    s.check(check_stage_order).check(check_listeners);
    return s;
  }();
  return section;
}

const Section<model::Config>& config_section() {
  static const auto section = [] {
    using C = model::Config;
    Section<C> s("configuration", "The whole file.");
    s.field("gateway", &C::gateway, part(gateway_section()), "The side that clients see.");
    s.field("console", &C::console, part(console_section()), "The console and the admin API.");
    s.field("data", &C::data, place(),
            "The folder of the embedded store, published plug-ins and accounts.");
    s.field("services", &C::services, quiet(list_of(part(service_section()), 0, 10'000)),
            "Where requests can go. `store`, `vectors`, `embedder` and `demo`, the embedded "
            "services, are there without being declared.");
    s.field(
        "routes", &C::routes, quiet(list_of(part(route_section()), 0, 10'000)),
        "Which requests go where. The most specific route that matches is taken, then the first "
        "in the file.");
    s.field("plugins", &C::plugins, quiet(list_of(part(plugin_section()), 0, 1000)),
            "The plug-ins that requests run through.");
    return s;
  }();
  return section;
}

}  // namespace mynah::control
