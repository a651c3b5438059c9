// SPDX-License-Identifier: Apache-2.0
// The OpenAPI description, written from the table of calls.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "base/json_writer.h"
#include "base/text.h"
#include "control/admin/api_calls.h"
#include "control/config/indent.h"

namespace mynah::control {

namespace {

// The schemas that calls take and give. Objects that a listing shows may gain fields.
constexpr std::string_view kSchemas = R"({
"error":{"type":"object","required":["error"],"properties":{"error":{"type":"object","required":["code","message"],"properties":{"code":{"type":"string","pattern":"^[a-z0-9-]+$"},"message":{"type":"string"},"details":{}}}}},
"health":{"type":"object","required":["ok"],"properties":{"ok":{"const":true}}},
"readiness":{"type":"object","required":["ready"],"properties":{"ready":{"const":true}}},
"description":{"type":"object"},
"credentials":{"type":"object","required":["user","password"],"properties":{"user":{"type":"string"},"password":{"type":"string"}}},
"user":{"type":"object","required":["user","role","by"],"properties":{"user":{"type":"string"},"role":{"enum":["viewer","owner"]},"by":{"enum":["session","token"]}}},
"routes":{"type":"object","required":["items","total"],"properties":{"items":{"type":"array","items":{"type":"object","required":["name","match"],"properties":{"name":{"type":"string"},"match":{"type":"object"}}}},"total":{"type":"integer"}}},
"services":{"type":"object","required":["items","total"],"properties":{"items":{"type":"array","items":{"type":"object","required":["name"],"properties":{"name":{"type":"string"}}}},"total":{"type":"integer"}}},
"plugins":{"type":"object","required":["items","total"],"properties":{"items":{"type":"array","items":{"type":"object","required":["id"],"properties":{"id":{"type":"string"}}}},"total":{"type":"integer"}}}
})";

constexpr std::string_view kPageParameters = R"([
{"name":"limit","in":"query","description":"How many items at most.","schema":{"type":"integer","minimum":0,"maximum":500,"default":100}},
{"name":"offset","in":"query","description":"How many items to pass over.","schema":{"type":"integer","minimum":0,"maximum":1000000000,"default":0}},
{"name":"name","in":"query","description":"Only the item of this name.","schema":{"type":"string"}}
])";

const std::map<std::uint16_t, std::string_view> kMeanings = {{200, "Here it is."},
                                                             {201, "Made."},
                                                             {204, "Done."},
                                                             {400, "The request is malformed."},
                                                             {401, "Who asks is unknown."},
                                                             {403, "Who asks may not do this."},
                                                             {413, "The body is too large."},
                                                             {415, "The body is of another type."},
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
  const bool safe = std::string_view(call.method) == "GET";
  statuses.push_back(413);
  statuses.push_back(500);
  if (call.access != Access::everybody) statuses.push_back(401);
  if (call.access == Access::owner || !safe) statuses.push_back(403);
  std::ranges::sort(statuses);
  const auto repeated = std::ranges::unique(statuses);
  statuses.erase(repeated.begin(), repeated.end());
  return statuses;
}

void write_content(JsonWriter& json, std::string_view schema) {
  const bool is_media_type = schema.find('/') != std::string_view::npos;
  json.key("content").begin_object();
  json.key(is_media_type ? schema : "application/json").begin_object().key("schema");
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
    const std::string_view schema = status < 300 ? call.gives : "error";
    if (!schema.empty()) write_content(json, schema);
    json.end_object();
  }
  json.end_object();
}

void write_call(JsonWriter& json, const ApiCall& call) {
  json.key(lower(call.method)).begin_object().member("summary", call.summary);
  if (call.access == Access::everybody) json.key("security").begin_array().end_array();
  if (call.pages) json.key("parameters").raw(compact(kPageParameters));
  if (*call.takes != '\0') {
    json.key("requestBody").begin_object().member("required", true);
    write_content(json, call.takes);
    json.end_object();
  }
  write_responses(json, call);
  json.end_object();
}

}  // namespace

std::string openapi() {
  std::vector<std::string_view> paths;
  for (const ApiCall& call : calls()) {
    if (std::ranges::find(paths, call.path) == paths.end()) paths.emplace_back(call.path);
  }
  JsonWriter json;
  json.begin_object().member("openapi", "3.1.0");
  json.key("info").begin_object().member("title", "Mynah's admin API").member("version", "1");
  json.end_object();
  json.key("security").raw(R"([{"token":[]},{"session":[]}])");
  json.key("paths").begin_object();
  for (const std::string_view path : paths) {
    json.key(path).begin_object();
    for (const ApiCall& call : calls()) {
      if (path == call.path) write_call(json, call);
    }
    json.end_object();
  }
  json.end_object().key("components").begin_object();
  json.key("securitySchemes")
      .raw(R"({"token":{"type":"http","scheme":"bearer"},)"
           R"("session":{"type":"apiKey","in":"cookie","name":"mynah_session"}})");
  json.key("schemas").raw(compact(kSchemas)).end_object().end_object();
  return indented(std::move(json).take());
}

}  // namespace mynah::control
