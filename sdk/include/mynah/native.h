// SPDX-License-Identifier: Apache-2.0
// The plug-in of this program for a host that is linked into it as well: how tests run a plug-in
// without WebAssembly.
#pragma once

#include "abi/native.h"

namespace mynah {
inline namespace plugin {

const abi::NativePlugin& native_plugin();

}  // namespace plugin
}  // namespace mynah
