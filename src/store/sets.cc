// SPDX-License-Identifier: Apache-2.0
// Sets: one set at a time.
#include "base/text.h"
#include "store/command.h"
#include "store/numbers.h"

namespace mynah::store {
namespace {

Resp sadd(Call& call) {
  const auto set = ensure<Set>(call, call[1]);
  if (set.wrong) return wrong_type();
  std::int64_t added = 0;
  for (const std::string_view member : call.words.subspan(2)) {
    if (set->find(member) != nullptr) continue;
    set->insert(member);
    ++added;
  }
  if (added > 0) call.db.changed(*set.entry);
  return Resp::number(added);
}

Resp srem(Call& call) {
  const auto set = write<Set>(call, 1);
  if (set.wrong) return wrong_type();
  std::int64_t removed = 0;
  if (!set) return Resp::number(0);
  for (const std::string_view member : call.words.subspan(2)) {
    MemberNode* node = set->find(member);
    if (node == nullptr) continue;
    set->erase(*node);
    ++removed;
  }
  if (removed > 0) call.db.changed(*set.entry);
  return Resp::number(removed);
}

Resp smembers(Call& call) {
  const auto set = read<Set>(call, 1);
  if (set.wrong) return wrong_type();
  Resp reply = Resp::set();
  for (std::size_t i = 0; set && i < set->size(); ++i)
    reply.items.push_back(Resp::bulk(set->at(i).key()));
  return reply;
}

Resp sismember(Call& call) {
  const auto set = read<Set>(call, 1);
  if (set.wrong) return wrong_type();
  return Resp::number(set && set->find(call[2]) != nullptr ? 1 : 0);
}

Resp smismember(Call& call) {
  const auto set = read<Set>(call, 1);
  if (set.wrong) return wrong_type();
  Resp reply = Resp::array();
  for (const std::string_view member : call.words.subspan(2)) {
    reply.items.push_back(Resp::number(set && set->find(member) != nullptr ? 1 : 0));
  }
  return reply;
}

Resp scard(Call& call) {
  const auto set = read<Set>(call, 1);
  if (set.wrong) return wrong_type();
  return Resp::number(set ? static_cast<std::int64_t>(set->size()) : 0);
}

// Removes a random member, writes that down, and returns it.
Resp pop_one(Call& call, Set& set) {
  MemberNode& node = set.at(call.db.keyspace().pick(set.size()));
  Resp member = Resp::bulk(node.key());
  call.db.effect({"SREM", call[1], node.key()});
  set.erase(node);
  return member;
}

Resp spop(Call& call) {
  if (call.size() > 3) return syntax_error();
  const bool many = call.size() == 3;
  const auto count = many ? parse_integer(call[2]) : std::optional<std::int64_t>(1);
  if (!count || *count < 0) return out_of_range_positive();
  const auto set = write<Set>(call, 1);
  if (set.wrong) return wrong_type();
  if (!set) return many ? Resp::set() : Resp::null();
  if (!many) {
    Resp member = pop_one(call, *set);
    call.db.changed(*set.entry);
    return member;
  }
  Resp reply = Resp::set();
  const auto taken = std::min(static_cast<std::size_t>(*count), set->size());
  for (std::size_t i = 0; i < taken; ++i) reply.items.push_back(pop_one(call, *set));
  if (taken > 0) call.db.changed(*set.entry);
  return reply;
}

Resp srandmember(Call& call) {
  if (call.size() > 3) return syntax_error();
  const bool many = call.size() == 3;
  const auto count = many ? parse_integer(call[2]) : std::optional<std::int64_t>(1);
  if (!count) return not_an_integer();
  constexpr std::int64_t kRepeatsMax = 1 << 20;
  if (*count < -kRepeatsMax) return err("ERR value is out of range");
  const auto set = read<Set>(call, 1);
  if (set.wrong) return wrong_type();
  if (!set) return many ? Resp::array() : Resp::null();
  Keyspace& keyspace = call.db.keyspace();
  if (!many) return Resp::bulk(set->at(keyspace.pick(set->size())).key());
  Resp reply = Resp::array();
  if (*count < 0) {
    for (std::int64_t i = *count; i < 0; ++i) {
      reply.items.push_back(Resp::bulk(set->at(keyspace.pick(set->size())).key()));
    }
    return reply;
  }
  // So many in a row from a random place on: each member is as likely as any other, and none comes
  // twice.
  const std::size_t start = keyspace.pick(set->size());
  const std::size_t shown = std::min(static_cast<std::size_t>(*count), set->size());
  for (std::size_t i = 0; i < shown; ++i) {
    reply.items.push_back(Resp::bulk(set->at((start + i) % set->size()).key()));
  }
  return reply;
}

Resp smove(Call& call) {
  const auto source = write<Set>(call, 1);
  if (!source && !source.wrong) return Resp::number(0);
  const auto target = write<Set>(call, 2);
  if (source.wrong || target.wrong) return wrong_type();
  MemberNode* node = source->find(call[3]);
  if (source.entry == target.entry) return Resp::number(node == nullptr ? 0 : 1);
  if (node == nullptr) return Resp::number(0);
  source->erase(*node);
  const auto made = ensure<Set>(call, call[2]);
  if (made->find(call[3]) == nullptr) made->insert(call[3]);
  call.db.effect({"SREM", call[1], call[3]});
  call.db.effect({"SADD", call[2], call[3]});
  call.db.changed(*made.entry);
  call.db.changed(*source.entry);
  return Resp::number(1);
}

constexpr Command kCommands[] = {
    {"sadd", -3, kWrites | kGrows, 1, 1, 1, sadd},
    {"srem", -3, kWrites, 1, 1, 1, srem},
    {"smembers", 2, kReads, 1, 1, 1, smembers},
    {"sismember", 3, kReads, 1, 1, 1, sismember},
    {"smismember", -3, kReads, 1, 1, 1, smismember},
    {"scard", 2, kReads, 1, 1, 1, scard},
    {"spop", -2, kWrites, 1, 1, 1, spop},
    {"srandmember", -2, kReads, 1, 1, 1, srandmember},
    {"smove", 4, kWrites, 1, 2, 1, smove},
};

}  // namespace

std::span<const Command> set_commands() { return kCommands; }

}  // namespace mynah::store
