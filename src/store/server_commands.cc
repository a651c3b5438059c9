// SPDX-License-Identifier: Apache-2.0
// Commands about the store as a whole.
#include "base/text.h"
#include "store/command.h"
#include "store/numbers.h"

namespace mynah::store {
namespace {

Resp ping(Call& call) {
  if (call.size() > 2) return err("ERR wrong number of arguments for 'ping' command");
  return call.size() == 2 ? Resp::bulk(call[1]) : Resp::status("PONG");
}

Resp echo(Call& call) { return Resp::bulk(call[1]); }

// There is one database, number 0.
Resp select(Call& call) {
  const auto index = parse_integer(call[1]);
  if (!index) return not_an_integer();
  return *index == 0 ? Resp::ok() : err("ERR DB index is out of range");
}

Resp dbsize(Call& call) {
  std::size_t keys = 0;
  call.db.each_shard([&](Shard& shard, std::size_t) { keys += shard.entries.size(); });
  return Resp::number(static_cast<std::int64_t>(keys));
}

Resp flushall(Call& call) {
  if (call.size() > 2 ||
      (call.size() == 2 && !is_word(call[1], "sync") && !is_word(call[1], "async"))) {
    return syntax_error();
  }
  call.db.each_shard([&](Shard& shard, std::size_t index) {
    if (!shard.entries.empty()) call.db.flush(index);
  });
  return Resp::ok();
}

Resp time(Call& call) {
  const WallMs now = call.db.now();
  return Resp::array({Resp::bulk(cat(now / 1000)), Resp::bulk(cat(now % 1000 * 1000))});
}

Resp info(Call& call) {
  std::size_t keys = 0;
  std::size_t expiring = 0;
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;
  std::uint64_t evicted = 0;
  std::uint64_t expired = 0;
  call.db.each_shard([&](const Shard& shard, std::size_t) {
    keys += shard.entries.size();
    expiring += shard.expiries.size();
    hits += shard.hits;
    misses += shard.misses;
    evicted += shard.evicted;
    expired += shard.expired;
  });
  const Keyspace& keyspace = call.db.keyspace();
  std::string text = cat("# Server\r\nredis_version:7.0.15\r\nredis_mode:standalone\r\n\r\n");
  append(text, "# Memory\r\nused_memory:", keyspace.memory_bytes(),
         "\r\nmaxmemory:", keyspace.memory_limit(),
         "\r\nmaxmemory_policy:s3-fifo\r\n\r\n# Stats\r\n");
  append(text, "keyspace_hits:", hits, "\r\nkeyspace_misses:", misses, "\r\nevicted_keys:", evicted,
         "\r\nexpired_keys:", expired, "\r\n\r\n# Keyspace\r\n");
  if (keys > 0) append(text, "db0:keys=", keys, ",expires=", expiring, ",avg_ttl=0\r\n");
  return Resp::of(Resp::Kind::verbatim, SharedBytes::joined("txt:", text));
}

// Clients ask for these when they connect; they can do without the answer.
Resp command(Call& call) {
  if (call.size() == 2 && is_word(call[1], "count")) return Resp::number(0);
  return call.size() > 1 && is_word(call[1], "docs") ? Resp::map() : Resp::array();
}
Resp config(Call& call) {
  return is_word(call[1], "get") ? Resp::map()
                                 : err("ERR the store is configured by the gateway's file");
}

constexpr Command kCommands[] = {
    {"ping", -1, kReads, 0, 0, 0, ping},
    {"echo", 2, kReads, 0, 0, 0, echo},
    {"select", 2, kReads, 0, 0, 0, select},
    {"dbsize", 1, kWhole, 0, 0, 0, dbsize},
    {"flushall", -1, kWrites | kWhole, 0, 0, 0, flushall},
    {"flushdb", -1, kWrites | kWhole, 0, 0, 0, flushall},
    {"time", 1, kReads, 0, 0, 0, time},
    {"info", -1, kWhole, 0, 0, 0, info},
    {"command", -1, kReads, 0, 0, 0, command},
    {"config", -2, kReads | kNoScript, 0, 0, 0, config},
};

}  // namespace

std::span<const Command> server_commands() { return kCommands; }

}  // namespace mynah::store
