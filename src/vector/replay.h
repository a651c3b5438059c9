// SPDX-License-Identifier: Apache-2.0
// What the database keeps on disk, by store/disk_log.h, and how it is read back.
//
//   folder   := log* snapshot? "lock"     log and snapshot: records as in store/records.h
//   log      := 'E' records, an operation each, numbered without a gap
//   snapshot := 'W' records, an operation each, then 'Z'
//
// A snapshot is taken piece by piece while others write, so it holds some of what the log that
// began with it holds as well. That does no harm, because operations are to be repeated
// (operation.h).
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "base/result.h"
#include "store/disk_log.h"
#include "store/files.h"

namespace mynah::vector {

using store::DiskLog;
using store::DiskOptions;
using store::SyncPolicy;

// What the files hold, told as operations in their order. Files and ends of files that are not
// whole are reported, cut off or set aside; of a damaged snapshot all that stands before the damage
// is told, and `damaged` says so.
struct Replayed {
  std::uint64_t next = 1;
  bool damaged = false;
};
Result<Replayed> replay(store::Files& files, const DiskOptions& options,
                        const std::function<bool(std::string_view operation)>& take);

}  // namespace mynah::vector
