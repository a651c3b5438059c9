// SPDX-License-Identifier: Apache-2.0
// A lock a shard, held for one look-up.
#include "wasm/shared_data.h"

#include <functional>
#include <utility>

namespace mynah::wasm {
namespace {

// A VM id cannot make two keys one: its length stands first.
std::string full_key(std::string_view vm_id, std::string_view key) {
  std::string full = std::to_string(vm_id.size());
  full.append(1, ':').append(vm_id).append(key);
  return full;
}

}  // namespace

SharedData::Shard& SharedData::shard_of(std::string_view key) {
  return shards_[std::hash<std::string_view>()(key) % kShards];
}

Result<SharedData::Value> SharedData::get(std::string_view vm_id, std::string_view key) {
  const std::string full = full_key(vm_id, key);
  Shard& shard = shard_of(full);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.values.find(full);
  if (found == shard.values.end()) return Error{Errc::not_found, "no such key in shared data"};
  return found->second;
}

Status SharedData::set(std::string_view vm_id, std::string_view key, std::string_view value,
                       std::uint32_t cas) {
  if (key.size() > limits_.key_bytes) return Error{Errc::too_large, "key of shared data too long"};
  if (value.size() > limits_.value_bytes) {
    return Error{Errc::too_large, "value of shared data too long"};
  }
  std::string full = full_key(vm_id, key);
  Shard& shard = shard_of(full);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.values.find(full);
  const bool known = found != shard.values.end();
  if (cas != 0 && (!known || found->second.cas != cas)) {
    return Error{Errc::already_exists, "the value of shared data has changed"};
  }
  const std::size_t freed = known ? found->second.bytes.size() : 0;
  const std::size_t added = value.size() + (known ? 0 : full.size());
  if (bytes_ - freed + added > limits_.bytes || (!known && keys_ >= limits_.keys)) {
    return Error{Errc::exhausted, "shared data is full"};
  }
  bytes_ += added;
  bytes_ -= freed;
  if (!known) ++keys_;
  if (++shard.last_cas == 0) shard.last_cas = 1;
  Value& stored = known ? found->second : shard.values[std::move(full)];
  stored.bytes.assign(value);
  stored.cas = shard.last_cas;
  return ok();
}

}  // namespace mynah::wasm
