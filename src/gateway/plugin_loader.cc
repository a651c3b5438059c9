// SPDX-License-Identifier: Apache-2.0
// What the configuration says comes first, then what the module says of itself, then the defaults.
// tidy: allow-file shared_ptr: what exchanges in flight use outlives the generation that made it
#include "gateway/plugin_loader.h"

#include <algorithm>
#include <utility>

#include "aio/files.h"
#include "base/json.h"
#include "base/text.h"
#include "wasm/inspect.h"

namespace mynah {
namespace {

constexpr std::int32_t kDefaultPriority = 100;

std::optional<model::Stage> stage_named(std::string_view name) {
  if (name == "authn") return model::Stage::authn;
  if (name == "authz") return model::Stage::authz;
  if (name == "stats") return model::Stage::stats;
  if (name == "default") return model::Stage::normal;
  return std::nullopt;
}

bool protects(model::Stage stage) {
  return stage == model::Stage::authn || stage == model::Stage::authz;
}

}  // namespace

PluginLoader::PluginLoader(const wasm::ModuleCache& cache, std::string builtin_folder)
    : cache_(cache), builtin_folder_(std::move(builtin_folder)) {}

Result<std::vector<std::shared_ptr<const PluginCode>>> PluginLoader::load(
    const model::Config& config) {
  std::vector<std::shared_ptr<const PluginCode>> all;
  for (const model::Plugin& plugin : config.plugins) {
    if (!plugin.enabled) {
      all.push_back(nullptr);
      continue;
    }
    auto code = load(plugin);
    if (!code) return std::move(code).error().within(cat("plug-in ", plugin.id));
    const auto first = std::ranges::find_if(all, [&](const auto& other) {
      return other != nullptr && other->module == (*code)->module;
    });
    (*code)->vm_id = first == all.end() ? (*code)->id : (*first)->id;
    all.push_back(*std::move(code));
  }
  return all;
}

Result<std::shared_ptr<const wasm::Module>> PluginLoader::module_of(const std::string& wasm) {
  std::erase_if(modules_, [](const auto& each) { return each.second.expired(); });
  auto& known = modules_[wasm::sha256_hex(wasm)];
  auto module = known.lock();
  if (module == nullptr) {
    MYNAH_LET(module, cache_.get(wasm));
    known = module;
  }
  return module;
}

Result<std::shared_ptr<PluginCode>> PluginLoader::load(const model::Plugin& plugin) {
  if (!plugin.url.empty())
    return Error{Errc::unsupported, "plug-ins are not fetched from registries: name a file"};
  const std::string path =
      plugin.wasm.empty() ? cat(builtin_folder_, "/", plugin.id, ".wasm") : plugin.wasm;
  auto bytes = read_file(path, wasm::Module::kMaxBytes);
  if (!bytes) {
    if (plugin.wasm.empty() && bytes.error().code == Errc::not_found) {
      return Error{Errc::not_found,
                   "there is no built-in plug-in of that id; for a file of your own set `wasm`"};
    }
    return std::move(bytes).error();
  }
  if (!plugin.sha256.empty() && wasm::sha256_hex(*bytes) != lower(plugin.sha256)) {
    return Error{Errc::invalid_argument, cat(path, " has the checksum ", wasm::sha256_hex(*bytes),
                                             ", not ", plugin.sha256)};
  }
  const wasm::Inspection inspection = wasm::inspect(*bytes);
  if (inspection.refusal) return Error{*inspection.refusal}.within(path);
  auto made = std::make_shared<PluginCode>();
  made->id = plugin.id;
  MYNAH_LET(made->module, module_of(*bytes));
  made->language = inspection.language;

  const auto identity = Json::parse(inspection.identity.value_or("{}"));
  const JsonView own = identity ? identity->root() : JsonView();
  made->version = plugin.version.empty() ? own.text("version") : plugin.version;
  const auto own_stage = stage_named(own.text("stage"));
  made->stage = plugin.stage.value_or(own_stage.value_or(model::Stage::normal));
  const auto own_priority = own["priority"].integer();
  made->priority =
      plugin.priority.value_or(static_cast<std::int32_t>(own_priority.value_or(kDefaultPriority)));
  const auto own_failure = own.text("on_failure");
  const bool closed = plugin.on_failure     ? *plugin.on_failure == model::OnFailure::closed
                      : own_failure.empty() ? protects(made->stage)
                                            : own_failure == "closed";
  made->on_failure = closed ? Filter::OnFailure::closed : Filter::OnFailure::open;
  return made;
}

}  // namespace mynah
