// SPDX-License-Identifier: Apache-2.0
// Entry: a key of the store with its value, and what eviction and expiry keep about it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

#include "store/node_table.h"
#include "store/value.h"

namespace mynah::store {

// Wall time in milliseconds since 1970, as commands and the journal count it.
using WallMs = std::int64_t;

struct Entry : Keyed<Entry> {
  enum class Queue : std::uint8_t { none, small, main };
  static constexpr std::uint32_t kNotInHeap = std::numeric_limits<std::uint32_t>::max();

  Entry* newer = nullptr;  // in its queue of the eviction
  Entry* older = nullptr;
  WallMs expire_at = 0;     // 0: never
  std::size_t charged = 0;  // the memory that it is accounted for
  std::uint32_t heap_position = kNotInHeap;
  std::uint8_t uses = 0;
  Queue queue = Queue::none;
  Value value;
};

}  // namespace mynah::store
