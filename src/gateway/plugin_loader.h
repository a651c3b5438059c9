// SPDX-License-Identifier: Apache-2.0
// PluginLoader: from what the configuration says of a plug-in to code that is ready to run. It
// reads files and may compile, so it works on a thread that may wait.
// tidy: allow-file shared_ptr: generations of the configuration share what has not changed
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "gateway/model.h"
#include "gateway/plugin_code.h"
#include "wasm/module_cache.h"

namespace mynah {

class PluginLoader final {
 public:
  // A version of a plug-in that somebody has published, and what was said about it then.
  struct Published {
    std::string path;
    std::string sha256;
    std::string version;
    std::string stage;
    std::optional<std::int32_t> priority;
    std::string on_failure;
  };
  // Finds a version, the newest if none is named. Called on the thread that loads.
  using FindPublished =
      std::function<std::optional<Published>(const std::string& id, const std::string& version)>;

  // `builtin_folder` holds the plug-ins that come with the gateway, as ID.wasm. The cache outlives
  // the loader.
  PluginLoader(const wasm::ModuleCache& cache, std::string builtin_folder,
               FindPublished find_published);

  // The code of each plug-in of the configuration, in its order; null where it is disabled. The
  // error names the plug-in.
  Result<std::vector<std::shared_ptr<const PluginCode>>> load(const model::Config& config);

 private:
  Result<std::shared_ptr<PluginCode>> load(const model::Plugin& plugin);
  Result<std::string> bytes_of(const model::Plugin& plugin,
                               const std::optional<Published>& published) const;
  Result<std::shared_ptr<const wasm::Module>> module_of(const std::string& wasm);

  const wasm::ModuleCache& cache_;
  std::string builtin_folder_;
  FindPublished find_published_;
  // Modules in use, by checksum: one that is configured again, or twice, is the same object, by
  // which a reload knows that nothing has changed.
  std::unordered_map<std::string, std::weak_ptr<const wasm::Module>> modules_;
};

}  // namespace mynah
