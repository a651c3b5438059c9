// SPDX-License-Identifier: Apache-2.0
// The embedded store as plug-ins reach it: a command in RESP goes in, a reply in RESP comes out, in
// process.
// tidy: allow-file shared_ptr: what exchanges in flight use outlives the generation that made it
#pragma once

#include <memory>

#include "gateway/plugin_host.h"
#include "store/store.h"

namespace mynah {

// The store outlives the port.
std::shared_ptr<RedisPort> make_store_port(store::Store& store);

}  // namespace mynah
