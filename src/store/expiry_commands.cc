// SPDX-License-Identifier: Apache-2.0
// When keys expire, set and asked.
#include "base/text.h"
#include "store/command.h"
#include "store/numbers.h"

namespace mynah::store {
namespace {

struct Conditions {
  bool without = false;  // NX
  bool with = false;     // XX
  bool later = false;    // GT
  bool sooner = false;   // LT
};

std::optional<Resp> parse_conditions(const Call& call, Conditions& conditions) {
  for (const std::string_view word : call.words.subspan(3)) {
    if (is_word(word, "nx")) {
      conditions.without = true;
    } else if (is_word(word, "xx")) {
      conditions.with = true;
    } else if (is_word(word, "gt")) {
      conditions.later = true;
    } else if (is_word(word, "lt")) {
      conditions.sooner = true;
    } else {
      return err(cat("ERR Unsupported option ", word));
    }
  }
  if (conditions.without && (conditions.with || conditions.later || conditions.sooner)) {
    return err("ERR NX and XX, GT or LT options at the same time are not compatible");
  }
  if (conditions.later && conditions.sooner) {
    return err("ERR GT and LT options at the same time are not compatible");
  }
  return std::nullopt;
}

// A key that never expires counts as one that expires after all others.
bool allowed(const Conditions& conditions, WallMs before, WallMs after) {
  if (conditions.without && before != 0) return false;
  if (conditions.with && before == 0) return false;
  if (conditions.later && (before == 0 || after <= before)) return false;
  return !conditions.sooner || before == 0 || after < before;
}

Resp expire_in(Call& call, TimeGiven how) {
  Conditions conditions;
  if (auto fault = parse_conditions(call, conditions)) return *std::move(fault);
  const auto given = parse_integer(call[2]);
  if (!given) return not_an_integer();
  const auto when = expiry_time(*given, how, call.db.now());
  if (!when) return invalid_expiry(call[0]);
  Entry* entry = call.db.find_for_write(call[1]);
  if (entry == nullptr || !allowed(conditions, entry->expire_at, *when)) return Resp::number(0);
  if (*when <= call.db.now()) {
    call.db.effect({"DEL", call[1]});
    call.db.remove(*entry);
  } else {
    call.db.set_expiry(*entry, *when);
  }
  return Resp::number(1);
}

Resp expire(Call& call) { return expire_in(call, {1000, false}); }
Resp pexpire(Call& call) { return expire_in(call, {1, false}); }
Resp expireat(Call& call) { return expire_in(call, {1000, true}); }
Resp pexpireat(Call& call) { return expire_in(call, {1, true}); }

constexpr std::int64_t kNoKey = -2;
constexpr std::int64_t kNeverExpires = -1;

Resp left(Call& call, TimeGiven how) {
  const Entry* entry = call.db.peek(call[1]);
  if (entry == nullptr) return Resp::number(kNoKey);
  if (entry->expire_at == 0) return Resp::number(kNeverExpires);
  if (how.absolute) return Resp::number((entry->expire_at + how.unit_ms / 2) / how.unit_ms);
  return Resp::number((entry->expire_at - call.db.now() + how.unit_ms / 2) / how.unit_ms);
}

Resp ttl(Call& call) { return left(call, {1000, false}); }
Resp pttl(Call& call) { return left(call, {1, false}); }
Resp expiretime(Call& call) { return left(call, {1000, true}); }
Resp pexpiretime(Call& call) { return left(call, {1, true}); }

Resp persist(Call& call) {
  Entry* entry = call.db.find_for_write(call[1]);
  if (entry == nullptr || entry->expire_at == 0) return Resp::number(0);
  call.db.set_expiry(*entry, 0);
  return Resp::number(1);
}

constexpr Command kCommands[] = {
    {"expire", -3, kWrites, 1, 1, 1, expire},
    {"pexpire", -3, kWrites, 1, 1, 1, pexpire},
    {"expireat", -3, kWrites, 1, 1, 1, expireat},
    {"pexpireat", -3, kWrites, 1, 1, 1, pexpireat},
    {"ttl", 2, kReads, 1, 1, 1, ttl},
    {"pttl", 2, kReads, 1, 1, 1, pttl},
    {"expiretime", 2, kReads, 1, 1, 1, expiretime},
    {"pexpiretime", 2, kReads, 1, 1, 1, pexpiretime},
    {"persist", 2, kWrites, 1, 1, 1, persist},
};

}  // namespace

std::span<const Command> expiry_commands() { return kCommands; }

}  // namespace mynah::store
