// SPDX-License-Identifier: Apache-2.0
// The calls under /api/v1/plugins, and those of them that only read.
#include <algorithm>
#include <utility>

#include "aio/files.h"
#include "base/text.h"
#include "control/admin/listing.h"
#include "market/answers.h"
#include "market/market.h"

namespace mynah::market {
namespace {

using control::Access;
using control::api_error;
using control::ApiCall;

// What is said about a plug-in, beside what it is.
constexpr std::string_view kSchemas = R"(
"plugin":{"type":"object","required":["id","name","version","stage","priority","origin","enabled","bindings"],"properties":{"id":{"type":"string"},"name":{"type":"string"},"description":{"type":"string"},"version":{"type":"string"},"stage":{"enum":["authn","authz","stats","default"]},"priority":{"type":"integer"},"origin":{"enum":["built-in","published"]},"in_file":{"type":"boolean"},"enabled":{"type":"boolean"},"follows":{"type":"boolean"},"runs":{"type":["string","null"]},"bindings":{"type":"array","items":{"type":"object","required":["scope","enabled"],"properties":{"scope":{"type":"string"},"enabled":{"type":"boolean"},"config":{"type":"object"}}}},"versions":{"type":"array"},"schema":{"type":"object"}}},
"plugin_list":{"type":"object","required":["items","total"],"properties":{"items":{"type":"array","items":{"type":"object","required":["id"],"properties":{"id":{"type":"string"}}}},"total":{"type":"integer"}}},
"plugin_version":{"type":"object","required":["id","version","sha256","bytes","in_use"],"properties":{"id":{"type":"string"},"version":{"type":"string"},"sha256":{"type":"string"},"bytes":{"type":"integer"},"in_use":{"type":"boolean"},"not_live":{"type":"string","description":"Why a plug-in that follows the newest version does not run in this one."}}},
"plugin_form":{"type":"object","required":["wasm"],"additionalProperties":false,"properties":{"wasm":{"type":"string","format":"binary"},"id":{"type":"string"},"name":{"type":"string"},"description":{"type":"string"},"version":{"type":"string"},"version_description":{"type":"string"},"language":{"type":"string"},"stage":{"enum":["authn","authz","stats","default"]},"priority":{"type":"integer"},"min_gateway_version":{"type":"string"}}},
"binding_wish":{"type":"object","additionalProperties":false,"properties":{"config":{"type":"object"},"enabled":{"type":"boolean"},"version":{"type":"string","description":"A published version, or newest, which is followed. It holds for all bindings of the plug-in."}}},
"binding":{"type":"object","required":["id","scope","enabled","version","follows","config"],"properties":{"id":{"type":"string"},"scope":{"type":"string"},"enabled":{"type":"boolean"},"version":{"type":["string","null"]},"follows":{"type":"boolean"},"config":{"type":"object"}}}
)";

bool manages(const ApiCall::Context& call) {
  return call.principal &&
         (call.principal->role == control::Role::owner || call.principal->manages);
}

// A handler that has its answer already.
template <class Function>
ApiCall::Answer at_once(Function function) {
  return [function](const ApiCall::Context& call) { return control::at_once(function(call)); };
}

}  // namespace

control::ApiResponse Market::list(const Context& call) const {
  const auto kept = parts_.kept.all();
  if (!kept) return api_error(kept.error());
  const std::vector<FilePlugin> in_file = parts_.in_file();
  struct Item {
    Identity identity;
    std::string json;
  };
  std::vector<Item> items;
  const auto add = [&](const Offer& offer) {
    const Identity& identity = *offer.identity("");
    const auto* object = control::find_object(*kept, control::ObjectKind::plugin, identity.id);
    const auto use = object == nullptr ? Result(PluginUse()) : PluginUse::parse(object->json);
    const bool filed = std::ranges::any_of(
        in_file, [&](const FilePlugin& each) { return each.id == identity.id; });
    items.push_back(
        {identity, json_of(offer, object != nullptr && use ? &*use : nullptr, filed, false)});
  };
  for (const Builtin& builtin : parts_.builtins) add({&builtin, std::nullopt});
  const auto published = parts_.catalogue.all();
  if (manages(call)) {
    for (const auto& [id, plugin] : *published) add({nullptr, plugin});
  }
  for (const FilePlugin& each : in_file) {
    if (!find(each.id, true)) items.push_back({{.id = each.id}, each.json});
  }
  std::ranges::stable_sort(items, runs_before, &Item::identity);
  control::Items page;
  for (Item& item : items) page.emplace_back(item.identity.id, std::move(item.json));
  return control::page_response(call, page);
}

