// SPDX-License-Identifier: Apache-2.0
// What a filter says about a document; reading it: filter_parse.cc.
#include "vector/filter.h"

#include <algorithm>
#include <compare>

#include "base/text.h"

namespace mynah::vector {
namespace {

bool is_number(ValueKind kind) { return kind == ValueKind::integer || kind == ValueKind::real; }

std::partial_ordering order_of(std::int64_t a, double b) {
  // Beyond these a double holds no fraction that could decide, and may be no 64-bit number.
  if (b >= 0x1p63) return std::partial_ordering::less;
  if (b < -0x1p63) return std::partial_ordering::greater;
  const auto whole = static_cast<std::int64_t>(b);
  if (a != whole) return a <=> whole;
  return 0.0 <=> (b - static_cast<double>(whole));
}

}  // namespace

bool matches_like(std::string_view text, std::string_view pattern) {
  std::size_t at = 0;
  std::size_t in_pattern = 0;
  std::size_t retry_at = 0;
  std::size_t after_any = std::string_view::npos;
  while (at < text.size()) {
    const std::size_t character = std::max<std::size_t>(utf8_length(text.substr(at)), 1);
    if (in_pattern < pattern.size() && pattern[in_pattern] == '%') {
      after_any = ++in_pattern;
      retry_at = at;
    } else if (in_pattern < pattern.size() && pattern[in_pattern] == '_') {
      at += character;
      ++in_pattern;
    } else if (in_pattern < pattern.size() && pattern[in_pattern] == text[at]) {
      ++at;
      ++in_pattern;
    } else if (after_any != std::string_view::npos) {
      // Whole characters are skipped, so that `_` never begins inside of one.
      retry_at += std::max<std::size_t>(utf8_length(text.substr(retry_at)), 1);
      at = retry_at;
      in_pattern = after_any;
    } else {
      return false;
    }
  }
  return std::ranges::all_of(pattern.substr(in_pattern), [](char c) { return c == '%'; });
}

Filter::Truth Filter::compare(Order order, const Value& value, const Constant& constant) {
  auto sign = std::partial_ordering::unordered;
  if (is_number(value.kind) && is_number(constant.kind)) {
    const bool whole = value.kind == ValueKind::integer;
    if (whole && constant.kind == ValueKind::integer) {
      sign = value.integer <=> constant.integer;
    } else if (whole) {
      sign = order_of(value.integer, constant.real);
    } else if (constant.kind == ValueKind::integer) {
      sign = 0 <=> order_of(constant.integer, value.real);
    } else {
      sign = value.real <=> constant.real;
    }
  } else if (value.kind == constant.kind) {
    if (value.kind == ValueKind::text) sign = value.text <=> std::string_view(constant.text);
    if (value.kind == ValueKind::boolean) sign = value.flag <=> constant.flag;
  }
  if (sign == std::partial_ordering::unordered) return Truth::unknown;
  const auto truth = [](bool holds) { return holds ? Truth::yes : Truth::no; };
  switch (order) {
    case Order::equal:
      return truth(sign == 0);
    case Order::unequal:
      return truth(sign != 0);
    case Order::less:
      return truth(sign < 0);
    case Order::at_most:
      return truth(sign <= 0);
    case Order::greater:
      return truth(sign > 0);
    case Order::at_least:
      return truth(sign >= 0);
  }
  return Truth::unknown;
}

Filter::Truth Filter::evaluate(const Node& node, std::string_view fields) {
  if (node.kind == Kind::all || node.kind == Kind::any) {
    const Truth decisive = node.kind == Kind::all ? Truth::no : Truth::yes;
    Truth result = node.kind == Kind::all ? Truth::yes : Truth::no;
    for (const Node& part : node.parts) {
      const Truth truth = evaluate(part, fields);
      if (truth == decisive) return decisive;
      if (truth == Truth::unknown) result = Truth::unknown;
    }
    return result;
  }
  if (node.kind == Kind::negation) {
    const Truth truth = evaluate(node.parts.front(), fields);
    if (truth == Truth::unknown) return truth;
    return truth == Truth::yes ? Truth::no : Truth::yes;
  }
  const auto value = find_field(fields, node.field);
  const bool absent = !value || value->kind == ValueKind::null;
  if (node.kind == Kind::null) return absent ? Truth::yes : Truth::no;
  if (absent) return Truth::unknown;
  if (node.kind == Kind::compare) return compare(node.order, *value, node.constants.front());
  if (node.kind == Kind::like) {
    if (value->kind != ValueKind::text) return Truth::unknown;
    return matches_like(value->text, node.constants.front().text) ? Truth::yes : Truth::no;
  }
  Truth result = Truth::no;
  for (const Constant& constant : node.constants) {
    const Truth truth = compare(Order::equal, *value, constant);
    if (truth == Truth::yes) return truth;
    if (truth == Truth::unknown) result = truth;
  }
  return result;
}

bool Filter::matches(std::string_view packed_fields) const {
  return evaluate(root_, packed_fields) == Truth::yes;
}

}  // namespace mynah::vector
