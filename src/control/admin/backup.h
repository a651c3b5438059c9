// SPDX-License-Identifier: Apache-2.0
// Backup of what a gateway keeps and cannot make again: its databases and published plug-ins, as
// one tar file. The store and the vectors, which hold what is cached, are not in it.
//
// A gateway may run on the folder meanwhile: each database is copied as it is at one moment, and
// published plug-ins are never altered. Neither call is for a thread that serves.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace mynah::control {

struct BackupContents {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
};

// Writes the file, readable for its owner only, which must not exist. The folder must be one that a
// gateway has used.
Result<BackupContents> back_up(const std::string& folder, const std::string& file);

// Brings what the file holds into the folder, which is made, or holds no database yet, and is in
// use by no gateway. Nothing is left there when it fails.
Result<BackupContents> restore(const std::string& file, const std::string& folder);

}  // namespace mynah::control
