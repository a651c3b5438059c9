// SPDX-License-Identifier: Apache-2.0
// Commands: the table that says of each what words it takes and how it touches keys, and what
// handlers work with.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/resp.h"
#include "store/access.h"

namespace mynah::store {

class Scripts;

// One command on its way: its words (the name is word 0) and the keyspace as the command may see
// it.
struct Call {
  Access& db;
  std::span<const std::string_view> words;  // tidy: allow string_view: lives for one call
  Scripts* scripts = nullptr;

  [[nodiscard]] std::string_view operator[](std::size_t index) const { return words[index]; }
  [[nodiscard]] std::size_t size() const { return words.size(); }
  // The largest value that a command may build.
  [[nodiscard]] std::size_t value_bytes_max() const { return db.keyspace().memory_limit() / 4; }
};

using Handler = Resp (*)(Call&);

enum CommandFlag : unsigned {
  kReads = 0,
  kWrites = 1,
  kGrows = 2,      // may need memory: refused when its words alone are too large
  kWhole = 4,      // takes shards by itself, one after the other
  kScript = 8,     // runs others, under the lock of scripts
  kNoScript = 16,  // not from a script
};

struct Command {
  // tidy: allow string_view: of a constant table
  std::string_view name;  // lower case
  int arity;              // words, the name included; negative: at least so many
  unsigned flags;
  int first_key;  // 0: none
  int last_key;   // negative: counted from the end
  int key_step;
  Handler run;
};

// The command of that name in any case, if it is known.
const Command* find_command(std::string_view name);

// The families, one file each.
std::span<const Command> string_commands();
std::span<const Command> counter_commands();
std::span<const Command> key_commands();
std::span<const Command> expiry_commands();
std::span<const Command> scan_commands();
std::span<const Command> hash_commands();
std::span<const Command> list_commands();
std::span<const Command> set_commands();
std::span<const Command> set_algebra_commands();
std::span<const Command> sorted_set_commands();
std::span<const Command> sorted_range_commands();
std::span<const Command> server_commands();
std::span<const Command> script_commands();

// Checks the number of words, runs the handler and writes its effects down. The keys must be
// locked.
Resp run_command(const Command& command, Call& call);
// The error for words that are no known command.
Resp unknown_command(std::span<const std::string_view> words);
std::optional<Resp> check_arity(const Command& command, std::span<const std::string_view> words);

// ---- What handlers share

Resp wrong_type();
Resp not_an_integer();
Resp not_a_real();
Resp syntax_error();
Resp no_such_key();
Resp out_of_range_positive();
inline Resp err(std::string_view text) { return Resp::error(text); }

// Words compared without regard to case; `name` is in lower case.
bool is_word(std::string_view word, std::string_view name);

// A key's value as a T, or nothing, or the sad fact that the key holds something else.
template <class T>
struct Typed {
  Entry* entry = nullptr;
  T* value = nullptr;
  bool wrong = false;

  explicit operator bool() const { return value != nullptr; }
  T* operator->() const { return value; }
  T& operator*() const { return *value; }
};

template <class T>
Typed<T> typed(Entry* entry) {
  if (entry == nullptr) return {};
  if constexpr (std::is_same_v<T, SharedBytes>) {
    auto* held = std::get_if<SharedBytes>(&entry->value);
    return {entry, held, held == nullptr};
  } else {
    auto* held = std::get_if<Box<T>>(&entry->value);
    return {entry, held == nullptr ? nullptr : held->get(), held == nullptr};
  }
}

template <class T>
Typed<T> read(const Call& call, std::size_t word) {
  return typed<T>(call.db.find(call[word]));
}
template <class T>
Typed<T> write(const Call& call, std::size_t word) {
  return typed<T>(call.db.find_for_write(call[word]));
}
// The collection of that key, made when the key is not there.
template <class T>
Typed<T> ensure(const Call& call, std::string_view key) {
  if (Entry* entry = call.db.find_for_write(key)) return typed<T>(entry);
  if constexpr (std::is_same_v<T, List>) {
    return typed<T>(&call.db.add(key, std::make_unique<T>()));
  } else {
    return typed<T>(&call.db.add(key, std::make_unique<T>(call.db.seed())));
  }
}

// From and to (inclusive, negative ones from the end) made into a part of `size` things; empty when
// from > to.
struct Part {
  std::size_t begin = 0;
  std::size_t count = 0;
};
Part part_of(std::int64_t from, std::int64_t to, std::size_t size);

// A time that a command gives, in ms since 1970: in `unit_ms` units, from now on or absolute.
struct TimeGiven {
  std::int64_t unit_ms = 1000;
  bool absolute = false;
};
// Nothing when it cannot be counted or, with `positive`, is not after zero.
std::optional<WallMs> expiry_time(std::int64_t given, TimeGiven how, WallMs now);
Resp invalid_expiry(std::string_view command);

}  // namespace mynah::store
