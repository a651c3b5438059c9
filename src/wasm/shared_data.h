// SPDX-License-Identifier: Apache-2.0
// SharedData: the keys and values that the machines of all workers share, one space for each VM id.
// Thread-safe: a key lives in one of several shards, each with a lock that is held for the copying
// of one value.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"

namespace mynah::wasm {

struct SharedDataLimits {
  std::size_t keys = 100'000;
  std::size_t bytes = std::size_t{64} << 20;  // keys and values together
  std::size_t key_bytes = 4'096;
  std::size_t value_bytes = std::size_t{4} << 20;
};

class SharedData final {
 public:
  explicit SharedData(SharedDataLimits limits = {}) : limits_(limits) {}
  SharedData(const SharedData&) = delete;
  SharedData& operator=(const SharedData&) = delete;

  struct Value {
    std::string bytes;
    // Changes with every write; never zero.
    std::uint32_t cas = 0;
  };
  // Errc::not_found
  Result<Value> get(std::string_view vm_id, std::string_view key);
  // With `cas` other than zero, only if it is still the value's: else Errc::already_exists.
  // Errc::exhausted or too_large when the space is full. An empty value is a value.
  Status set(std::string_view vm_id, std::string_view key, std::string_view value,
             std::uint32_t cas);

 private:
  static constexpr std::size_t kShards = 16;

  struct Shard {
    std::mutex mutex;
    std::unordered_map<std::string, Value> values;
    std::uint32_t last_cas = 0;
  };

  Shard& shard_of(std::string_view key);

  SharedDataLimits limits_;
  std::array<Shard, kShards> shards_;
  // Over all shards; writers on several threads may together overshoot a limit by a value each.
  std::atomic<std::size_t> keys_ = 0;
  std::atomic<std::size_t> bytes_ = 0;
};

}  // namespace mynah::wasm
