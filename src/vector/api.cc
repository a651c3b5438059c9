// SPDX-License-Identifier: Apache-2.0
// From path and method to the call, and from its outcome to the answer.
#include "vector/api.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/encoding.h"
#include "base/text.h"
#include "vector/api_parts.h"

namespace mynah::vector {
namespace {

constexpr std::string_view kRoot = "/v1/collections";
constexpr std::string_view kVersionPath = "/service_version";
// The version of the interface, which clients ask for before anything else.
constexpr std::string_view kVersion = "1.0.0";
constexpr JsonLimits kJsonLimits{.bytes_max = kRequestBytesMax, .depth_max = 8};

// A path below kRoot; `*` stands for a name.
struct Route {
  std::string_view method;  // tidy: allow string_view: a literal
  std::string_view path;    // tidy: allow string_view: a literal
  CallResult (*call)(Call&);
  bool has_body;
};

constexpr std::array<Route, 17> kRoutes = {{
    {"POST", "", create_collection, true},
    {"GET", "", list_collections, false},
    {"GET", "/*", describe_collection, false},
    {"DELETE", "/*", delete_collection, false},
    {"GET", "/*/stats", collection_stats, false},
    {"POST", "/*/docs", insert_documents, true},
    {"PUT", "/*/docs", update_documents, true},
    {"POST", "/*/docs/upsert", upsert_documents, true},
    {"DELETE", "/*/docs", delete_documents, true},
    {"GET", "/*/docs", fetch_documents, false},
    {"POST", "/*/query", query_documents, true},
    {"POST", "/*/partitions", create_partition, true},
    {"GET", "/*/partitions", list_partitions, false},
    {"GET", "/*/partitions/*", describe_partition, false},
    {"GET", "/*/partitions/*/stats", partition_stats, false},
    {"DELETE", "/*/partitions/*", delete_partition, false},
    // Of the same path as an upsert, as some clients spell it.
    {"PUT", "/*/docs/upsert", upsert_documents, true},
}};

// Whether the path has the form; the names go to `names`.
bool fits(std::string_view form, std::string_view path, std::vector<std::string>& names) {
  const auto wanted = split(form, '/');
  const auto given = split(path, '/');
  if (wanted.size() != given.size()) return false;
  names.clear();
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] != "*") {
      if (wanted[i] != given[i]) return false;
      continue;
    }
    names.push_back(percent_decode(given[i]).value_or(""));
  }
  return true;
}

std::string envelope(std::string_view request_id, Reason reason, std::string_view message,
                     Output& output) {
  JsonWriter json;
  json.begin_object().member("request_id", request_id).member("code", static_cast<int>(reason));
  json.member("message", message);
  if (output) {
    json.key("output");
    output(json);
  }
  json.end_object();
  return std::move(json).take();
}

ApiReply tell_version(std::string_view request_id) {
  JsonWriter json;
  json.begin_object().member("request_id", request_id).member("code", 0);
  json.member("message", "Success").member("version", kVersion).end_object();
  return {200, std::move(json).take()};
}

ApiReply answer(const Route& route, const std::vector<std::string>& names, Database& database,
                const ApiRequest& request) {
  Call call{database,
            names.empty() ? "" : names[0],
            names.size() < 2 ? "" : names[1],
            std::string(cut(request.target, "?").after),
            {}};
  std::optional<Json> body;
  if (route.has_body) {
    auto parsed = Json::parse(request.body, kJsonLimits);
    if (!parsed) return refusal(200, Reason::invalid_json, parsed.error().what, request.request_id);
    body.emplace(*std::move(parsed));
    call.body = body->root();
    if (!call.body.is_object())
      return refusal(200, Reason::invalid_json, "the body is no object", request.request_id);
  }
  auto result = route.call(call);
  if (!result) return refusal(200, result.error().reason, result.error().what, request.request_id);
  return {200, envelope(request.request_id, Reason::success, "Success", *result)};
}

}  // namespace

ApiReply refusal(int status, Reason reason, std::string_view what, std::string_view request_id) {
  Output none;
  return {status, envelope(request_id, reason, what, none)};
}

ApiReply handle(Database& database, const ApiRequest& request) {
  std::string_view path = cut(request.target, "?").before;
  if (path == kVersionPath && request.method == "GET") return tell_version(request.request_id);
  bool path_is_known = false;
  if (path.starts_with(kRoot)) {
    path.remove_prefix(kRoot.size());
    if (path.ends_with('/')) path.remove_suffix(1);
    std::vector<std::string> names;
    for (const Route& route : kRoutes) {
      if (!fits(route.path, path, names)) continue;
      path_is_known = true;
      if (route.method == request.method) return answer(route, names, database, request);
    }
  }
  const std::string what =
      cat("the vector service does not serve ", utf8_prefix(request.method, 20), " ",
          utf8_prefix(request.target, 200));
  return refusal(path_is_known ? 405 : 404, Reason::invalid_argument, what, request.request_id);
}

Answer<std::string> text_member(JsonView object, std::string_view name) {
  const JsonView member = object[name];
  if (!member || member.is_null()) return std::string();
  if (!member.is_string()) return refuse(Reason::invalid_argument, cat(name, " is no text"));
  return std::string(member.text());
}

std::string query_value(std::string_view query, std::string_view name) {
  for (const std::string_view part : split(query, '&')) {
    const Halves pair = cut(part, "=");
    if (pair.before == name) return percent_decode(pair.after).value_or("");
  }
  return {};
}

}  // namespace mynah::vector
