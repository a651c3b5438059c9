// SPDX-License-Identifier: Apache-2.0
// An object is shown as it is in force, with where it stands; one that the API keeps is shown in
// the file's vocabulary as well, and with its secrets only to who may change it.
#include "control/admin/object_calls.h"

#include <utility>

#include "base/json_writer.h"
#include "base/text.h"
#include "control/admin/hidden.h"
#include "control/admin/listing.h"

namespace mynah::control {

namespace {

using Context = ApiCall::Context;

// Calls f(name, json) for each object of the kind that is in force.
template <class Each>
void each_of(const model::Config& config, ObjectKind kind, Each each) {
  if (kind == ObjectKind::service) {
    for (const auto& service : config.services) each(service.name, json_of(service));
  } else {
    for (const auto& route : config.routes) each(route.name, json_of(route));
  }
}

std::string_view origin_of(const ApiParts& parts, const Overlay& kept, ObjectKind kind,
                           const std::string& name) {
  if (parts.loaded().in_file.contains({kind, name})) return "file";
  return find_object(kept, kind, name) != nullptr ? "api" : "built-in";
}

// The object as JSON, with where it stands before its closing bracket.
std::string with_origin(std::string json, std::string_view origin) {
  json.pop_back();
  append(json, ",\"origin\":\"", origin, "\"}");
  return json;
}

ApiResponse list(const ApiParts& parts, ObjectKind kind, const Context& call) {
  const auto kept = parts.kept.all();
  if (!kept) return api_error(kept.error());
  Items items;
  each_of(*parts.loaded().config, kind, [&](const std::string& name, std::string json) {
    items.emplace_back(name, with_origin(std::move(json), origin_of(parts, *kept, kind, name)));
  });
  return page_response(call, items);
}

// What is in force under this name, and what is kept; empty when there is no such thing.
struct Found {
  std::string in_force;
  std::string kept;
  std::string origin;
  [[nodiscard]] std::string tag() const { return tag_of(kept.empty() ? in_force : kept); }
};

Result<std::optional<Found>> find(const ApiParts& parts, ObjectKind kind, const std::string& name) {
  MYNAH_LET(const Overlay overlay, parts.kept.all());
  std::optional<Found> found;
  each_of(*parts.loaded().config, kind, [&](const std::string& each, std::string json) {
    if (each == name) found.emplace(Found{.in_force = std::move(json), .kept = {}, .origin = {}});
  });
  if (!found) return found;
  found->origin = origin_of(parts, overlay, kind, name);
  if (const KeptObject* kept = find_object(overlay, kind, name)) found->kept = kept->json;
  return found;
}

ApiResponse view(const Found& found, const Context& call, std::uint16_t status) {
  JsonWriter json;
  json.begin_object().member("origin", found.origin).key("in_force").raw(found.in_force);
  if (!found.kept.empty()) {
    const bool may_change =
        is_granted(*call.principal, Access::manager) && call.principal->scope == TokenScope::write;
    json.key("object").raw(may_change ? found.kept : without_secrets(found.kept));
  }
  json.end_object();
  ApiResponse response = json_response(status, std::move(json).take());
  response.headers.add("etag", found.tag());
  return response;
}

ApiResponse show(const ApiParts& parts, ObjectKind kind, const Context& call) {
  const auto found = find(parts, kind, call.parameter("name"));
  if (!found) return api_error(found.error());
  if (!*found) return api_error(404, "not-found", cat("there is no such ", word_for(kind)));
  return view(**found, call, 200);
}

// One line a problem, "routes/chat: match.path: why", as {"at", "reason"}.
std::string problems_of(const Error& error) {
  JsonWriter json;
  json.begin_object().key("problems").begin_array();
  for (const std::string_view line : split(error.what, '\n')) {
    const Halves parts = cut(line, ": ");
    json.begin_object();
    if (parts.found) json.member("at", parts.before);
    json.member("reason", parts.found ? parts.after : line).end_object();
  }
  json.end_array().end_object();
  return std::move(json).take();
}

ApiResponse refusal(const Error& error) {
  if (error.code == Errc::already_exists) return api_error(409, "in-file", error.what);
  if (error.code != Errc::invalid_argument) return api_error(error);
  return api_error(422, "invalid-argument", error.what, problems_of(error));
}

// Whether a list of tags, as If-Match and If-None-Match have it, names this one.
bool names(std::string_view tags, std::string_view tag) {
  for (const std::string_view each : split(tags, ',')) {
    if (trim(each) == tag || trim(each) == "*") return true;
  }
  return false;
}

std::optional<ApiResponse> precondition(const Context& call, const std::optional<Found>& found) {
  const auto wanted = call.request.headers.find("if-match");
  const auto unwanted = call.request.headers.find("if-none-match");
  const bool failed = (wanted && (!found || !names(*wanted, found->tag()))) ||
                      (unwanted && found && names(*unwanted, found->tag()));
  if (!failed) return std::nullopt;
  ApiResponse response = api_error(
      412, "precondition-failed",
      found ? "the object has changed meanwhile; read it again" : "there is no such object");
  if (found) response.headers.add("etag", found->tag());
  return response;
}

// The tag that the change is bound to, so that nobody else's change is lost between the look and
// the change.
std::optional<std::string> tag_for(const Context& call, const std::optional<Found>& found) {
  if (!call.request.headers.has("if-match") && !call.request.headers.has("if-none-match")) {
    return std::nullopt;
  }
  return found && !found->kept.empty() ? found->tag() : "";
}

Task<ApiResponse> change(const ApiParts& parts, ObjectKind kind, const Context& call,
                         std::optional<std::string> json) {
  const std::string name = call.parameter("name");
  const auto found = find(parts, kind, name);
  if (!found) co_return api_error(found.error());
  if (auto failed = precondition(call, *found)) co_return *std::move(failed);
  if (!json && !*found) co_return api_error(404, "not-found", "there is no such object");
  if (json && *found && (*found)->kept == *json) co_return view(**found, call, 200);
  std::vector<ObjectChange> changes;
  changes.push_back({.kind = kind, .name = name, .json = json, .if_tag = tag_for(call, *found)});
  const Status changed = co_await parts.change(std::move(changes), call.author());
  const auto after = find(parts, kind, name);
  if (!changed) {
    if (after && changed.error().code == Errc::already_exists) {
      if (auto failed = precondition(call, *after)) co_return *std::move(failed);
    }
    co_return refusal(changed.error());
  }
  if (!json) co_return no_content();
  if (!after) co_return api_error(after.error());
  if (!*after) co_return api_error(409, "gone", "somebody else has removed it again");
  co_return view(**after, call, *found ? 200 : 201);
}

Task<ApiResponse> put(const ApiParts& parts, ObjectKind kind, const Context& call) {
  const auto body = call.json();
  if (!body) co_return api_error(400, "bad-request", body.error().what);
  co_return co_await change(parts, kind, call, std::string(body->root().raw()));
}

Task<ApiResponse> remove(const ApiParts& parts, ObjectKind kind, const Context& call) {
  return change(parts, kind, call, std::nullopt);
}

// ---- The calls

constexpr std::string_view kConditions = R"(
{"name":"If-Match","in":"header","description":"Only if the object is the one of this etag.","schema":{"type":"string"}},
{"name":"If-None-Match","in":"header","description":"With *: only if there is no such object.","schema":{"type":"string"}}
)";

void add_calls(const ApiParts& parts, ObjectKind kind, std::vector<ApiCall>& calls) {
  const std::string plural(plural_of(kind));
  const std::string word(word_for(kind));
  const std::string path = cat("/api/v1/", plural);
  using Handler = Task<ApiResponse> (*)(const ApiParts&, ObjectKind, const Context&);
  const auto slow = [&parts, kind](Handler handler) {
    return [&parts, kind, handler](const Context& call) { return handler(parts, kind, call); };
  };
  using Reader = ApiResponse (*)(const ApiParts&, ObjectKind, const Context&);
  const auto quick = [&parts, kind](Reader handler) {
    return [&parts, kind, handler](const Context& call) {
      return at_once(handler(parts, kind, call));
    };
  };
  calls.push_back({.method = "GET",
                   .path = path,
                   .access = Access::account,
                   .summary = cat("The ", plural, " in force."),
                   .statuses = {200, 400},
                   .gives = plural,
                   .pages = true,
                   .answer = quick(list)});
  calls.push_back({.method = "GET",
                   .path = cat(path, "/{name}"),
                   .access = Access::account,
                   .summary = cat("A ", word, ", as it is in force and as it is kept."),
                   .statuses = {200, 404},
                   .gives = "object",
                   .answer = quick(show)});
  calls.push_back({.method = "PUT",
                   .path = cat(path, "/{name}"),
                   .access = Access::manager,
                   .summary = cat("Makes or replaces a ", word,
                                  " and brings it into force; one of the file stays."),
                   .statuses = {200, 201, 400, 409, 412, 422, 429},
                   .takes = cat("wanted_", word),
                   .gives = "object",
                   .parameters = std::string(kConditions),
                   .answer = slow(put)});
  calls.push_back({.method = "DELETE",
                   .path = cat(path, "/{name}"),
                   .access = Access::manager,
                   .summary = cat("Removes a ", word, "; refused while another object needs it."),
                   .statuses = {204, 404, 409, 412, 422, 429},
                   .parameters = std::string(kConditions),
                   .answer = slow(remove)});
}

constexpr std::string_view kSchemas = R"(
"routes":{"type":"object","required":["items","total"],"properties":{"items":{"type":"array","items":{"type":"object","required":["name","match","origin"],"properties":{"name":{"type":"string"},"match":{"type":"object"},"origin":{"$ref":"#/components/schemas/origin"}}}},"total":{"type":"integer"}}},
"services":{"type":"object","required":["items","total"],"properties":{"items":{"type":"array","items":{"type":"object","required":["name","origin"],"properties":{"name":{"type":"string"},"origin":{"$ref":"#/components/schemas/origin"}}}},"total":{"type":"integer"}}},
"origin":{"enum":["file","api","built-in"],"description":"Where the object stands; what stands in the file is changed there."},
"object":{"type":"object","required":["origin","in_force"],"properties":{"origin":{"$ref":"#/components/schemas/origin"},"in_force":{"type":"object"},"object":{"type":"object","description":"As it was put, in the vocabulary of the configuration file."}}},
"wanted_route":{"type":"object","description":"A route in the vocabulary of the configuration file: see schema/config.schema.json, route."},
"wanted_service":{"type":"object","description":"A service in the vocabulary of the configuration file: see schema/config.schema.json, service."}
)";

}  // namespace

ApiCallSet object_calls(const ApiParts& parts) {
  ApiCallSet set{.calls = {}, .schemas = std::string(kSchemas)};
  add_calls(parts, ObjectKind::route, set.calls);
  add_calls(parts, ObjectKind::service, set.calls);
  return set;
}

}  // namespace mynah::control
