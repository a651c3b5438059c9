// SPDX-License-Identifier: Apache-2.0
// The audit log in pages, events as a stream.
#include "control/admin/log_calls.h"

#include <utility>

#include "base/json_writer.h"
#include "control/admin/listing.h"

namespace mynah::control {

namespace {

using Context = ApiCall::Context;

std::string json_of(const AuditLog::Entry& entry) {
  JsonWriter json;
  json.begin_object().member("id", entry.id).member("at", rfc3339(entry.at));
  json.member("who", entry.author).member("by", entry.by).member("from", entry.client_ip);
  json.member("action", entry.action).member("object", entry.object);
  if (!entry.before.empty()) json.key("before").raw(entry.before);
  if (!entry.after.empty()) json.key("after").raw(entry.after);
  json.end_object();
  return std::move(json).take();
}

ApiResponse audit(const ApiParts& parts, const Context& call) {
  const auto page = page_of(call);
  if (!page) return api_error(400, "bad-request", page.error().what);
  const auto found = parts.audit.find({.author = call.query_value("who"),
                                       .object = call.query_value("object"),
                                       .offset = page->offset,
                                       .limit = page->limit});
  if (!found) return api_error(found.error());
  JsonWriter json;
  json.begin_object().key("items").begin_array();
  for (const AuditLog::Entry& entry : found->entries) json.raw(json_of(entry));
  json.end_array().member("total", found->total).end_object();
  return json_response(200, std::move(json).take());
}

ApiResponse events(const ApiParts& parts, const Context& call) {
  auto stream = parts.events.listen(*call.principal);
  if (!stream) return api_error(stream.error());
  ApiResponse response;
  response.headers.add("content-type", "text/event-stream");
  response.stream = *std::move(stream);
  return response;
}

constexpr std::string_view kAuditParameters = R"(
{"name":"limit","in":"query","description":"How many entries at most.","schema":{"type":"integer","minimum":0,"maximum":500,"default":100}},
{"name":"offset","in":"query","description":"How many of the latest to pass over.","schema":{"type":"integer","minimum":0,"maximum":1000000000,"default":0}},
{"name":"who","in":"query","description":"Only what this account did.","schema":{"type":"string"}},
{"name":"object","in":"query","description":"Only what was done to this object, or to those below it: routes, routes/chat.","schema":{"type":"string"}}
)";

constexpr std::string_view kSchemas = R"(
"audit":{"type":"object","required":["items","total"],"properties":{"items":{"type":"array","items":{"type":"object","required":["id","at","who","by","from","action","object"],"properties":{"id":{"type":"integer"},"at":{"type":"string"},"who":{"type":"string"},"by":{"enum":["session","token"]},"from":{"type":"string"},"action":{"type":"string"},"object":{"type":"string"},"before":{},"after":{}}}},"total":{"type":"integer"}}}
)";

}  // namespace

ApiCallSet log_calls(const ApiParts& parts) {
  const auto with = [&parts](ApiResponse (*handler)(const ApiParts&, const Context&)) {
    return [&parts, handler](const Context& call) { return at_once(handler(parts, call)); };
  };
  return {.calls = {{.method = "GET",
                     .path = "/api/v1/audit",
                     .access = Access::owner,
                     .summary = "Who changed what, the latest first; secrets are hidden.",
                     .statuses = {200, 400},
                     .gives = "audit",
                     .parameters = std::string(kAuditParameters),
                     .answer = with(audit)},
                    {.method = "GET",
                     .path = "/api/v1/events",
                     .access = Access::account,
                     .summary = "Server-sent events of what happens from now on.",
                     .statuses = {200, 429},
                     .gives = "text/event-stream",
                     .answer = with(events)}},
          .schemas = std::string(kSchemas)};
}

}  // namespace mynah::control
