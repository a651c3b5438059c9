// SPDX-License-Identifier: Apache-2.0
// The table of commands, and slots.
#include "redis/command.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"

namespace mynah::redis {
namespace {

struct Named {
  std::string_view name;  // tidy: allow string_view: a constant
  CommandKind kind;
};

constexpr CommandKind reads(KeyPlace key = KeyPlace::first) { return {key, true, true}; }
constexpr CommandKind acts(KeyPlace key) { return {key, false, true}; }
constexpr CommandKind alone() { return {KeyPlace::none, false, false}; }

// In the order of names. What is missing here writes, and its key comes first.
constexpr Named kCommands[] = {
    {"acl", acts(KeyPlace::none)},
    {"asking", alone()},
    {"auth", alone()},
    {"bgrewriteaof", acts(KeyPlace::none)},
    {"bgsave", acts(KeyPlace::none)},
    {"bitcount", reads()},
    {"bitfield_ro", reads()},
    {"bitop", acts(KeyPlace::second)},
    {"bitpos", reads()},
    {"blmove", alone()},
    {"blmpop", alone()},
    {"blpop", alone()},
    {"brpop", alone()},
    {"brpoplpush", alone()},
    {"bzmpop", alone()},
    {"bzpopmax", alone()},
    {"bzpopmin", alone()},
    {"client", alone()},
    {"cluster", acts(KeyPlace::none)},
    {"command", acts(KeyPlace::none)},
    {"config", acts(KeyPlace::none)},
    {"dbsize", reads(KeyPlace::none)},
    {"debug", acts(KeyPlace::none)},
    {"discard", alone()},
    {"dump", reads()},
    {"echo", reads(KeyPlace::none)},
    {"eval", acts(KeyPlace::script)},
    {"eval_ro", reads(KeyPlace::script)},
    {"evalsha", acts(KeyPlace::script)},
    {"evalsha_ro", reads(KeyPlace::script)},
    {"exec", alone()},
    {"exists", reads()},
    {"expiretime", reads()},
    {"failover", acts(KeyPlace::none)},
    {"fcall", acts(KeyPlace::script)},
    {"fcall_ro", reads(KeyPlace::script)},
    {"flushall", acts(KeyPlace::none)},
    {"flushdb", acts(KeyPlace::none)},
    {"function", acts(KeyPlace::none)},
    {"geodist", reads()},
    {"geohash", reads()},
    {"geopos", reads()},
    {"georadius_ro", reads()},
    {"georadiusbymember_ro", reads()},
    {"geosearch", reads()},
    {"get", reads()},
    {"getbit", reads()},
    {"getrange", reads()},
    {"hello", alone()},
    {"hexists", reads()},
    {"hget", reads()},
    {"hgetall", reads()},
    {"hkeys", reads()},
    {"hlen", reads()},
    {"hmget", reads()},
    {"hrandfield", reads()},
    {"hscan", reads()},
    {"hstrlen", reads()},
    {"hvals", reads()},
    {"info", reads(KeyPlace::none)},
    {"keys", reads(KeyPlace::none)},
    {"lastsave", reads(KeyPlace::none)},
    {"latency", acts(KeyPlace::none)},
    {"lcs", reads()},
    {"lindex", reads()},
    {"llen", reads()},
    {"lmpop", acts(KeyPlace::counted)},
    {"lolwut", reads(KeyPlace::none)},
    {"lpos", reads()},
    {"lrange", reads()},
    {"memory", acts(KeyPlace::second)},
    {"mget", reads()},
    {"module", acts(KeyPlace::none)},
    {"monitor", alone()},
    {"multi", alone()},
    {"object", reads(KeyPlace::second)},
    {"pexpiretime", reads()},
    {"ping", reads(KeyPlace::none)},
    {"psubscribe", alone()},
    {"psync", alone()},
    {"pttl", reads()},
    {"publish", acts(KeyPlace::none)},
    {"pubsub", acts(KeyPlace::none)},
    {"punsubscribe", alone()},
    {"quit", alone()},
    {"randomkey", reads(KeyPlace::none)},
    {"readonly", alone()},
    {"readwrite", alone()},
    {"replconf", alone()},
    {"reset", alone()},
    {"role", reads(KeyPlace::none)},
    {"scan", reads(KeyPlace::none)},
    {"scard", reads()},
    {"script", acts(KeyPlace::none)},
    {"sdiff", reads()},
    {"select", alone()},
    {"shutdown", alone()},
    {"sinter", reads()},
    {"sintercard", reads(KeyPlace::counted)},
    {"sismember", reads()},
    {"slowlog", acts(KeyPlace::none)},
    {"smembers", reads()},
    {"smismember", reads()},
    {"sort_ro", reads()},
    {"srandmember", reads()},
    {"sscan", reads()},
    {"ssubscribe", alone()},
    {"strlen", reads()},
    {"subscribe", alone()},
    {"substr", reads()},
    {"sunion", reads()},
    {"sunsubscribe", alone()},
    {"swapdb", acts(KeyPlace::none)},
    {"sync", alone()},
    {"time", reads(KeyPlace::none)},
    {"ttl", reads()},
    {"type", reads()},
    {"unsubscribe", alone()},
    {"unwatch", alone()},
    {"wait", alone()},
    {"waitaof", alone()},
    {"watch", alone()},
    {"xgroup", acts(KeyPlace::second)},
    {"xinfo", reads(KeyPlace::second)},
    {"xlen", reads()},
    {"xpending", reads()},
    {"xrange", reads()},
    {"xread", reads(KeyPlace::streams)},
    {"xreadgroup", acts(KeyPlace::streams)},
    {"xrevrange", reads()},
    {"zcard", reads()},
    {"zcount", reads()},
    {"zdiff", reads(KeyPlace::counted)},
    {"zinter", reads(KeyPlace::counted)},
    {"zintercard", reads(KeyPlace::counted)},
    {"zlexcount", reads()},
    {"zmpop", acts(KeyPlace::counted)},
    {"zmscore", reads()},
    {"zrandmember", reads()},
    {"zrange", reads()},
    {"zrangebylex", reads()},
    {"zrangebyscore", reads()},
    {"zrank", reads()},
    {"zrevrange", reads()},
    {"zrevrangebylex", reads()},
    {"zrevrangebyscore", reads()},
    {"zrevrank", reads()},
    {"zscan", reads()},
    {"zscore", reads()},
    {"zunion", reads(KeyPlace::counted)},
};
static_assert(std::ranges::is_sorted(kCommands, {}, &Named::name));

constexpr std::size_t kNameMax = 32;

// CRC-16/XMODEM, which Redis Cluster is defined with.
constexpr std::array<std::uint16_t, 256> kCrcTable = [] {
  std::array<std::uint16_t, 256> table{};
  for (unsigned byte = 0; byte < 256; ++byte) {
    unsigned crc = byte << 8U;
    for (int bit = 0; bit < 8; ++bit)
      crc = (crc & 0x8000U) != 0 ? (crc << 1U) ^ 0x1021U : crc << 1U;
    table[byte] = static_cast<std::uint16_t>(crc);
  }
  return table;
}();

std::uint16_t crc16(std::string_view bytes) {
  std::uint16_t crc = 0;
  for (const char byte : bytes) {
    const auto index = static_cast<std::uint8_t>((crc >> 8U) ^ static_cast<std::uint8_t>(byte));
    crc = static_cast<std::uint16_t>((crc << 8U) ^ kCrcTable[index]);
  }
  return crc;
}

// The first key after the number of keys that stands at `place`.
std::optional<std::string_view> counted_key(std::span<const std::string_view> words,
                                            std::size_t place) {
  if (words.size() <= place + 1) return std::nullopt;
  const auto count = parse_number<std::uint32_t>(words[place]);
  if (!count || *count == 0) return std::nullopt;
  return words[place + 1];
}

std::optional<std::string_view> key_of(std::span<const std::string_view> words) {
  switch (kind_of(words).key) {
    case KeyPlace::none:
      return std::nullopt;
    case KeyPlace::first:
      return words.size() > 1 ? std::optional(words[1]) : std::nullopt;
    case KeyPlace::second:
      return words.size() > 2 ? std::optional(words[2]) : std::nullopt;
    case KeyPlace::counted:
      return counted_key(words, 1);
    case KeyPlace::script:
      return counted_key(words, 2);
    case KeyPlace::streams:
      for (std::size_t i = 1; i + 1 < words.size(); ++i) {
        if (iequals(words[i], "streams")) return words[i + 1];
      }
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

CommandKind kind_of(std::span<const std::string_view> words) {
  if (words.empty() || words[0].size() > kNameMax) return {};
  const std::string name = lower(words[0]);
  const auto* const found =
      std::ranges::lower_bound(kCommands, std::string_view(name), {}, &Named::name);
  if (found == std::end(kCommands) || found->name != name) return {};
  CommandKind kind = found->kind;
  if (kind.key == KeyPlace::streams) {
    // With BLOCK it holds up everyone behind it.
    const auto waits = [](std::string_view word) { return iequals(word, "block"); };
    const auto end =
        std::ranges::find_if(words, [](std::string_view word) { return iequals(word, "streams"); });
    if (std::find_if(words.begin(), end, waits) != end) kind.shareable = false;
  }
  return kind;
}

std::uint16_t slot_of_key(std::string_view key) {
  const std::size_t open = key.find('{');
  if (open != std::string_view::npos) {
    const std::size_t close = key.find('}', open + 1);
    if (close != std::string_view::npos && close > open + 1)
      key = key.substr(open + 1, close - open - 1);
  }
  return crc16(key) % kSlots;
}

std::optional<std::uint16_t> slot_of(std::span<const std::string_view> words) {
  const auto key = key_of(words);
  if (!key) return std::nullopt;
  return slot_of_key(*key);
}

}  // namespace mynah::redis
