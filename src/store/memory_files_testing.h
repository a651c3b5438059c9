// SPDX-License-Identifier: Apache-2.0
// MemoryFiles: the faulty twin of the store's folder. It can run out of luck at any operation, and
// lose or tear what was not synced when the power goes.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>

#include "store/files.h"

namespace mynah::store {

// What lies on the simulated disk; outlives the Files that a store owns.
struct MemoryDisk {
  struct File {
    std::string bytes;
    std::size_t synced = 0;
  };

  std::map<std::string, File> files;
  std::int64_t operations_left = -1;  // then every operation fails; negative: never
  std::uint64_t operations = 0;

  // The power goes and comes back: of each file stays what was synced and some of what was not.
  void lose_power(std::mt19937_64& dice);
  // False when the operation must fail.
  bool spend();
};

std::unique_ptr<Files> open_memory(MemoryDisk& disk);

}  // namespace mynah::store
