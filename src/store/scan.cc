// SPDX-License-Identifier: Apache-2.0
// Walks over all keys and over what a key holds. A walk in pieces keeps Redis's promise: what is
// there from its start to its end is met at least once.
#include "base/text.h"
#include "store/command.h"
#include "store/numbers.h"

namespace mynah::store {
namespace {

struct ScanOptions {
  std::uint64_t cursor = 0;
  std::size_t count = 10;
  // tidy: allow string_view: both are words of the call
  std::string_view pattern = "*";
  // tidy: allow string_view: as above
  std::optional<std::string_view> type;

  [[nodiscard]] bool matches(std::string_view key) const {
    return pattern == "*" || glob_matches(pattern, key);
  }
};

bool parse_cursor(std::string_view word, ScanOptions& options) {
  const auto cursor = parse_number<std::uint64_t>(word);
  if (cursor) options.cursor = *cursor;
  return cursor.ok();
}

Resp invalid_cursor() { return err("ERR invalid cursor"); }

// The options, from word `at` on.
std::optional<Resp> parse_options(const Call& call, std::size_t at, bool with_type,
                                  ScanOptions& options) {
  for (std::size_t i = at; i < call.size(); i += 2) {
    if (i + 1 >= call.size()) return syntax_error();
    if (is_word(call[i], "count")) {
      const auto count = store::parse_integer(call[i + 1]);
      if (!count) return not_an_integer();
      if (*count < 1) return syntax_error();
      options.count = static_cast<std::size_t>(*count);
    } else if (is_word(call[i], "match")) {
      options.pattern = call[i + 1];
    } else if (with_type && is_word(call[i], "type")) {
      options.type = call[i + 1];
    } else {
      return syntax_error();
    }
  }
  return std::nullopt;
}

Resp scan_reply(std::uint64_t cursor, Resp items) {
  return Resp::array({Resp::bulk(cat(cursor)), std::move(items)});
}

// A cursor is the shard in the low byte and the place in that shard's row above it.
Resp scan(Call& call) {
  ScanOptions options;
  if (!parse_cursor(call[1], options)) return invalid_cursor();
  if (auto fault = parse_options(call, 2, true, options)) return *std::move(fault);
  Resp keys = Resp::array();
  std::size_t shard = options.cursor % Keyspace::kShards;
  std::size_t place = options.cursor / Keyspace::kShards;
  std::size_t left = options.count;
  while (shard < Keyspace::kShards && left > 0) {
    call.db.with_shard(shard, [&](Shard& s, std::size_t) {
      place = s.entries.scan(place, left, [&](const Entry& entry) {
        --left;
        if (call.db.expired(entry) || !options.matches(entry.key())) return;
        if (options.type && !is_word(*options.type, type_name(entry.value))) return;
        keys.items.push_back(Resp::bulk(entry.key()));
      });
    });
    if (place == 0) ++shard;
  }
  const std::uint64_t next = shard == Keyspace::kShards ? 0 : place * Keyspace::kShards + shard;
  return scan_reply(next, std::move(keys));
}

Resp keys(Call& call) {
  Resp found = Resp::array();
  call.db.each_shard([&](Shard& shard, std::size_t) {
    for (std::size_t i = 0; i < shard.entries.size(); ++i) {
      const Entry& entry = shard.entries.at(i);
      if (call.db.expired(entry) || !glob_matches(call[1], entry.key())) continue;
      found.items.push_back(Resp::bulk(entry.key()));
    }
  });
  return found;
}

// A random shard, weighed by nothing: keys are spread evenly. Tries the shards in turn from there.
Resp randomkey(Call& call) {
  const std::size_t start = call.db.keyspace().pick(Keyspace::kShards);
  Resp found;
  for (std::size_t i = 0; i < Keyspace::kShards && found.is_null(); ++i) {
    call.db.with_shard((start + i) % Keyspace::kShards, [&](Shard& shard, std::size_t) {
      const std::size_t size = shard.entries.size();
      const std::size_t first = size == 0 ? 0 : call.db.keyspace().pick(size);
      for (std::size_t k = 0; k < size && found.is_null(); ++k) {
        const Entry& entry = shard.entries.at((first + k) % size);
        if (!call.db.expired(entry)) found = Resp::bulk(entry.key());
      }
    });
  }
  return found;
}

template <class T, class Scan>
Resp scan_value(Call& call, Scan&& scan_items) {
  ScanOptions options;
  if (!parse_cursor(call[2], options)) return invalid_cursor();
  const auto value = read<T>(call, 1);
  if (value.wrong) return wrong_type();
  Resp items = Resp::array();
  if (!value) return scan_reply(0, std::move(items));
  if (auto fault = parse_options(call, 3, false, options)) return *std::move(fault);
  const std::uint64_t next = scan_items(*value, options, items);
  return scan_reply(next, std::move(items));
}

Resp hscan(Call& call) {
  return scan_value<Hash>(call, [](const Hash& hash, const ScanOptions& options, Resp& items) {
    return hash.fields().scan(options.cursor, options.count, [&](const FieldNode& field) {
      if (!options.matches(field.key())) return;
      items.items.push_back(Resp::bulk(field.key()));
      items.items.push_back(Resp::bulk(field.value));
    });
  });
}

Resp sscan(Call& call) {
  return scan_value<Set>(call, [](const Set& set, const ScanOptions& options, Resp& items) {
    return set.scan(options.cursor, options.count, [&](const MemberNode& member) {
      if (options.matches(member.key())) items.items.push_back(Resp::bulk(member.key()));
    });
  });
}

Resp zscan(Call& call) {
  return scan_value<SortedSet>(
      call, [](const SortedSet& set, const ScanOptions& options, Resp& items) {
        return set.members().scan(options.cursor, options.count, [&](const ScoredNode& member) {
          if (!options.matches(member.key())) return;
          items.items.push_back(Resp::bulk(member.key()));
          items.items.push_back(Resp::bulk(real_text(member.score)));
        });
      });
}

constexpr Command kCommands[] = {
    {"scan", -2, kWhole, 0, 0, 0, scan},          {"keys", 2, kWhole, 0, 0, 0, keys},
    {"randomkey", 1, kWhole, 0, 0, 0, randomkey}, {"hscan", -3, kReads, 1, 1, 1, hscan},
    {"sscan", -3, kReads, 1, 1, 1, sscan},        {"zscan", -3, kReads, 1, 1, 1, zscan},
};

}  // namespace

std::span<const Command> scan_commands() { return kCommands; }

}  // namespace mynah::store
