// SPDX-License-Identifier: Apache-2.0
// The description of a plug-in, from a module that is built for nothing else: with the texts of its
// configuration (MYNAH_DESCRIBE), and with a start that tells its identity to whoever runs it. How
// `mynah plugin build` learns what it writes into the custom section.
#if defined(__wasm__) && defined(MYNAH_DESCRIBE)

#include "abi/describe.h"

#include <cstdint>
#include <cstdlib>
#include <string>

#include "abi/imports.h"
#include "callbacks.h"
#include "mynah/plugin.h"

MYNAH_CALLBACK(proxy_abi_version_0_2_1) void proxy_abi_version_0_2_1() {}
MYNAH_CALLBACK(proxy_on_memory_allocate) void* proxy_on_memory_allocate(std::size_t bytes) {
  return std::malloc(bytes);
}
MYNAH_CALLBACK(proxy_on_context_create)
void proxy_on_context_create(std::uint32_t, std::uint32_t) {}
MYNAH_CALLBACK(proxy_on_vm_start) std::uint32_t proxy_on_vm_start(std::uint32_t, std::uint32_t) {
  const std::string identity = mynah::inner::identity_json();
  char* nothing = nullptr;
  std::size_t size = 0;
  proxy_call_foreign_function(mynah::abi::kDescribe.data(), mynah::abi::kDescribe.size(),
                              identity.data(), identity.size(), &nothing, &size);
  return 1;
}

#endif
