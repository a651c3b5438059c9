// SPDX-License-Identifier: Apache-2.0
// Routes in a file.
#include <variant>

#include "control/config/kinds.h"
#include "control/config/sections.h"
#include "control/config/values.h"

namespace mynah::control {

namespace {

using model::FieldKind;
using model::FieldMatch;
using model::Forward;
using model::PathKind;
using model::PathMatch;
using model::Redirect;
using model::Route;
using namespace std::chrono_literals;

constexpr auto kYear = std::chrono::hours(365 * 24);

template <PathKind kind>
std::string& path_of(PathMatch& path) {
  path.kind = kind;
  return path.value;
}

template <FieldKind kind>
std::string& value_of(FieldMatch& field) {
  field.kind = kind;
  return field.value;
}

// `present: true` and `absent: true`, which are words for a kind of condition.
Kind<FieldKind> marker(FieldKind kind) {
  const auto read = [kind](Reader& reader, const Node& node, FieldKind& into) {
    if (node.kind != Node::Kind::scalar || !node.plain || node.text != "true") {
      return unexpected(reader, node, "true");
    }
    into = kind;
  };
  return {{"true", R"({"const":true})"}, read, nullptr};
}

const Section<PathMatch>& path_section() {
  static const auto section = [] {
    Section<PathMatch> s("path_match", "What the path of a request must be.");
    s.field_at(
        "prefix", path_of<PathKind::prefix>, quiet(text("path", check_path)),
        "It begins so; a prefix ends where a segment ends: `/v1` covers `/v1/x`, not `/v1x`.");
    s.field_at("exact", path_of<PathKind::exact>, quiet(text("path", check_path)), "It is this.");
    s.field_at("regex", path_of<PathKind::regex>, quiet(text("regular expression", check_regex)),
               "All of it matches this expression (RE2).");
    s.choice(Presence::required, {"prefix", "exact", "regex"});
    return s;
  }();
  return section;
}

Section<FieldMatch> field_section(std::string name, std::string word,
                                  Status (*check)(std::string&)) {
  Section<FieldMatch> s(std::move(name), cat("A condition on a ", word, " of a request."));
  s.field("name", &FieldMatch::name, text(cat(word, " name"), check), "Its name.",
          Presence::required);
  s.field_at("exact", value_of<FieldKind::exact>, text("text", check_header_value),
             "Its value is this.");
  s.field_at("prefix", value_of<FieldKind::prefix>, text("text", check_header_value),
             "Its value begins so.");
  s.field_at("regex", value_of<FieldKind::regex>, text("regular expression", check_regex),
             "All of its value matches this expression (RE2).");
  s.field("present", &FieldMatch::kind, marker(FieldKind::present),
          "It is there; this is also what no condition at all means.");
  s.field("absent", &FieldMatch::kind, marker(FieldKind::absent), "It is not there.");
  s.choice(Presence::optional, {"exact", "prefix", "regex", "present", "absent"});
  return s;
}

const Section<FieldMatch>& header_match_section() {
  static const auto section = field_section("header_match", "header", check_header_name);
  return section;
}

const Section<FieldMatch>& query_match_section() {
  static const auto section = field_section("query_match", "query field", check_not_empty);
  return section;
}

const Section<model::Match>& match_section() {
  static const auto section = [] {
    using M = model::Match;
    Section<M> s("match", "Which requests a route takes; all conditions must hold.");
    s.field("hosts", &M::hosts, list_of(text("host pattern", check_host_pattern)),
            "Hosts: `a.example`, `*.example` for all below it, `*` for every host.");
    s.field("path", &M::path, part(path_section()), "The path. Without it: every path.");
    s.field("methods", &M::methods, list_of(text("method", check_method), 0, 50), "Methods.");
    s.field("headers", &M::headers, list_of(part(header_match_section()), 0, 50), "Headers.");
    s.field("query", &M::query, list_of(part(query_match_section()), 0, 50), "Query fields.");
    return s;
  }();
  return section;
}

const Section<model::WeightedService>& weighted_service_section() {
  static const auto section = [] {
    using W = model::WeightedService;
    Section<W> s("weighted_service", "One of several services that share a route's requests.");
    s.field("service", &W::service, name_of_a(Named::service), "Its name.", Presence::required);
    s.field("weight", &W::weight, whole<std::uint32_t>(0, 1'000'000),
            "Its share, compared with the others. 0: none for the moment.");
    return s;
  }();
  return section;
}

const Section<Redirect>& redirect_section() {
  static const auto section = [] {
    using S = std::uint16_t;
    Section<Redirect> s("redirect",
                        "An answer that sends the client elsewhere. What is not given "
                        "stays as it was in the request.");
    s.field(
        "status", &Redirect::status,
        one_of<S>(
            {{"301", S{301}}, {"302", S{302}}, {"303", S{303}}, {"307", S{307}}, {"308", S{308}}}),
        "The status.");
    s.field("scheme", &Redirect::scheme,
            quiet(one_of<std::string>({{"http", "http"}, {"https", "https"}})), "The scheme.");
    s.field("host", &Redirect::host, text("host", check_host), "The host.");
    s.field("port", &Redirect::port, quiet(whole<std::uint16_t>(1, 65535)), "The port.");
    s.field("path", &Redirect::path, text("path", check_path), "The whole path.");
    s.field("prefix", &Redirect::prefix, text("path", check_path),
            "Or: what stands in the place of the prefix that matched.");
    s.choice(Presence::optional, {"path", "prefix"});
    s.check([](Reader& reader, const Node& node, Redirect&) {
      for (const auto* field : {"scheme", "host", "port", "path", "prefix"}) {
        if (node.find(field) != nullptr) return;
      }
      reader.problem(node.mark, "a redirect needs a scheme, host, port, path or prefix to go to");
    });
    return s;
  }();
  return section;
}

const Section<model::DirectResponse>& response_section() {
  static const auto section = [] {
    using D = model::DirectResponse;
    Section<D> s("response", "An answer that the gateway gives by itself.");
    s.field("status", &D::status, whole<std::uint16_t>(200, 599), "The status.");
    s.field("headers", &D::headers, pairs("map of headers", check_header_name, check_header_value),
            "Headers.");
    s.field("body", &D::body, text("text", [](std::string&) { return ok(); }), "The body.");
    return s;
  }();
  return section;
}

const Section<model::RouteTimeouts>& timeouts_section() {
  static const auto section = [] {
    using T = model::RouteTimeouts;
    Section<T> s("timeouts", "How long an exchange of the route may take.");
    s.field("overall", &T::overall, maybe(duration(0ms, kYear)),
            "From its start to its end. 0: any time. Without it: `limits.overall_timeout`.");
    s.field(
        "idle", &T::idle, maybe(duration(0ms, kYear)),
        "Without a byte in either direction. 0: any time. Without it: `limits.stream_timeout`.");
    s.field("per_try", &T::per_try, duration(0ms, kYear),
            "From sending a request to a service to the header of its answer. 0: any time.");
    return s;
  }();
  return section;
}

const Section<model::Retry>& retry_section() {
  static const auto section = [] {
    using R = model::Retry;
    using On = model::RetryOn;
    Section<R> s("retry", "When a request is sent again.");
    s.field("attempts", &R::attempts, whole<std::uint32_t>(0, 10),
            "How often, besides the first attempt. 0: never.");
    s.field("when", &R::on,
            list_of(one_of<On>({{"connect_failure", On::connect_failure},
                                {"reset", On::reset},
                                {"per_try_timeout", On::per_try_timeout},
                                {"gateway_error", On::gateway_error},
                                {"server_error", On::server_error},
                                {"too_many", On::too_many}}),
                    0, 6),
            "For which reasons: no connection; a connection that breaks before the answer; "
            "`timeouts.per_try`; 502, "
            "503 or 504; any 5xx; 429.");
    s.field("statuses", &R::statuses, list_of(whole<std::uint16_t>(400, 599), 0, 50),
            "And answers with these statuses.");
    s.field(
        "non_idempotent", &R::non_idempotent, flag(),
        "Also POST and the like after bytes of them were sent, at the risk that the service acts "
        "twice.");
    s.field("budget_percent", &R::budget_percent, percent(),
            "Retries in flight, as a share of the requests in flight to the service.");
    s.field("budget_min", &R::budget_min, whole<std::uint32_t>(0, 10'000),
            "So many retries are allowed in any case.");
    s.field("backoff_base", &R::backoff_base, duration(0ms, 1h),
            "The wait before the first retry; it doubles with each, and is shortened at random.");
    s.field("backoff_max", &R::backoff_max, duration(0ms, 1h), "The longest wait.");
    return s;
  }();
  return section;
}

const Section<model::Hedge>& hedge_section() {
  static const auto section = [] {
    using H = model::Hedge;
    Section<H> s(
        "hedge",
        "A second attempt beside the first when that is slow; the first answer wins. A request "
        "that may not be sent twice is hedged only where `retry.non_idempotent` allows it, and "
        "hedges keep to the budget of retries.");
    s.field("after", &H::after, duration(1ms, 1h), "How long the first may take alone.");
    s.field("attempts_max", &H::attempts_max, whole<std::uint32_t>(1, 10),
            "Attempts besides the first.");
    return s;
  }();
  return section;
}

const Section<model::Mirror>& mirror_section() {
  static const auto section = [] {
    using M = model::Mirror;
    Section<M> s("mirror", "A copy of requests for another service, whose answers are dropped.");
    s.field("service", &M::service, name_of_a(Named::service), "Its name.", Presence::required);
    s.field("percent", &M::percent, percent(), "The share of requests that are copied.");
    return s;
  }();
  return section;
}

const Section<model::HeaderEdits>& header_edits_section() {
  static const auto section = [] {
    using E = model::HeaderEdits;
    Section<E> s("header_edits", "Changes to headers, in the order remove, set, add.");
    s.field("set", &E::set, pairs("map of headers", check_header_name, check_header_value),
            "Headers that have this value afterwards, and no other.");
    s.field("add", &E::add, pairs("map of headers", check_header_name, check_header_value),
            "Headers that come in addition.");
    s.field("remove", &E::remove, list_of(text("header name", check_header_name)),
            "Headers that go.");
    return s;
  }();
  return section;
}

const Section<model::RegexRewrite>& regex_rewrite_section() {
  static const auto section = [] {
    using R = model::RegexRewrite;
    Section<R> s("regex_rewrite", "A replacement in the path.");
    s.field("pattern", &R::pattern, text("regular expression", check_regex),
            "What is replaced, wherever it matches (RE2).", Presence::required);
    s.field("to", &R::to, text("text", [](std::string&) { return ok(); }),
            "By what; `\\1` to `\\9` stand for groups.", Presence::required);
    return s;
  }();
  return section;
}

const Section<model::Rewrite>& rewrite_section() {
  static const auto section = [] {
    using R = model::Rewrite;
    Section<R> s("rewrite", "Changes to the target of the request that the service sees.");
    s.field("prefix", &R::prefix, maybe(text("path", check_path)),
            "What stands in the place of the prefix that matched.");
    s.field("regex", &R::regex, maybe(part(regex_rewrite_section())), "Or: a replacement.");
    s.field("host", &R::host, text("host", check_host), "The host header.");
    s.choice(Presence::optional, {"prefix", "regex"});
    return s;
  }();
  return section;
}

void add_action(Section<Route>& s) {
  s.field_at<std::string>(
      "service",
      [](Route& route) -> std::string& {
        return route.action.emplace<Forward>().services.emplace_back().service;
      },
      name_of_a(Named::service), "The service that takes the requests.");
  s.field_at<std::vector<model::WeightedService>>(
      "services",
      [](Route& route) -> std::vector<model::WeightedService>& {
        return route.action.emplace<Forward>().services;
      },
      quiet(list_of(part(weighted_service_section()), 1, 100)), "Or: several that share them.");
  s.field_at<Redirect>(
      "redirect", [](Route& route) -> Redirect& { return route.action.emplace<Redirect>(); },
      part(redirect_section()), "Or: an answer that sends the client elsewhere.");
  s.field_at<model::DirectResponse>(
      "response",
      [](Route& route) -> model::DirectResponse& {
        return route.action.emplace<model::DirectResponse>();
      },
      part(response_section()), "Or: an answer that the gateway gives by itself.");
  s.choice(Presence::required, {"service", "services", "redirect", "response"});
}

void check_route(Reader& reader, const Node& node, Route& route) {
  if (const auto* forward = std::get_if<Forward>(&route.action)) {
    std::uint64_t weights = 0;
    for (const auto& service : forward->services) weights += service.weight;
    if (const Entry* entry = node.find("services"); entry != nullptr && weights == 0) {
      reader.problem(entry->mark, "\"services\" needs a weight above 0");
    }
  } else {
    excludes(reader, node, {"timeouts", "retry", "hedge", "mirrors", "request_headers", "rewrite"},
             "has no meaning for a route without a service");
  }
  if (route.match.path.kind == PathKind::prefix) return;
  if (const Entry* entry = node.find("rewrite"); entry != nullptr && route.rewrite.prefix) {
    reader.problem(entry->mark, "\"rewrite.prefix\" needs a route that matches a prefix");
  }
  const auto* redirect = std::get_if<Redirect>(&route.action);
  if (const Entry* entry = node.find("redirect");
      entry != nullptr && redirect != nullptr && !redirect->prefix.empty()) {
    reader.problem(entry->mark, "\"redirect.prefix\" needs a route that matches a prefix");
  }
}

}  // namespace

const Section<Route>& route_section() {
  static const auto section = [] {
    Section<Route> s("route", "Which requests go where, and what is done to them on the way.");
    s.field("name", &Route::name, name_for(Named::route),
            "What plug-ins, logs and metrics call it.", Presence::required);
    s.field("match", &Route::match, part(match_section()),
            "Which requests it takes. Without it: all.");
    add_action(s);
    s.field("timeouts", &Route::timeouts, part(timeouts_section()), "How long it may take.");
    s.field("retry", &Route::retry, part(retry_section()), "When a request is sent again.");
    s.field("hedge", &Route::hedge, maybe(part(hedge_section())),
            "A second attempt beside a slow first one. Without it: none.");
    s.field("mirrors", &Route::mirrors, list_of(part(mirror_section()), 0, 10),
            "Copies of requests for other services.");
    s.field("request_headers", &Route::request_headers, part(header_edits_section()),
            "Changes to the headers that the service sees.");
    s.field("response_headers", &Route::response_headers, part(header_edits_section()),
            "Changes to the headers that the client sees.");
    s.field("rewrite", &Route::rewrite, part(rewrite_section()),
            "Changes to path and host that the service sees.");
    s.check(check_route);
    return s;
  }();
  return section;
}

}  // namespace mynah::control
