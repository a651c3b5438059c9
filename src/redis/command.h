// SPDX-License-Identifier: Apache-2.0
// What a client must know of a command to send it on a shared connection, to the right node of a
// cluster, and again when a connection broke.
//
//   const CommandKind kind = kind_of(words);
//   if (!kind.shareable) …                     // it would change the connection for all others
//   const auto slot = slot_of(words);          // nothing: it names no key
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace mynah::redis {

inline constexpr std::size_t kSlots = 16384;

// Where a command's first key stands; a cluster demands that all others lie in the same slot.
enum class KeyPlace : std::uint8_t {
  none,
  first,    // GET key
  second,   // OBJECT ENCODING key
  counted,  // ZUNION 2 key key: after a number at the first place
  script,   // EVAL script 1 key: after a number at the second place
  streams,  // XREAD … STREAMS key
};

struct CommandKind {
  KeyPlace key = KeyPlace::first;
  bool only_reads = false;
  // False for commands that change the connection, wait, or have any number of answers.
  bool shareable = true;
};

// Commands that are not known are taken for ones that write and whose key comes first.
CommandKind kind_of(std::span<const std::string_view> words);

// The slot of a key: of the part in braces when there is one, so that keys can be kept together.
std::uint16_t slot_of_key(std::string_view key);
// The slot of a command; nothing when it names no key.
std::optional<std::uint16_t> slot_of(std::span<const std::string_view> words);

}  // namespace mynah::redis
