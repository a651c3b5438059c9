// SPDX-License-Identifier: Apache-2.0
// Filter: a condition on the fields of a document, as DashVector spells it (a WHERE clause of SQL):
//
//   expression := term ("or" term)*
//   term       := factor ("and" factor)*
//   factor     := "not" factor | "(" expression ")" | condition
//   condition  := field ("=" | "!=" | "<>" | "<" | "<=" | ">" | ">=") constant
//               | field ["not"] "in" "(" constant ("," constant)* ")"
//               | field ["not"] "like" text
//               | field "is" ["not"] "null"
//   constant   := text | number | "true" | "false"
//   text       := '…' or "…"; a quote in it is doubled, or follows a backslash
//   field      := letters, digits, _ and -, not beginning with a digit or -; or any name in `…`
//
// Words are good in either case. In the pattern of `like`, % stands for any run of characters and _
// for one. As in SQL, a comparison with a field that the document lacks, or whose value is of
// another kind, is neither true nor false, so that `not` of it is not true either.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "vector/fields.h"

namespace mynah::vector {

struct FilterLimits {
  std::size_t bytes_max = 40'960;
  std::size_t depth_max = 32;
  std::size_t constants_max = 1024;
};

class Filter final {
 public:
  // Refuses with what is wrong and where.
  static Result<Filter> parse(std::string_view text, FilterLimits limits = {});

  [[nodiscard]] bool matches(std::string_view packed_fields) const;

 private:
  friend class FilterParser;

  enum class Truth : std::uint8_t { no, yes, unknown };
  enum class Kind : std::uint8_t { all, any, negation, compare, in, like, null };
  enum class Order : std::uint8_t { equal, unequal, less, at_most, greater, at_least };
  struct Constant {
    ValueKind kind = ValueKind::null;
    bool flag = false;
    std::int64_t integer = 0;
    double real = 0;
    std::string text;
  };
  struct Node {
    Kind kind = Kind::all;
    Order order = Order::equal;
    std::string field;
    std::vector<Constant> constants;
    std::vector<Node> parts;
  };

  static Truth evaluate(const Node& node, std::string_view fields);
  static Truth compare(Order order, const Value& value, const Constant& constant);

  Node root_;
};

// `text` fits the pattern of `like`. Takes at most the product of both lengths.
bool matches_like(std::string_view text, std::string_view pattern);

}  // namespace mynah::vector
