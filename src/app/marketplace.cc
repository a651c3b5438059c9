// SPDX-License-Identifier: Apache-2.0
// Between parts that do not know each other.
#include "app/marketplace.h"

#include <optional>

#include "control/admin/listing.h"

namespace mynah {

PluginLoader::FindPublished finder_in(const market::Catalogue& catalogue) {
  return [&catalogue](const std::string& id,
                      const std::string& version) -> std::optional<PluginLoader::Published> {
    auto found = catalogue.find(id, version);
    if (!found) return std::nullopt;
    const market::Identity& said = found->identity;
    return PluginLoader::Published{.path = found->path,
                                   .sha256 = found->sha256,
                                   .version = said.version,
                                   .stage = said.stage,
                                   .priority = said.priority,
                                   .on_failure = said.on_failure};
  };
}

std::vector<market::FilePlugin> plugins_in_file(const control::Loaded& loaded) {
  std::vector<market::FilePlugin> plugins;
  for (const model::Plugin& plugin : loaded.config->plugins) {
    if (loaded.in_file.contains({control::ObjectKind::plugin, plugin.id}))
      plugins.push_back({plugin.id, control::json_of(plugin)});
  }
  return plugins;
}

}  // namespace mynah
