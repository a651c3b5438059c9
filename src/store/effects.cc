// SPDX-License-Identifier: Apache-2.0
// Writing and reading the encoding of effects.
#include "store/effects.h"

namespace mynah::store {

void append_varint(std::uint64_t value, std::string& out) {
  while (value >= 0x80) {
    out += static_cast<char>(value | 0x80);
    value >>= 7;
  }
  out += static_cast<char>(value);
}

bool take_varint(std::string_view& bytes, std::uint64_t& value) {
  value = 0;
  for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    value |= std::uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

void append_command_effect(std::span<const std::string_view> words, std::string& effects) {
  effects += 'C';
  append_varint(words.size(), effects);
  for (const std::string_view word : words) {
    append_varint(word.size(), effects);
    effects.append(word);
  }
}

void append_flush_effect(std::size_t shard, std::string& effects) {
  effects += 'F';
  effects += static_cast<char>(shard);
}

bool take_effect(std::string_view& effects, Effect& effect) {
  effect.words.clear();
  if (effects.empty()) return false;
  const char kind = effects.front();
  effects.remove_prefix(1);
  if (kind == 'F') {
    if (effects.empty()) return false;
    effect.flushed_shard = static_cast<unsigned char>(effects.front());
    effects.remove_prefix(1);
    return true;
  }
  std::uint64_t count = 0;
  if (kind != 'C' || !take_varint(effects, count) || count < 2 || count > effects.size())
    return false;
  for (; count > 0; --count) {
    std::uint64_t size = 0;
    if (!take_varint(effects, size) || size > effects.size()) return false;
    effect.words.push_back(effects.substr(0, size));
    effects.remove_prefix(size);
  }
  return true;
}

}  // namespace mynah::store
