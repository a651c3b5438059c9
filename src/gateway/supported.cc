// SPDX-License-Identifier: Apache-2.0
// The list of what is not done.
#include "gateway/supported.h"

#include "base/text.h"

namespace mynah {

Status check_supported(const model::Config& config) {
  for (const model::Service& service : config.services) {
    const auto* embedded = std::get_if<model::Embedded>(&service.origin);
    if (embedded == nullptr || !embedded->listen) continue;
    return Error{Errc::unsupported,
                 cat("service ", service.name, ": this version's embedded services do not listen")};
  }
  for (const model::Plugin& plugin : config.plugins) {
    if (plugin.url.empty()) continue;
    return Error{
        Errc::unsupported,
        cat("plug-in ", plugin.id, ": this version fetches no plug-ins, name a file by `wasm`")};
  }
  return ok();
}

}  // namespace mynah
