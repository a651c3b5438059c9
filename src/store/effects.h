// SPDX-License-Identifier: Apache-2.0
// Effects: what a command changed, in a form that is replayed to the same result. A command with
// several keys, random choice or a script becomes several plain commands on one key each.
//
//   effects := effect*
//   effect  := 'C' count word*          a command; word 2 is its only key
//            | 'F' shard                all keys of a shard are gone
//   word    := size byte*
//   count, size: unsigned, seven bits a byte, lowest first, the top bit set on all but the last;
//   shard: one byte
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mynah::store {

struct Effect {
  // Views into the effects; empty for a flush.
  std::vector<std::string_view> words;  // tidy: allow string_view: of what is being read
  std::size_t flushed_shard = 0;
};

void append_command_effect(std::span<const std::string_view> words, std::string& effects);
void append_flush_effect(std::size_t shard, std::string& effects);

// Takes the first effect off; false when the bytes are no effect.
bool take_effect(std::string_view& effects, Effect& effect);

// The numbers of this format and of the journal's records.
void append_varint(std::uint64_t value, std::string& out);
bool take_varint(std::string_view& bytes, std::uint64_t& value);

}  // namespace mynah::store
