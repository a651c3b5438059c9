// SPDX-License-Identifier: Apache-2.0
// Unions, intersections and differences of sets, answered or stored.
#include <vector>

#include "store/command.h"

namespace mynah::store {
namespace {

enum class Operation : std::uint8_t { unite, intersect, subtract };

// Combines the sets named from word `first` on. Nothing when one of them is no set.
Box<Set> combine(Call& call, std::size_t first, Operation operation) {
  std::vector<const Set*> sets;
  for (const std::string_view key : call.words.subspan(first)) {
    const auto set = typed<Set>(call.db.find(key));
    if (set.wrong) return nullptr;
    sets.push_back(set.value);
  }
  auto made = std::make_unique<Set>(call.db.seed());
  const auto add_all = [&](const Set* set, auto&& wanted) {
    for (std::size_t i = 0; set != nullptr && i < set->size(); ++i) {
      const std::string_view member = set->at(i).key();
      if (wanted(member) && made->find(member) == nullptr) made->insert(member);
    }
  };
  const auto in = [](const Set* set, std::string_view member) {
    return set != nullptr && set->find(member) != nullptr;
  };
  const auto others = std::span(sets).subspan(1);
  switch (operation) {
    case Operation::unite:
      for (const Set* set : sets) add_all(set, [](std::string_view) { return true; });
      break;
    case Operation::intersect:
      add_all(sets[0], [&](std::string_view member) {
        for (const Set* set : others) {
          if (!in(set, member)) return false;
        }
        return true;
      });
      break;
    case Operation::subtract:
      add_all(sets[0], [&](std::string_view member) {
        for (const Set* set : others) {
          if (in(set, member)) return false;
        }
        return true;
      });
      break;
  }
  return made;
}

Resp answer(Call& call, Operation operation) {
  const auto made = combine(call, 1, operation);
  if (made == nullptr) return wrong_type();
  Resp reply = Resp::set();
  for (std::size_t i = 0; i < made->size(); ++i)
    reply.items.push_back(Resp::bulk(made->at(i).key()));
  return reply;
}

Resp store_result(Call& call, Operation operation) {
  auto made = combine(call, 2, operation);
  if (made == nullptr) return wrong_type();
  const auto count = static_cast<std::int64_t>(made->size());
  if (count == 0) {
    if (Entry* entry = call.db.find_for_write(call[1])) {
      call.db.effect({"DEL", call[1]});
      call.db.remove(*entry);
    }
    return Resp::number(0);
  }
  call.db.effect_of_whole(call.db.put(call[1], std::move(made)));
  return Resp::number(count);
}

Resp sunion(Call& call) { return answer(call, Operation::unite); }
Resp sinter(Call& call) { return answer(call, Operation::intersect); }
Resp sdiff(Call& call) { return answer(call, Operation::subtract); }
Resp sunionstore(Call& call) { return store_result(call, Operation::unite); }
Resp sinterstore(Call& call) { return store_result(call, Operation::intersect); }
Resp sdiffstore(Call& call) { return store_result(call, Operation::subtract); }

constexpr Command kCommands[] = {
    {"sunion", -2, kReads, 1, -1, 1, sunion},
    {"sinter", -2, kReads, 1, -1, 1, sinter},
    {"sdiff", -2, kReads, 1, -1, 1, sdiff},
    {"sunionstore", -3, kWrites | kGrows, 1, -1, 1, sunionstore},
    {"sinterstore", -3, kWrites | kGrows, 1, -1, 1, sinterstore},
    {"sdiffstore", -3, kWrites | kGrows, 1, -1, 1, sdiffstore},
};

}  // namespace

std::span<const Command> set_algebra_commands() { return kCommands; }

}  // namespace mynah::store
