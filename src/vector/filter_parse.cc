// SPDX-License-Identifier: Apache-2.0
// Reading a filter by recursive descent, one function a rule of the grammar in filter.h.
#include <optional>
#include <utility>

#include "base/text.h"
#include "vector/filter.h"

namespace mynah::vector {

class FilterParser final {
 public:
  FilterParser(std::string_view text, FilterLimits limits) : text_(text), limits_(limits) {}

  Result<Filter> run() {
    if (text_.size() > limits_.bytes_max)
      return Error{Errc::too_large, cat("the filter is longer than ", limits_.bytes_max, " bytes")};
    Filter filter;
    MYNAH_LET(filter.root_, expression(0));
    skip_blanks();
    if (at_ != text_.size()) return wrong("expected the end, or `and` or `or`");
    return filter;
  }

 private:
  using Node = Filter::Node;
  using Kind = Filter::Kind;
  using Order = Filter::Order;
  using Constant = Filter::Constant;

  [[nodiscard]] Error wrong(std::string_view what) const {
    return {Errc::invalid_argument, cat("filter, character ", at_ + 1, ": ", what)};
  }

  Result<Node> joined(Kind kind, std::string_view word,
                      Result<Node> (FilterParser::*part)(std::size_t), std::size_t depth) {
    MYNAH_LET(Node first, (this->*part)(depth));
    if (!next_word_is(word)) return first;
    Node node;
    node.kind = kind;
    node.parts.push_back(std::move(first));
    while (take_word(word)) {
      MYNAH_LET(Node more, (this->*part)(depth));
      node.parts.push_back(std::move(more));
    }
    return node;
  }
  Result<Node> expression(std::size_t depth) {
    return joined(Kind::any, "or", &FilterParser::term, depth);
  }
  Result<Node> term(std::size_t depth) {
    return joined(Kind::all, "and", &FilterParser::factor, depth);
  }

  Result<Node> factor(std::size_t depth) {
    if (depth > limits_.depth_max) return wrong("too many levels of parentheses and `not`");
    if (take_word("not")) {
      MYNAH_LET(Node part, factor(depth + 1));
      return negation(std::move(part));
    }
    if (!take("(")) return condition();
    MYNAH_LET(Node inner, expression(depth + 1));
    if (!take(")")) return wrong("expected `)`");
    return inner;
  }

  static Node negation(Node part) {
    Node node;
    node.kind = Kind::negation;
    node.parts.push_back(std::move(part));
    return node;
  }

  Result<Node> condition() {
    Node node;
    MYNAH_LET(node.field, field());
    if (take_word("is")) {
      node.kind = Kind::null;
      const bool negated = take_word("not");
      if (!take_word("null")) return wrong("expected `null`");
      return negated ? negation(std::move(node)) : std::move(node);
    }
    const bool negated = take_word("not");
    if (take_word("in")) {
      MYNAH_LET(node.constants, list());
      node.kind = Kind::in;
    } else if (take_word("like")) {
      MYNAH_LET(Constant pattern, constant());
      if (pattern.kind != ValueKind::text) return wrong("expected a text for `like`");
      node.constants.push_back(std::move(pattern));
      node.kind = Kind::like;
    } else if (negated) {
      return wrong("expected `in` or `like`");
    } else {
      MYNAH_LET(node.order, order());
      MYNAH_LET(Constant value, constant());
      node.constants.push_back(std::move(value));
      node.kind = Kind::compare;
    }
    return negated ? negation(std::move(node)) : std::move(node);
  }

  Result<Order> order() {
    // Longer signs come before those that they begin with.
    static constexpr std::pair<std::string_view, Order> kOrders[] = {
        {"<=", Order::at_most}, {">=", Order::at_least}, {"!=", Order::unequal},
        {"<>", Order::unequal}, {"==", Order::equal},    {"=", Order::equal},
        {"<", Order::less},     {">", Order::greater},
    };
    for (const auto& [sign, order] : kOrders) {
      if (take(sign)) return order;
    }
    return wrong("expected a comparison, `in`, `like` or `is`");
  }

