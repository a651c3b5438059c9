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

std::string first_of(std::string_view a, std::string_view b) {
  return std::string(a.empty() ? b : a);
}

void place(const model::Plugin& plugin, const std::optional<PluginLoader::Published>& published,
           const wasm::Inspection& inspection, PluginCode& made) {
  const auto identity = Json::parse(inspection.identity.value_or("{}"));
  const JsonView own = identity ? identity->root() : JsonView();
  const PluginLoader::Published said = published.value_or(PluginLoader::Published());
  made.version = first_of(plugin.version, first_of(said.version, own["version"].text()));
  const auto stage = stage_named(first_of(said.stage, own["stage"].text()));
  made.stage = plugin.stage.value_or(stage.value_or(model::Stage::normal));
  const auto own_priority = own["priority"].integer();
  made.priority = plugin.priority.value_or(
      said.priority.value_or(static_cast<std::int32_t>(own_priority.value_or(kDefaultPriority))));
  const std::string on_failure = first_of(said.on_failure, own["on_failure"].text());
  const bool closed = plugin.on_failure    ? *plugin.on_failure == model::OnFailure::closed
                      : on_failure.empty() ? protects(made.stage)
                                           : on_failure == "closed";
  made.on_failure = closed ? Filter::OnFailure::closed : Filter::OnFailure::open;
}

}  // namespace

PluginLoader::PluginLoader(const wasm::ModuleCache& cache, std::string builtin_folder,
                           FindPublished find_published)
    : cache_(cache),
      builtin_folder_(std::move(builtin_folder)),
      find_published_(std::move(find_published)) {}

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

// A file of its own, a published version, or a built-in: in this order.
Result<std::string> PluginLoader::bytes_of(const model::Plugin& plugin,
                                           const std::optional<Published>& published) const {
  if (!plugin.wasm.empty()) return read_file(plugin.wasm, wasm::Module::kMaxBytes);
  if (published) return read_file(published->path, wasm::Module::kMaxBytes);
  if (!plugin.version.empty()) {
    return Error{Errc::not_found, cat("no version ", plugin.version, " of it is published")};
  }
  auto bytes = read_file(cat(builtin_folder_, "/", plugin.id, ".wasm"), wasm::Module::kMaxBytes);
  if (bytes || bytes.error().code != Errc::not_found) return bytes;
  return Error{Errc::not_found,
               "there is no built-in or published plug-in of that id; for a file of your own set "
               "`wasm`"};
}

Result<std::shared_ptr<PluginCode>> PluginLoader::load(const model::Plugin& plugin) {
  if (!plugin.url.empty())
    return Error{Errc::unsupported, "plug-ins are not fetched from registries: name a file"};
  const auto published =
      plugin.wasm.empty() ? find_published_(plugin.id, plugin.version) : std::nullopt;
  MYNAH_LET(const std::string bytes, bytes_of(plugin, published));
  const std::string wanted = published ? published->sha256 : lower(plugin.sha256);
  if (!wanted.empty() && wasm::sha256_hex(bytes) != wanted) {
    return Error{Errc::invalid_argument,
                 cat("the module has the checksum ", wasm::sha256_hex(bytes), ", not ", wanted)};
  }
  const wasm::Inspection inspection = wasm::inspect(bytes);
  if (inspection.refusal) return Error{*inspection.refusal};
  auto made = std::make_shared<PluginCode>();
  made->id = plugin.id;
  MYNAH_LET(made->module, module_of(bytes));
  made->language = inspection.language;
  place(plugin, published, inspection, *made);
  return made;
}

}  // namespace mynah
