// SPDX-License-Identifier: Apache-2.0
// A plug-in that is linked into this process, as an Instance: the same host functions, under a
// debugger and sanitizers. Nothing is contained here: no limit of time or memory holds, and a wild
// pointer is one of ours.
//
// The functions of abi/imports.h act for the machine whose callback runs on the thread.
#pragma once

#include <memory>

#include "abi/native.h"
#include "wasm/instance.h"

namespace mynah::wasm {

class Host;

std::unique_ptr<Instance> make_native_instance(const abi::NativePlugin& plugin, Host& host);

}  // namespace mynah::wasm
