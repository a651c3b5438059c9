// SPDX-License-Identifier: Apache-2.0
// Small files as a whole. These functions block: a loop calls them through a pool (aio/pool.h).
//
//   MYNAH_LET(std::string text, read_file("mynah.yaml", 1 << 20));
//   MYNAH_OK(write_file_atomically("state.json", bytes));
//
// Errors name the file and say what was tried.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <sys/types.h>

#include "base/result.h"

namespace mynah {

// Errc::not_found when there is no such file, Errc::too_large when it has more than `limit` bytes.
Result<std::string> read_file(const std::string& path, std::size_t limit);

// Whoever reads the file finds the old bytes or the new ones, whole, even after a loss of power.
// The bytes are written to a file beside it, which then takes its name; what was a symbolic link is
// replaced by the file.
Status write_file_atomically(const std::string& path, std::string_view bytes, mode_t mode = 0644);

// Appends to the file, which is made if it is missing. Bytes of several appenders are not mixed.
Status append_to_file(const std::string& path, std::string_view bytes, mode_t mode = 0644);

}  // namespace mynah
