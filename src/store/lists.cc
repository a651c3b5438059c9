// SPDX-License-Identifier: Apache-2.0
// Lists.
#include "base/text.h"
#include "store/command.h"
#include "store/numbers.h"

namespace mynah::store {
namespace {

enum class Side : std::uint8_t { left, right };

std::int64_t count_of(const List& list) { return static_cast<std::int64_t>(list.size()); }

void put(List& list, Side side, SharedBytes item) {
  side == Side::left ? list.push_front(std::move(item)) : list.push_back(std::move(item));
}
SharedBytes take(List& list, Side side) {
  return side == Side::left ? list.take_front() : list.take_back();
}

Resp push(Call& call, Side side, bool only_old) {
  const auto list = only_old ? write<List>(call, 1) : ensure<List>(call, call[1]);
  if (list.wrong) return wrong_type();
  if (!list) return Resp::number(0);
  for (const std::string_view item : call.words.subspan(2))
    put(*list, side, SharedBytes::copy_of(item));
  call.db.changed(*list.entry);
  return Resp::number(count_of(*list));
}

Resp lpush(Call& call) { return push(call, Side::left, false); }
Resp rpush(Call& call) { return push(call, Side::right, false); }
Resp lpushx(Call& call) { return push(call, Side::left, true); }
Resp rpushx(Call& call) { return push(call, Side::right, true); }

Resp pop(Call& call, Side side) {
  if (call.size() > 3)
    return err(cat("ERR wrong number of arguments for '", lower(call[0]), "' command"));
  const bool many = call.size() == 3;
  const auto count = many ? parse_integer(call[2]) : std::optional<std::int64_t>(1);
  if (!count || *count < 0) return out_of_range_positive();
  const auto list = write<List>(call, 1);
  if (list.wrong) return wrong_type();
  if (!list) return many ? Resp::null_array() : Resp::null();
  if (!many) {
    Resp item = Resp::bulk(take(*list, side));
    call.db.changed(*list.entry);
    return item;
  }
  Resp reply = Resp::array();
  const auto taken = std::min(static_cast<std::size_t>(*count), list->size());
  for (std::size_t i = 0; i < taken; ++i) reply.items.push_back(Resp::bulk(take(*list, side)));
  if (taken > 0) call.db.changed(*list.entry);
  return reply;
}

Resp lpop(Call& call) { return pop(call, Side::left); }
Resp rpop(Call& call) { return pop(call, Side::right); }

Resp llen(Call& call) {
  const auto list = read<List>(call, 1);
  if (list.wrong) return wrong_type();
  return Resp::number(list ? count_of(*list) : 0);
}

Resp lrange(Call& call) {
  const auto from = parse_integer(call[2]);
  const auto to = parse_integer(call[3]);
  if (!from || !to) return not_an_integer();
  const auto list = read<List>(call, 1);
  if (list.wrong) return wrong_type();
  Resp reply = Resp::array();
  if (!list) return reply;
  const Part part = part_of(*from, *to, list->size());
  reply.items.reserve(part.count);
  for (std::size_t i = 0; i < part.count; ++i)
    reply.items.push_back(Resp::bulk(list->at(part.begin + i)));
  return reply;
}

// Where in the list an index, counted from the end when negative, points to.
std::optional<std::size_t> place(const List& list, std::int64_t index) {
  if (index < 0) index += count_of(list);
  if (index < 0 || index >= count_of(list)) return std::nullopt;
  return static_cast<std::size_t>(index);
}

Resp lindex(Call& call) {
  const auto list = read<List>(call, 1);
  if (list.wrong) return wrong_type();
  if (!list) return Resp::null();
  const auto index = parse_integer(call[2]);
  if (!index) return not_an_integer();
  const auto at = place(*list, *index);
  return at ? Resp::bulk(list->at(*at)) : Resp::null();
}

Resp lset(Call& call) {
  const auto list = write<List>(call, 1);
  if (list.wrong) return wrong_type();
  if (!list) return no_such_key();
  const auto index = parse_integer(call[2]);
  if (!index) return not_an_integer();
  const auto at = place(*list, *index);
  if (!at) return err("ERR index out of range");
  list->replace(*at, SharedBytes::copy_of(call[3]));
  call.db.changed(*list.entry);
  return Resp::ok();
}

Resp ltrim(Call& call) {
  const auto from = parse_integer(call[2]);
  const auto to = parse_integer(call[3]);
  if (!from || !to) return not_an_integer();
  const auto list = write<List>(call, 1);
  if (list.wrong) return wrong_type();
  if (!list) return Resp::ok();
  const Part part = part_of(*from, *to, list->size());
  list->erase(part.begin + part.count, list->size() - part.begin - part.count);
  list->erase(0, part.begin);
  call.db.changed(*list.entry);
  return Resp::ok();
}

Resp lrem(Call& call) {
  const auto count = parse_integer(call[2]);
  if (!count) return not_an_integer();
  const auto list = write<List>(call, 1);
  if (list.wrong) return wrong_type();
  if (!list) return Resp::number(0);
  const bool backwards = *count < 0;
  const auto wanted = *count == 0 ? list->size()
                                  : static_cast<std::size_t>(backwards ? -(*count + 1) : *count) +
                                        (backwards ? 1 : 0);
  // What stays is gathered anew: one pass, however many go.
  List kept;
  std::int64_t removed = 0;
  const auto size = list->size();
  for (std::size_t i = 0; i < size; ++i) {
    const SharedBytes& item = list->at(backwards ? size - 1 - i : i);
    if (static_cast<std::size_t>(removed) < wanted && item.view() == call[3]) {
      ++removed;
    } else {
      put(kept, backwards ? Side::left : Side::right, item);
    }
  }
  if (removed == 0) return Resp::number(0);
  *list = std::move(kept);
  call.db.changed(*list.entry);
  return Resp::number(removed);
}

Resp linsert(Call& call) {
  const bool after = is_word(call[2], "after");
  if (!after && !is_word(call[2], "before")) return syntax_error();
  const auto list = write<List>(call, 1);
  if (list.wrong) return wrong_type();
  if (!list) return Resp::number(0);
  for (std::size_t i = 0; i < list->size(); ++i) {
    if (list->at(i).view() != call[3]) continue;
    list->insert(after ? i + 1 : i, SharedBytes::copy_of(call[4]));
    call.db.changed(*list.entry);
    return Resp::number(count_of(*list));
  }
  return Resp::number(-1);
}

Resp move(Call& call, Side from, Side to) {
  const auto source = write<List>(call, 1);
  if (source.wrong) return wrong_type();
  if (!source) return Resp::null();
  Entry* target_entry = call.db.find_for_write(call[2]);
  if (typed<List>(target_entry).wrong) return wrong_type();
  SharedBytes item = take(*source, from);
  const auto target = ensure<List>(call, call[2]);
  put(*target, to, item);
  call.db.changed(*target.entry);
  call.db.effect({from == Side::left ? "LPOP" : "RPOP", call[1]});
  call.db.effect({to == Side::left ? "LPUSH" : "RPUSH", call[2], item.view()});
  if (source.entry != target.entry) call.db.changed(*source.entry);
  return Resp::bulk(std::move(item));
}

std::optional<Side> side_of(std::string_view word) {
  if (is_word(word, "left")) return Side::left;
  if (is_word(word, "right")) return Side::right;
  return std::nullopt;
}

Resp rpoplpush(Call& call) { return move(call, Side::right, Side::left); }
Resp lmove(Call& call) {
  const auto from = side_of(call[3]);
  const auto to = side_of(call[4]);
  return from && to ? move(call, *from, *to) : syntax_error();
}

constexpr Command kCommands[] = {
    {"lpush", -3, kWrites | kGrows, 1, 1, 1, lpush},
    {"rpush", -3, kWrites | kGrows, 1, 1, 1, rpush},
    {"lpushx", -3, kWrites | kGrows, 1, 1, 1, lpushx},
    {"rpushx", -3, kWrites | kGrows, 1, 1, 1, rpushx},
    {"lpop", -2, kWrites, 1, 1, 1, lpop},
    {"rpop", -2, kWrites, 1, 1, 1, rpop},
    {"llen", 2, kReads, 1, 1, 1, llen},
    {"lrange", 4, kReads, 1, 1, 1, lrange},
    {"lindex", 3, kReads, 1, 1, 1, lindex},
    {"lset", 4, kWrites | kGrows, 1, 1, 1, lset},
    {"ltrim", 4, kWrites, 1, 1, 1, ltrim},
    {"lrem", 4, kWrites, 1, 1, 1, lrem},
    {"linsert", 5, kWrites | kGrows, 1, 1, 1, linsert},
    {"rpoplpush", 3, kWrites, 1, 2, 1, rpoplpush},
    {"lmove", 5, kWrites, 1, 2, 1, lmove},
};

}  // namespace

std::span<const Command> list_commands() { return kCommands; }

}  // namespace mynah::store