control::ApiResponse Market::show(const Context& call) const {
  const std::string id = call.parameter("id");
  const Offer offer = find(id, manages(call));
  if (!offer) return no_plugin(id);
  const auto use = find_use(id);
  if (!use) return api_error(use.error());
  const bool whole = manages(call);
  return control::json_response(200,
                                json_of(offer, *use ? &**use : nullptr, is_in_file(id), whole));
}

control::ApiResponse Market::show_version(const Context& call) const {
  const std::string id = call.parameter("id");
  const auto version = parts_.catalogue.find(id, call.parameter("version"));
  if (!version) return no_version(id, call.parameter("version"));
  const auto use = find_use(id);
  if (!use) return api_error(use.error());
  return control::json_response(200, json_of(*version, *use ? &**use : nullptr));
}

Task<control::ApiResponse> Market::download(const Context& call) const {
  const std::string id = call.parameter("id");
  const auto version = parts_.catalogue.find(id, call.parameter("version"));
  if (!version) co_return no_version(id, call.parameter("version"));
  auto bytes = co_await parts_.pool.run(
      parts_.loop, [path = version->path] { return read_file(path, wasm::Module::kMaxBytes); });
  if (!bytes) co_return api_error(bytes.error());
  Answer answer;
  answer.headers.add("content-type", "application/wasm");
  answer.headers.add("content-disposition",
                     cat("attachment; filename=\"", id, "-", version->identity.version, ".wasm\""));
  answer.body = *std::move(bytes);
  co_return answer;
}

control::ApiCallSet Market::calls() {
  constexpr auto kScope = control::TokenScope::plugins;
  std::vector<ApiCall> calls = {
      {.method = "GET",
       .path = "/api/v1/plugins",
       .access = Access::account,
       .summary = "What can be enabled, in the order in which it runs: built-in plug-ins, those of "
                  "the configuration file, and for those who manage the gateway published ones.",
       .statuses = {200, 400},
       .gives = "plugin_list",
       .pages = true,
       .answer = at_once([this](const Context& call) { return list(call); })},
      {.method = "POST",
       .path = "/api/v1/plugins",
       .access = Access::manager,
       .summary = "Publishes a version of a plug-in. What the module says of itself need not be "
                  "given.",
       .statuses = {200, 201, 400, 409, 422, 429},
       .takes = "plugin_form",
       .takes_as = "multipart/form-data",
       .gives = "plugin_version",
       .body_bytes_max = kFormBytesMax,
       .scope = kScope,
       .answer = [this](const Context& call) { return publish(call); }},
      {.method = "GET",
       .path = "/api/v1/plugins/{id}",
       .access = Access::account,
       .summary = "A plug-in: its versions, and where it is enabled.",
       .statuses = {200, 404},
       .gives = "plugin",
       .answer = at_once([this](const Context& call) { return show(call); })},
      {.method = "DELETE",
       .path = "/api/v1/plugins/{id}",
       .access = Access::manager,
       .summary = "Deletes a published plug-in that is not in use.",
       .statuses = {204, 404, 409, 429},
       .scope = kScope,
       .answer = [this](const Context& call) { return remove_plugin(call); }},
      {.method = "GET",
       .path = "/api/v1/plugins/{id}/versions/{version}",
       .access = Access::manager,
       .summary = "A published version.",
       .statuses = {200, 404},
       .gives = "plugin_version",
       .answer = at_once([this](const Context& call) { return show_version(call); })},
      {.method = "GET",
       .path = "/api/v1/plugins/{id}/versions/{version}/wasm",
       .access = Access::manager,
       .summary = "The bytes of a published version.",
       .statuses = {200, 404},
       .gives = "application/wasm",
       .answer = [this](const Context& call) { return download(call); }},
      {.method = "PUT",
       .path = "/api/v1/plugins/{id}/bindings/{scope}",
       .access = Access::manager,
       .summary = "Enables a plug-in at a scope (global, route:NAME, host:NAME, service:NAME), or "
                  "changes how. What is left out stays as it is.",
       .statuses = {200, 404, 409, 422, 429},
       .takes = "binding_wish",
       .gives = "binding",
       .scope = kScope,
       .answer = [this](const Context& call) { return change_binding(call); }},
      {.method = "DELETE",
       .path = "/api/v1/plugins/{id}/bindings/{scope}",
       .access = Access::manager,
       .summary = "Disables a plug-in at a scope.",
       .statuses = {204, 404, 409, 422, 429},
       .scope = kScope,
       .answer = [this](const Context& call) { return remove_binding(call); }}};
  return {.calls = std::move(calls), .schemas = std::string(kSchemas)};
}

}  // namespace mynah::market
