// SPDX-License-Identifier: Apache-2.0
// Starting threads of this program: named, and deaf to signals, which are taken in one place
// (aio/signals.h).
#pragma once

#include <functional>
#include <string>
#include <thread>

namespace mynah {

// The name is what debuggers and `top` show; the system keeps its first 15 characters.
std::thread start_thread(const std::string& name, std::move_only_function<void()> work);

}  // namespace mynah
