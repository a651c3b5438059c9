// SPDX-License-Identifier: Apache-2.0
// Commands on keys, whatever they hold.
#include "base/text.h"
#include "store/command.h"
#include "store/numbers.h"

namespace mynah::store {
namespace {

Resp del(Call& call) {
  std::int64_t removed = 0;
  for (const std::string_view key : call.words.subspan(1)) {
    Entry* entry = call.db.find_for_write(key);
    if (entry == nullptr) continue;
    call.db.effect({"DEL", key});
    call.db.remove(*entry);
    ++removed;
  }
  return Resp::number(removed);
}

Resp exists(Call& call) {
  std::int64_t found = 0;
  for (const std::string_view key : call.words.subspan(1)) {
    if (call.db.find(key) != nullptr) ++found;
  }
  return Resp::number(found);
}

Resp type(Call& call) {
  const Entry* entry = call.db.peek(call[1]);
  return Resp::status(entry == nullptr ? "none" : type_name(entry->value));
}

Resp rename_to(Call& call, bool only_new) {
  Entry* from = call.db.find_for_write(call[1]);
  if (from == nullptr) return no_such_key();
  const bool same = call[1] == call[2];
  if (same) return only_new ? Resp::number(0) : Resp::ok();
  if (Entry* to = call.db.find_for_write(call[2])) {
    if (only_new) return Resp::number(0);
    call.db.remove(*to);
  }
  Value value = std::move(from->value);
  const WallMs expire_at = from->expire_at;
  from->value = SharedBytes();
  call.db.remove(*from);
  Entry& made = call.db.add(call[2], std::move(value));
  call.db.set_expiry(made, expire_at);
  call.db.effect({"DEL", call[1]});
  call.db.effect_of_whole(made);
  return only_new ? Resp::number(1) : Resp::ok();
}

Resp rename(Call& call) { return rename_to(call, false); }
Resp renamenx(Call& call) { return rename_to(call, true); }

Resp object(Call& call) {
  if (is_word(call[1], "encoding") && call.size() == 3) {
    const Entry* entry = call.db.peek(call[2]);
    return entry == nullptr ? Resp::null() : Resp::bulk(encoding_name(entry->value));
  }
  return err(cat("ERR unknown subcommand '", call[1], "'. Try OBJECT HELP."));
}

constexpr Command kCommands[] = {
    {"del", -2, kWrites, 1, -1, 1, del},         {"unlink", -2, kWrites, 1, -1, 1, del},
    {"exists", -2, kReads, 1, -1, 1, exists},    {"touch", -2, kReads, 1, -1, 1, exists},
    {"type", 2, kReads, 1, 1, 1, type},          {"rename", 3, kWrites, 1, 2, 1, rename},
    {"renamenx", 3, kWrites, 1, 2, 1, renamenx}, {"object", -2, kReads, 2, 2, 1, object},
};

}  // namespace

std::span<const Command> key_commands() { return kCommands; }

}  // namespace mynah::store
