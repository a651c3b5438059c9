// SPDX-License-Identifier: Apache-2.0
// Recovery: from the files of the store back to its keys.
//
// The newest whole snapshot is read, then the logs after it, in order, as far as they are whole and
// follow one another. What comes behind the first fault is never applied: the result is a state
// that the store once had. A torn end of the last log is the normal trace of a crash and is cut
// off; other files that cannot be used are set aside under a name that ends in ".damaged". Each of
// these is reported.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "store/files.h"
#include "store/keyspace.h"

namespace mynah::store {

struct Recovered {
  std::unique_ptr<Keyspace> keyspace;
  std::uint64_t next = 1;  // the sequence number of the next change
  std::uint64_t changes = 0;
  std::uint64_t torn_bytes = 0;
};

// `fresh_seed` is used when there is nothing to go on from. Fails when the folder cannot be read or
// written.
Result<Recovered> recover(Files& files, std::size_t memory_bytes, HashSeed fresh_seed,
                          const std::function<void(const std::string&)>& report);

}  // namespace mynah::store
