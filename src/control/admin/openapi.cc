// SPDX-License-Identifier: Apache-2.0
// The OpenAPI description, written from the calls.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "base/json_writer.h"
#include "base/text.h"
#include "control/admin/api.h"
#include "control/config/indent.h"

namespace mynah::control {

namespace {

// What every refusal looks like; the other schemas come with their calls.
constexpr std::string_view kErrorSchema =
    R"("error":{"type":"object","required":["error"],"properties":{"error":{"type":"object","required":["code","message"],"properties":{"code":{"type":"string","pattern":"^[a-z0-9-]+$"},"message":{"type":"string"},"details":{}}}}})";

constexpr std::string_view kPageParameters = R"(
{"name":"limit","in":"query","description":"How many items at most.","schema":{"type":"integer","minimum":0,"maximum":500,"default":100}},
{"name":"offset","in":"query","description":"How many items to pass over.","schema":{"type":"integer","minimum":0,"maximum":1000000000,"default":0}},
{"name":"name","in":"query","description":"Only the item of this name.","schema":{"type":"string"}}
)";

const std::map<std::uint16_t, std::string_view> kMeanings = {{200, "Here it is."},
                                                             {201, "Made."},
                                                             {204, "Done."},
                                                             {400, "The request is malformed."},
                                                             {401, "Who asks is unknown."},
                                                             {403, "Who asks may not do this."},
                                                             {404, "There is no such thing."},
                                                             {409, "Something is in the way."},
                                                             {412, "It has changed meanwhile."},
                                                             {413, "The body is too large."},
                                                             {415, "The body is of another type."},
                                                             {422, "It cannot be accepted."},
                                                             {429, "Too many attempts."},
                                                             {500, "Something is wrong inside."},
                                                             {503, "Not ready."}};

std::string compact(std::string_view json) {
  std::string out;
  for (const char c : json) {
    if (c != '\n') out += c;
  }
  return out;
}

// All statuses that the call can answer with: its own, and those of every call like it.
std::vector<std::uint16_t> statuses_of(const ApiCall& call) {
  std::vector<std::uint16_t> statuses = call.statuses;
  const bool safe = call.method == "GET";
  statuses.push_back(413);
  statuses.push_back(500);
  if (!call.takes.empty()) statuses.push_back(415);
  if (call.access != Access::everybody) statuses.push_back(401);
  if (call.access > Access::account || !safe) statuses.push_back(403);
  std::ranges::sort(statuses);
  const auto repeated = std::ranges::unique(statuses);
  statuses.erase(repeated.begin(), repeated.end());
  return statuses;
}

void write_content(JsonWriter& json, std::string_view schema,
                   std::string_view media_type = "application/json") {
  const bool is_media_type = schema.find('/') != std::string_view::npos;
  json.key("content").begin_object();
  json.key(is_media_type ? schema : media_type).begin_object().key("schema");
  if (is_media_type) {
    json.begin_object().member("type", "string").end_object();
  } else {
    json.begin_object().member("$ref", cat("#/components/schemas/", schema)).end_object();
  }
  json.end_object().end_object();
}

void write_responses(JsonWriter& json, const ApiCall& call) {
  json.key("responses").begin_object();
  for (const std::uint16_t status : statuses_of(call)) {
    json.key(cat(status)).begin_object().member("description", kMeanings.at(status));
    const std::string_view schema = status < 300 ? std::string_view(call.gives) : "error";
    if (!schema.empty()) write_content(json, schema);
    json.end_object();
  }
  json.end_object();
}

void write_parameters(JsonWriter& json, const ApiCall& call) {
  json.key("parameters").begin_array();
  for (const std::string_view part : split(call.path, '/')) {
    if (!part.starts_with('{')) continue;
    json.begin_object().member("name", part.substr(1, part.size() - 2)).member("in", "path");
    json.member("required", true).key("schema").raw(R"({"type":"string","minLength":1})");
    json.end_object();
  }
  if (call.pages) json.raw(compact(kPageParameters));
  if (!call.parameters.empty()) json.raw(compact(call.parameters));
  json.end_array();
}

void write_call(JsonWriter& json, const ApiCall& call) {
  json.key(lower(call.method)).begin_object().member("summary", call.summary);
  if (call.access == Access::everybody) json.key("security").begin_array().end_array();
  json.member("x-access", name_of(call.access)).member("x-scope", name_of(call.scope_needed()));
  write_parameters(json, call);
  if (!call.takes.empty()) {
    json.key("requestBody").begin_object().member("required", true);
    write_content(json, call.takes, call.takes_as);
    json.end_object();
  }
  write_responses(json, call);
  json.end_object();
}

}  // namespace

std::string openapi(const std::vector<ApiCallSet>& sets) {
  std::vector<const ApiCall*> calls;
  std::vector<std::string_view> paths;
  std::string schemas(kErrorSchema);
  for (const ApiCallSet& set : sets) {
    if (!set.schemas.empty()) append(schemas, ",", compact(set.schemas));
    for (const ApiCall& call : set.calls) {
      calls.push_back(&call);
      if (std::ranges::find(paths, call.path) == paths.end()) paths.emplace_back(call.path);
    }
  }
  JsonWriter json;
  json.begin_object().member("openapi", "3.1.0");
  json.key("info").begin_object().member("title", "Mynah's admin API").member("version", "1");
  json.end_object();
  json.key("security").raw(R"([{"token":[]},{"session":[]}])");
  json.key("paths").begin_object();
  for (const std::string_view path : paths) {
    json.key(path).begin_object();
    for (const ApiCall* call : calls) {
      if (path == call->path) write_call(json, *call);
    }
    json.end_object();
  }
  json.end_object().key("components").begin_object();
  json.key("securitySchemes")
      .raw(R"({"token":{"type":"http","scheme":"bearer"},)"
           R"("session":{"type":"apiKey","in":"cookie","name":"mynah_session"}})");
  json.key("schemas").raw(cat("{", schemas, "}")).end_object().end_object();
  return indented(std::move(json).take());
}

}  // namespace mynah::control
