// SPDX-License-Identifier: Apache-2.0
// Files whose name is not their id are somebody's work in progress, not the product's.
#include "market/builtins.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "aio/files.h"
#include "base/text.h"
#include "wasm/inspect.h"

namespace mynah::market {

Result<std::vector<Builtin>> read_builtins(const std::string& folder) {
  namespace fs = std::filesystem;
  std::vector<Builtin> builtins;
  std::error_code absent;
  for (const auto& entry : fs::directory_iterator(folder, absent)) {
    if (entry.path().extension() != ".wasm") continue;
    MYNAH_LET(const std::string bytes, read_file(entry.path().string(), wasm::Module::kMaxBytes));
    const wasm::Inspection found = wasm::inspect(bytes);
    if (found.refusal || !found.identity) continue;
    auto identity = read_identity(*found.identity);
    if (!identity || identity->id != entry.path().stem().string()) continue;
    builtins.push_back(
        {*std::move(identity), entry.path().string(), found.sha256, std::uint64_t{bytes.size()}});
  }
  std::ranges::sort(builtins, {}, [](const Builtin& each) { return each.identity.id; });
  return builtins;
}

}  // namespace mynah::market
