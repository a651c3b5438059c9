// SPDX-License-Identifier: Apache-2.0
// Writing the model as JSON, with the words of the configuration file.
#include "control/admin/listing.h"

#include <array>
#include <utility>
#include <variant>

#include "base/json_writer.h"
#include "base/text.h"

namespace mynah::control {

namespace {

using model::Plugin;
using model::Route;
using model::Service;

Result<std::size_t> number_in(const ApiCall::Context& call, std::string_view name,
                              std::size_t fallback, std::size_t max) {
  const std::string text = call.query_value(name);
  if (text.empty()) return fallback;
  const auto number = parse_number<std::size_t>(text);
  if (number && *number <= max) return *number;
  return Error{Errc::invalid_argument, cat("\"", name, "\" must be a number from 0 to ", max)};
}

template <class E, std::size_t N>
std::string_view word(E value, const std::array<const char*, N>& words) {
  return words[static_cast<std::size_t>(value)];
}

constexpr std::array kPathKinds = {"prefix", "exact", "regex"};
constexpr std::array kFieldKinds = {"exact", "prefix", "regex", "present", "absent"};
constexpr std::array kEmbeddedKinds = {"store", "vectors", "embeddings", "demo-llm"};
constexpr std::array kProtocols = {"http1", "h2"};
constexpr std::array kPolicies = {"round_robin", "least_request", "consistent_hash"};
constexpr std::array kStages = {"authn", "authz", "stats", "default"};
constexpr std::array kOnFailure = {"open", "closed"};

void write_texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
  if (texts.empty()) return;
  json.key(name).begin_array();
  for (const std::string& text : texts) json.value(text);
  json.end_array();
}

void write_fields(JsonWriter& json, std::string_view name,
                  const std::vector<model::FieldMatch>& fields) {
  if (fields.empty()) return;
  json.key(name).begin_array();
  for (const model::FieldMatch& field : fields) {
    json.begin_object().member("name", field.name).key(word(field.kind, kFieldKinds));
    const bool has_value =
        field.kind != model::FieldKind::present && field.kind != model::FieldKind::absent;
    has_value ? json.value(field.value) : json.value(true);
    json.end_object();
  }
  json.end_array();
}

void write_match(JsonWriter& json, const model::Match& match) {
  json.key("match").begin_object();
  write_texts(json, "hosts", match.hosts);
  json.key("path").begin_object();
  json.member(word(match.path.kind, kPathKinds), match.path.value).end_object();
  write_texts(json, "methods", match.methods);
  write_fields(json, "headers", match.headers);
  write_fields(json, "query", match.query);
  json.end_object();
}

void write_action(JsonWriter& json, const model::Forward& forward) {
  json.key("services").begin_array();
  for (const model::WeightedService& to : forward.services) {
    json.begin_object().member("service", to.service).member("weight", to.weight).end_object();
  }
  json.end_array();
}

void write_action(JsonWriter& json, const model::Redirect& redirect) {
  json.key("redirect").begin_object().member("status", redirect.status);
  if (!redirect.scheme.empty()) json.member("scheme", redirect.scheme);
  if (!redirect.host.empty()) json.member("host", redirect.host);
  if (redirect.port != 0) json.member("port", redirect.port);
  if (!redirect.path.empty()) json.member("path", redirect.path);
  if (!redirect.prefix.empty()) json.member("prefix", redirect.prefix);
  json.end_object();
}

void write_action(JsonWriter& json, const model::DirectResponse& response) {
  json.key("response").begin_object().member("status", response.status).end_object();
}

void write_origin(JsonWriter& json, const model::StaticEndpoints& origin) {
  json.key("endpoints").begin_array();
  for (const model::Endpoint& endpoint : origin.endpoints) {
    json.begin_object().member("address", endpoint.address.text());
    json.member("weight", endpoint.weight).end_object();
  }
  json.end_array();
}

void write_origin(JsonWriter& json, const model::DnsName& origin) {
  json.member("host", origin.host).member("port", origin.port);
}

void write_origin(JsonWriter& json, const model::Embedded& origin) {
  json.member("embedded", word(origin.kind, kEmbeddedKinds));
}

}  // namespace

Result<Page> page_of(const ApiCall::Context& call) {
  constexpr std::size_t kOffsetMax = 1'000'000'000;
  Page page;
  MYNAH_LET(page.limit, number_in(call, "limit", page.limit, Page::kLimitMax));
  MYNAH_LET(page.offset, number_in(call, "offset", page.offset, kOffsetMax));
  return page;
}

ApiResponse page_response(const ApiCall::Context& call, const Items& items) {
  const auto page = page_of(call);
  if (!page) return api_error(400, "bad-request", page.error().what);
  const std::string wanted = call.query_value("name");
  JsonWriter json;
  json.begin_object().key("items").begin_array();
  std::size_t total = 0;
  for (const auto& [name, object] : items) {
    if (!wanted.empty() && name != wanted) continue;
    const std::size_t index = total++;
    if (index >= page->offset && index - page->offset < page->limit) json.raw(object);
  }
  json.end_array().member("total", total).end_object();
  return json_response(200, std::move(json).take());
}

std::string json_of(const Route& route) {
  JsonWriter json;
  json.begin_object().member("name", route.name);
  write_match(json, route.match);
  std::visit([&json](const auto& action) { write_action(json, action); }, route.action);
  json.end_object();
  return std::move(json).take();
}

std::string json_of(const Service& service) {
  JsonWriter json;
  json.begin_object().member("name", service.name);
  std::visit([&json](const auto& origin) { write_origin(json, origin); }, service.origin);
  json.member("tls", service.tls.has_value());
  json.member("protocol", word(service.protocol, kProtocols));
  json.member("load_balancing", word(service.load_balancing.policy, kPolicies));
  json.end_object();
  return std::move(json).take();
}

std::string json_of(const Plugin& plugin) {
  JsonWriter json;
  json.begin_object().member("id", plugin.id);
  if (!plugin.wasm.empty()) json.member("wasm", plugin.wasm);
  if (!plugin.url.empty()) json.member("url", plugin.url);
  if (!plugin.version.empty()) json.member("version", plugin.version);
  if (plugin.stage) json.member("stage", word(*plugin.stage, kStages));
  if (plugin.priority) json.member("priority", *plugin.priority);
  if (plugin.on_failure) json.member("on_failure", word(*plugin.on_failure, kOnFailure));
  json.member("enabled", plugin.enabled).member("rules_only", plugin.rules_only);
  json.key("rules").begin_array();
  for (const model::PluginRule& rule : plugin.rules) {
    json.begin_object();
    write_texts(json, "hosts", rule.hosts);
    write_texts(json, "routes", rule.routes);
    write_texts(json, "services", rule.services);
    json.member("enabled", rule.enabled).end_object();
  }
  json.end_array().end_object();
  return std::move(json).take();
}

}  // namespace mynah::control
