// SPDX-License-Identifier: Apache-2.0
// MYNAH_CHECK(condition) ends the process (in a plug-in: traps the machine) when the condition,
// which only a bug of ours can break, does not hold. It stays on in release builds. What a peer, a
// file or a person can cause is never checked this way: that is a Result.
#pragma once

namespace mynah {

// Reports the broken condition on stderr and does not return.
[[noreturn, gnu::cold]] void check_failed(const char* condition, const char* file, int line);

}  // namespace mynah

#define MYNAH_CHECK(condition) \
  (static_cast<bool>(condition) ? void() : ::mynah::check_failed(#condition, __FILE__, __LINE__))