  Result<std::vector<Constant>> list() {
    if (!take("(")) return wrong("expected `(`");
    std::vector<Constant> constants;
    do {
      MYNAH_LET(Constant value, constant());
      constants.push_back(std::move(value));
    } while (take(","));
    if (!take(")")) return wrong("expected `,` or `)`");
    return constants;
  }

  Result<Constant> constant() {
    if (++constants_ > limits_.constants_max) return wrong("too many constants");
    skip_blanks();
    Constant constant;
    if (next() == '\'' || next() == '"') {
      constant.kind = ValueKind::text;
      MYNAH_LET(constant.text, quoted());
      return constant;
    }
    for (const bool flag : {true, false}) {
      if (!take_word(flag ? "true" : "false")) continue;
      constant.kind = ValueKind::boolean;
      constant.flag = flag;
      return constant;
    }
    return number();
  }

  Result<Constant> number() {
    const std::size_t start = at_;
    if (next() == '+') ++at_;
    const std::size_t digits = at_;
    while (at_ < text_.size() && (is_digit(next()) || is_alpha(next()) || next() == '.' ||
                                  next() == '-' || (next() == '+' && at_ > digits)))
      ++at_;
    const std::string_view spelt = text_.substr(digits, at_ - digits);
    Constant constant;
    if (const auto whole = parse_int(spelt)) {
      constant.kind = ValueKind::integer;
      constant.integer = *whole;
      return constant;
    }
    if (const auto real = parse_double(spelt)) {
      constant.kind = ValueKind::real;
      constant.real = *real;
      return constant;
    }
    at_ = start;
    return wrong("expected a text in quotes, a number, true or false");
  }

  // With the quote that stands here at both ends.
  Result<std::string> quoted() {
    const char quote = next();
    std::string text;
    for (++at_; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == quote) {
        ++at_;
        if (next() != quote) return text;
        text += quote;
      } else if (c == '\\' && at_ + 1 < text_.size()) {
        text += text_[++at_];
      } else {
        text += c;
      }
    }
    return wrong("a text is not closed");
  }

  Result<std::string> field() {
    skip_blanks();
    if (next() == '`') {
      MYNAH_LET(std::string name, quoted());
      if (!is_field_name(name)) return wrong("that is no name of a field");
      return name;
    }
    const std::string_view word = peek_word();
    if (!is_field_name(word)) return wrong("expected the name of a field");
    for (const std::string_view reserved :
         {"and", "or", "not", "in", "like", "is", "true", "false", "null"}) {
      if (iequals(word, reserved)) return wrong("expected the name of a field");
    }
    at_ += word.size();
    return std::string(word);
  }

  [[nodiscard]] char next() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_blanks() {
    while (is_blank(next())) ++at_;
  }
  // The word that stands here; empty when none does.
  std::string_view peek_word() {
    skip_blanks();
    std::size_t end = at_;
    if (!is_alpha(next()) && next() != '_') return {};
    while (end < text_.size() &&
           (is_alpha(text_[end]) || is_digit(text_[end]) || text_[end] == '_' || text_[end] == '-'))
      ++end;
    return text_.substr(at_, end - at_);
  }
  bool next_word_is(std::string_view word) { return iequals(peek_word(), word); }
  bool take_word(std::string_view word) {
    if (!next_word_is(word)) return false;
    at_ += word.size();
    return true;
  }
  bool take(std::string_view sign) {
    skip_blanks();
    if (!text_.substr(at_).starts_with(sign)) return false;
    at_ += sign.size();
    return true;
  }

  std::string_view text_;  // tidy: allow string_view: of the caller, while it waits for the filter
  FilterLimits limits_;
  std::size_t at_ = 0;
  std::size_t constants_ = 0;
};

Result<Filter> Filter::parse(std::string_view text, FilterLimits limits) {
  return FilterParser(text, limits).run();
}

}  // namespace mynah::vector
