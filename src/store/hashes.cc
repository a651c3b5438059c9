// SPDX-License-Identifier: Apache-2.0
// Hashes.
#include <cmath>

#include "base/text.h"
#include "store/command.h"
#include "store/numbers.h"

namespace mynah::store {
namespace {

Resp field_or_null(const Hash* hash, std::string_view field) {
  const FieldNode* node = hash == nullptr ? nullptr : hash->find(field);
  return node == nullptr ? Resp::null() : Resp::bulk(node->value);
}

// HSET and HMSET: how many fields are new; nothing when the words do not pair up or the key holds
// something else.
std::optional<Resp> set_fields(Call& call, std::int64_t& added) {
  if (call.size() % 2 != 0) {
    return err(cat("ERR wrong number of arguments for '", lower(call[0]), "' command"));
  }
  const auto hash = ensure<Hash>(call, call[1]);
  if (hash.wrong) return wrong_type();
  for (std::size_t i = 2; i < call.size(); i += 2) {
    if (hash->set(call[i], SharedBytes::copy_of(call[i + 1]))) ++added;
  }
  call.db.changed(*hash.entry);
  return std::nullopt;
}

Resp hset(Call& call) {
  std::int64_t added = 0;
  if (auto fault = set_fields(call, added)) return *std::move(fault);
  return Resp::number(added);
}

Resp hmset(Call& call) {
  std::int64_t added = 0;
  if (auto fault = set_fields(call, added)) return *std::move(fault);
  return Resp::ok();
}

Resp hsetnx(Call& call) {
  const auto hash = ensure<Hash>(call, call[1]);
  if (hash.wrong) return wrong_type();
  if (hash->find(call[2]) != nullptr) return Resp::number(0);
  hash->set(call[2], SharedBytes::copy_of(call[3]));
  call.db.changed(*hash.entry);
  return Resp::number(1);
}

Resp hget(Call& call) {
  const auto hash = read<Hash>(call, 1);
  return hash.wrong ? wrong_type() : field_or_null(hash.value, call[2]);
}

Resp hmget(Call& call) {
  const auto hash = read<Hash>(call, 1);
  if (hash.wrong) return wrong_type();
  Resp reply = Resp::array();
  for (const std::string_view field : call.words.subspan(2)) {
    reply.items.push_back(field_or_null(hash.value, field));
  }
  return reply;
}

Resp hdel(Call& call) {
  const auto hash = write<Hash>(call, 1);
  if (hash.wrong) return wrong_type();
  std::int64_t removed = 0;
  if (!hash) return Resp::number(0);
  for (const std::string_view field : call.words.subspan(2)) {
    if (hash->erase(field)) ++removed;
  }
  if (removed > 0) call.db.changed(*hash.entry);
  return Resp::number(removed);
}

Resp hexists(Call& call) {
  const auto hash = read<Hash>(call, 1);
  if (hash.wrong) return wrong_type();
  return Resp::number(hash && hash->find(call[2]) != nullptr ? 1 : 0);
}

Resp hlen(Call& call) {
  const auto hash = read<Hash>(call, 1);
  if (hash.wrong) return wrong_type();
  return Resp::number(hash ? static_cast<std::int64_t>(hash->fields().size()) : 0);
}

Resp hstrlen(Call& call) {
  const auto hash = read<Hash>(call, 1);
  if (hash.wrong) return wrong_type();
  const FieldNode* node = hash ? hash->find(call[2]) : nullptr;
  return Resp::number(node == nullptr ? 0 : static_cast<std::int64_t>(node->value.size()));
}

enum class Show : std::uint8_t { fields, values, both };

Resp list_fields(Call& call, Show show) {
  const auto hash = read<Hash>(call, 1);
  if (hash.wrong) return wrong_type();
  Resp reply = show == Show::both ? Resp::map() : Resp::array();
  for (std::size_t i = 0; hash && i < hash->fields().size(); ++i) {
    const FieldNode& node = hash->fields().at(i);
    if (show != Show::values) reply.items.push_back(Resp::bulk(node.key()));
    if (show != Show::fields) reply.items.push_back(Resp::bulk(node.value));
  }
  return reply;
}

Resp hkeys(Call& call) { return list_fields(call, Show::fields); }
Resp hvals(Call& call) { return list_fields(call, Show::values); }
Resp hgetall(Call& call) { return list_fields(call, Show::both); }

Resp hincrby(Call& call) {
  const auto delta = parse_integer(call[3]);
  if (!delta) return not_an_integer();
  const auto hash = ensure<Hash>(call, call[1]);
  if (hash.wrong) return wrong_type();
  const FieldNode* node = hash->find(call[2]);
  const auto before =
      node == nullptr ? std::optional<std::int64_t>(0) : parse_integer(node->value.view());
  if (!before) return err("ERR hash value is not an integer");
  std::int64_t after = 0;
  if (__builtin_add_overflow(*before, *delta, &after)) {
    return err("ERR increment or decrement would overflow");
  }
  hash->set(call[2], SharedBytes::copy_of(cat(after)));
  call.db.changed(*hash.entry);
  return Resp::number(after);
}

Resp hincrbyfloat(Call& call) {
  const auto delta = parse_long_real(call[3]);
  if (!delta) return not_a_real();
  if (std::isinf(*delta)) return err("ERR value is NaN or Infinity");
  const auto hash = write<Hash>(call, 1);
  if (hash.wrong) return wrong_type();
  const FieldNode* node = hash ? hash->find(call[2]) : nullptr;
  const auto before =
      node == nullptr ? std::optional<long double>(0) : parse_long_real(node->value.view());
  if (!before) return err("ERR hash value is not a float");
  const long double after = *before + *delta;
  if (std::isnan(after) || std::isinf(after)) {
    return err("ERR increment would produce NaN or Infinity");
  }
  const SharedBytes made = SharedBytes::copy_of(long_real_text(after));
  const auto target = ensure<Hash>(call, call[1]);
  target->set(call[2], made);
  call.db.changed(*target.entry);
  call.db.effect({"HSET", call[1], call[2], made.view()});
  return Resp::bulk(made);
}

Resp hrandfield(Call& call) {
  const bool many = call.size() > 2;
  const bool values = call.size() == 4 && is_word(call[3], "withvalues");
  const auto count = many ? parse_integer(call[2]) : std::optional<std::int64_t>(1);
  if (!count) return not_an_integer();
  if (call.size() > 4 || (call.size() == 4 && !values)) return syntax_error();
  constexpr std::int64_t kCountMax = 1 << 20;
  if (*count > kCountMax || *count < -kCountMax) return err("ERR value is out of range");
  const auto hash = read<Hash>(call, 1);
  if (hash.wrong) return wrong_type();
  if (!hash) return many ? Resp::array() : Resp::null();
  const auto& fields = hash->fields();
  Keyspace& keyspace = call.db.keyspace();
  if (!many) return Resp::bulk(fields.at(keyspace.pick(fields.size())).key());
  Resp reply = values ? Resp::pairs() : Resp::array();
  const auto show = [&](const FieldNode& node) {
    reply.items.push_back(Resp::bulk(node.key()));
    if (values) reply.items.push_back(Resp::bulk(node.value));
  };
  if (*count < 0) {
    for (std::int64_t i = *count; i < 0; ++i) show(fields.at(keyspace.pick(fields.size())));
    return reply;
  }
  // So many in a row from a random place on: each field is as likely as any other, and none comes
  // twice.
  const std::size_t start = keyspace.pick(fields.size());
  const std::size_t shown = std::min(static_cast<std::size_t>(*count), fields.size());
  for (std::size_t i = 0; i < shown; ++i) show(fields.at((start + i) % fields.size()));
  return reply;
}

constexpr Command kCommands[] = {
    {"hset", -4, kWrites | kGrows, 1, 1, 1, hset},
    {"hmset", -4, kWrites | kGrows, 1, 1, 1, hmset},
    {"hsetnx", 4, kWrites | kGrows, 1, 1, 1, hsetnx},
    {"hget", 3, kReads, 1, 1, 1, hget},
    {"hmget", -3, kReads, 1, 1, 1, hmget},
    {"hdel", -3, kWrites, 1, 1, 1, hdel},
    {"hexists", 3, kReads, 1, 1, 1, hexists},
    {"hlen", 2, kReads, 1, 1, 1, hlen},
    {"hstrlen", 3, kReads, 1, 1, 1, hstrlen},
    {"hkeys", 2, kReads, 1, 1, 1, hkeys},
    {"hvals", 2, kReads, 1, 1, 1, hvals},
    {"hgetall", 2, kReads, 1, 1, 1, hgetall},
    {"hincrby", 4, kWrites | kGrows, 1, 1, 1, hincrby},
    {"hincrbyfloat", 4, kWrites | kGrows, 1, 1, 1, hincrbyfloat},
    {"hrandfield", -2, kReads, 1, 1, 1, hrandfield},
};

}  // namespace

std::span<const Command> hash_commands() { return kCommands; }

}  // namespace mynah::store
