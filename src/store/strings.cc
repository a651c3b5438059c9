// SPDX-License-Identifier: Apache-2.0
// Strings: SET and GET with all that was ever added to them.
#include <algorithm>

#include "store/command.h"
#include "store/numbers.h"

namespace mynah::store {
namespace {

struct SetOptions {
  bool only_new = false;
  bool only_old = false;
  bool keep_expiry = false;
  bool get = false;
  bool persist = false;
  std::optional<std::string_view> time;  // tidy: allow string_view: a word of the call
  TimeGiven how;
};

// "ex" 1000 relative, and so on; nothing for another word.
std::optional<TimeGiven> time_option(std::string_view word) {
  if (is_word(word, "ex")) return TimeGiven{1000, false};
  if (is_word(word, "px")) return TimeGiven{1, false};
  if (is_word(word, "exat")) return TimeGiven{1000, true};
  if (is_word(word, "pxat")) return TimeGiven{1, true};
  return std::nullopt;
}

// The options of SET (from word 3) or GETEX (from word 2).
std::optional<SetOptions> parse_options(const Call& call, std::size_t from, bool for_set) {
  SetOptions options;
  for (std::size_t i = from; i < call.size(); ++i) {
    const std::string_view word = call[i];
    const bool timed = options.time.has_value();
    if (for_set && is_word(word, "nx") && !options.only_old) {
      options.only_new = true;
    } else if (for_set && is_word(word, "xx") && !options.only_new) {
      options.only_old = true;
    } else if (for_set && is_word(word, "get")) {
      options.get = true;
    } else if (for_set && is_word(word, "keepttl") && !timed) {
      options.keep_expiry = true;
    } else if (!for_set && is_word(word, "persist") && !timed) {
      options.persist = true;
    } else if (const auto how = time_option(word);
               how && i + 1 < call.size() && !timed && !options.keep_expiry && !options.persist) {
      options.time = call[++i];
      options.how = *how;
    } else {
      return std::nullopt;
    }
  }
  return options;
}

// The moment that the options give; 0 when they give none. On a fault the reply is set.
WallMs option_time(const Call& call, const SetOptions& options, std::optional<Resp>& fault) {
  if (!options.time) return 0;
  const auto given = parse_integer(*options.time);
  if (!given) {
    fault = not_an_integer();
    return 0;
  }
  const auto when = expiry_time(*given, options.how, call.db.now());
  if (*given <= 0 || !when) {
    fault = invalid_expiry(call[0]);
    return 0;
  }
  return *when;
}

Resp set(Call& call) {
  const auto options = parse_options(call, 3, true);
  if (!options) return syntax_error();
  std::optional<Resp> fault;
  const WallMs expire_at = option_time(call, *options, fault);
  if (fault) return *std::move(fault);

  Entry* entry = call.db.find_for_write(call[1]);
  Resp before;
  if (options->get && entry != nullptr) {
    const auto* text = std::get_if<SharedBytes>(&entry->value);
    if (text == nullptr) return wrong_type();
    before = Resp::bulk(*text);
  }
  if ((options->only_new && entry != nullptr) || (options->only_old && entry == nullptr)) {
    return options->get ? before : Resp::null();
  }
  if (entry == nullptr) {
    entry = &call.db.add(call[1], SharedBytes::copy_of(call[2]));
  } else {
    entry->value = SharedBytes::copy_of(call[2]);
    call.db.changed(*entry);
  }
  if (!options->keep_expiry) call.db.set_expiry(*entry, expire_at);
  return options->get ? before : Resp::ok();
}

Resp get(Call& call) {
  const auto text = read<SharedBytes>(call, 1);
  if (text.wrong) return wrong_type();
  return text ? Resp::bulk(*text) : Resp::null();
}

Resp getex(Call& call) {
  const auto options = parse_options(call, 2, false);
  if (!options) return syntax_error();
  const auto text = write<SharedBytes>(call, 1);
  if (text.wrong) return wrong_type();
  if (!text) return Resp::null();
  std::optional<Resp> fault;
  const WallMs expire_at = option_time(call, *options, fault);
  if (fault) return *std::move(fault);
  Resp reply = Resp::bulk(*text);
  if (options->time && options->how.absolute && expire_at <= call.db.now()) {
    call.db.remove(*text.entry);
  } else if (options->time || options->persist) {
    call.db.set_expiry(*text.entry, expire_at);
  }
  return reply;
}

Resp getdel(Call& call) {
  const auto text = write<SharedBytes>(call, 1);
  if (text.wrong) return wrong_type();
  if (!text) return Resp::null();
  Resp reply = Resp::bulk(*text);
  call.db.remove(*text.entry);
  return reply;
}

Resp getset(Call& call) {
  const auto text = write<SharedBytes>(call, 1);
  if (text.wrong) return wrong_type();
  Resp reply = text ? Resp::bulk(*text) : Resp::null();
  call.db.put(call[1], SharedBytes::copy_of(call[2]));
  return reply;
}

Resp setnx(Call& call) {
  if (call.db.find_for_write(call[1]) != nullptr) return Resp::number(0);
  call.db.add(call[1], SharedBytes::copy_of(call[2]));
  return Resp::number(1);
}

Resp set_with_time(Call& call, TimeGiven how) {
  const auto given = parse_integer(call[2]);
  if (!given) return not_an_integer();
  const auto when = expiry_time(*given, how, call.db.now());
  if (*given <= 0 || !when) return invalid_expiry(call[0]);
  call.db.set_expiry(call.db.put(call[1], SharedBytes::copy_of(call[3])), *when);
  return Resp::ok();
}

Resp setex(Call& call) { return set_with_time(call, {1000, false}); }
Resp psetex(Call& call) { return set_with_time(call, {1, false}); }

Resp mget(Call& call) {
  Resp reply = Resp::array();
  for (const std::string_view key : call.words.subspan(1)) {
    const auto text = typed<SharedBytes>(call.db.find(key));
    reply.items.push_back(text ? Resp::bulk(*text) : Resp::null());
  }
  return reply;
}

void set_all(Call& call) {
  for (std::size_t i = 1; i < call.size(); i += 2) {
    call.db.put(call[i], SharedBytes::copy_of(call[i + 1]));
    call.db.effect({"SET", call[i], call[i + 1]});
  }
}

Resp mset(Call& call) {
  if (call.size() % 2 == 0) return err("ERR wrong number of arguments for 'mset' command");
  set_all(call);
  return Resp::ok();
}

Resp msetnx(Call& call) {
  if (call.size() % 2 == 0) return err("ERR wrong number of arguments for 'msetnx' command");
  for (std::size_t i = 1; i < call.size(); i += 2) {
    if (call.db.find_for_write(call[i]) != nullptr) return Resp::number(0);
  }
  set_all(call);
  return Resp::number(1);
}

Resp too_long() { return err("ERR string exceeds maximum allowed size (proto-max-bulk-len)"); }

Resp append(Call& call) {
  const auto text = write<SharedBytes>(call, 1);
  if (text.wrong) return wrong_type();
  if (!text) {
    call.db.add(call[1], SharedBytes::copy_of(call[2]));
    return Resp::number(static_cast<std::int64_t>(call[2].size()));
  }
  if (text->size() + call[2].size() > call.value_bytes_max()) return too_long();
  *text = SharedBytes::joined(text->view(), call[2]);
  call.db.changed(*text.entry);
  return Resp::number(static_cast<std::int64_t>(text->size()));
}

Resp strlen(Call& call) {
  const auto text = read<SharedBytes>(call, 1);
  if (text.wrong) return wrong_type();
  return Resp::number(text ? static_cast<std::int64_t>(text->size()) : 0);
}

Resp getrange(Call& call) {
  const auto from = parse_integer(call[2]);
  const auto to = parse_integer(call[3]);
  if (!from || !to) return not_an_integer();
  const auto text = read<SharedBytes>(call, 1);
  if (text.wrong) return wrong_type();
  if (!text || (*from < 0 && *to < 0 && *from > *to)) return Resp::bulk("");
  const auto size = static_cast<std::int64_t>(text->size());
  // Unlike elsewhere, an end before the beginning of the text means its first byte.
  const std::int64_t last = *to < 0 ? std::max<std::int64_t>(0, *to + size) : *to;
  const Part part = part_of(*from, last, text->size());
  return Resp::bulk(text->view().substr(part.begin, part.count));
}

Resp setrange(Call& call) {
  const auto offset = parse_integer(call[2]);
  if (!offset) return not_an_integer();
  if (*offset < 0) return err("ERR offset is out of range");
  const auto text = write<SharedBytes>(call, 1);
  if (text.wrong) return wrong_type();
  if (call[3].empty()) return Resp::number(text ? static_cast<std::int64_t>(text->size()) : 0);
  const auto at = static_cast<std::size_t>(*offset);
  if (at > call.value_bytes_max() || at + call[3].size() > call.value_bytes_max())
    return too_long();
  std::string made(text ? text->view() : std::string_view());
  if (made.size() < at + call[3].size()) made.resize(at + call[3].size());
  std::ranges::copy(call[3], made.begin() + static_cast<std::ptrdiff_t>(at));
  if (text) {
    *text = SharedBytes::copy_of(made);
    call.db.changed(*text.entry);
  } else {
    call.db.add(call[1], SharedBytes::copy_of(made));
  }
  return Resp::number(static_cast<std::int64_t>(made.size()));
}

constexpr Command kCommands[] = {
    {"get", 2, kReads, 1, 1, 1, get},
    {"set", -3, kWrites | kGrows, 1, 1, 1, set},
    {"getex", -2, kWrites, 1, 1, 1, getex},
    {"getdel", 2, kWrites, 1, 1, 1, getdel},
    {"getset", 3, kWrites | kGrows, 1, 1, 1, getset},
    {"setnx", 3, kWrites | kGrows, 1, 1, 1, setnx},
    {"setex", 4, kWrites | kGrows, 1, 1, 1, setex},
    {"psetex", 4, kWrites | kGrows, 1, 1, 1, psetex},
    {"mget", -2, kReads, 1, -1, 1, mget},
    {"mset", -3, kWrites | kGrows, 1, -1, 2, mset},
    {"msetnx", -3, kWrites | kGrows, 1, -1, 2, msetnx},
    {"append", 3, kWrites | kGrows, 1, 1, 1, append},
    {"strlen", 2, kReads, 1, 1, 1, strlen},
    {"getrange", 4, kReads, 1, 1, 1, getrange},
    {"substr", 4, kReads, 1, 1, 1, getrange},
    {"setrange", 4, kWrites | kGrows, 1, 1, 1, setrange},
};

}  // namespace

std::span<const Command> string_commands() { return kCommands; }

}  // namespace mynah::store
