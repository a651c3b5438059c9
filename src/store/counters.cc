// SPDX-License-Identifier: Apache-2.0
// Strings that are counted with.
#include <cmath>
#include <limits>

#include "base/text.h"
#include "store/command.h"
#include "store/numbers.h"

namespace mynah::store {
namespace {

Resp add_to(Call& call, std::int64_t delta) {
  const auto text = write<SharedBytes>(call, 1);
  if (text.wrong) return wrong_type();
  const auto before = text ? parse_integer(text->view()) : std::optional<std::int64_t>(0);
  if (!before) return not_an_integer();
  std::int64_t after = 0;
  if (__builtin_add_overflow(*before, delta, &after)) {
    return err("ERR increment or decrement would overflow");
  }
  if (text) {
    *text = SharedBytes::copy_of(cat(after));
    call.db.changed(*text.entry);
  } else {
    call.db.add(call[1], SharedBytes::copy_of(cat(after)));
  }
  return Resp::number(after);
}

Resp incr(Call& call) { return add_to(call, 1); }
Resp decr(Call& call) { return add_to(call, -1); }

Resp incrby(Call& call) {
  const auto delta = parse_integer(call[2]);
  return delta ? add_to(call, *delta) : not_an_integer();
}

Resp decrby(Call& call) {
  const auto delta = parse_integer(call[2]);
  if (!delta) return not_an_integer();
  if (*delta == std::numeric_limits<std::int64_t>::min())
    return err("ERR decrement would overflow");
  return add_to(call, -*delta);
}

Resp incrbyfloat(Call& call) {
  const auto text = write<SharedBytes>(call, 1);
  if (text.wrong) return wrong_type();
  const auto before = text ? parse_long_real(text->view()) : std::optional<long double>(0);
  const auto delta = parse_long_real(call[2]);
  if (!before || !delta) return not_a_real();
  const long double after = *before + *delta;
  if (std::isnan(after) || std::isinf(after)) {
    return err("ERR increment would produce NaN or Infinity");
  }
  const SharedBytes made = SharedBytes::copy_of(long_real_text(after));
  if (text) {
    *text = made;
    call.db.changed(*text.entry);
  } else {
    call.db.add(call[1], made);
  }
  call.db.effect({"SET", call[1], made.view(), "KEEPTTL"});
  return Resp::bulk(made);
}

constexpr Command kCommands[] = {
    {"incr", 2, kWrites | kGrows, 1, 1, 1, incr},
    {"decr", 2, kWrites | kGrows, 1, 1, 1, decr},
    {"incrby", 3, kWrites | kGrows, 1, 1, 1, incrby},
    {"decrby", 3, kWrites | kGrows, 1, 1, 1, decrby},
    {"incrbyfloat", 3, kWrites | kGrows, 1, 1, 1, incrbyfloat},
};

}  // namespace

std::span<const Command> counter_commands() { return kCommands; }

}  // namespace mynah::store
