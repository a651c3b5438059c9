// SPDX-License-Identifier: Apache-2.0
// The list of what is not done.
#include "gateway/supported.h"

#include "base/text.h"

namespace mynah {

Status check_supported(const model::Config& config) {
  for (const model::Plugin& plugin : config.plugins) {
    if (plugin.url.empty()) continue;
    return Error{
        Errc::unsupported,
        cat("plug-in ", plugin.id, ": this version fetches no plug-ins, name a file by `wasm`")};
  }
  return ok();
}

}  // namespace mynah
