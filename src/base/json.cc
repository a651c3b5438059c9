// SPDX-License-Identifier: Apache-2.0
// JSON documents and views: walking over the tape. The reader is in json_read.cc, paths and changes
// in json_path.cc.
#include "base/json.h"

#include <charconv>

#include "base/json_tape.h"
#include "base/text.h"

namespace mynah {

std::string_view name_of(JsonKind kind) {
  switch (kind) {
    case JsonKind::missing:
      return "missing";
    case JsonKind::null:
      return "null";
    case JsonKind::boolean:
      return "boolean";
    case JsonKind::number:
      return "number";
    case JsonKind::string:
      return "string";
    case JsonKind::array:
      return "array";
    case JsonKind::object:
      return "object";
  }
  return "missing";
}

Json::Json(std::unique_ptr<detail::JsonTape> tape) : tape_(std::move(tape)) {}
Json::Json(Json&&) noexcept = default;
Json& Json::operator=(Json&&) noexcept = default;
Json::~Json() = default;

Result<Json> Json::parse(std::string text, JsonLimits limits) {
  auto tape = std::make_unique<detail::JsonTape>();
  tape->text = std::move(text);
  tape->limits = limits;
  MYNAH_OK(detail::read_json(*tape));
  return Json(std::move(tape));
}

Json Json::clone() const { return Json(std::make_unique<detail::JsonTape>(*tape_)); }

JsonView Json::root() const { return {tape_.get(), 0}; }

const std::string& Json::dump() const { return tape_->text; }

std::string Json::take_text() && {
  std::string text = std::move(tape_->text);
  tape_.reset();
  return text;
}

JsonKind JsonView::kind() const {
  return tape_ != nullptr ? tape_->kind(index_) : JsonKind::missing;
}

std::string_view JsonView::text() const {
  return is_string() ? tape_->string(index_) : std::string_view();
}

bool JsonView::flag() const { return is_boolean() && raw() == "true"; }

std::string_view JsonView::raw() const {
  return tape_ != nullptr ? tape_->raw(index_) : std::string_view();
}

std::optional<double> JsonView::number() const {
  if (!is_number()) return std::nullopt;
  const auto number = parse_double(raw());
  if (!number) return std::nullopt;
  return *number;
}

namespace {

// A number in plain digits when it is whole: "10.0" and "1e1" as "10", "-0.0" as "0". None when it
// is not whole or has more digits than any integer type.
std::optional<std::string> whole_digits(std::string_view spelling) {
  constexpr std::size_t kDigitsMax = 20;
  const bool negative = spelling.starts_with('-');
  if (negative) spelling.remove_prefix(1);
  const std::size_t e = spelling.find_first_of("eE");
  std::int64_t exponent = 0;
  if (e != std::string_view::npos) {
    const std::string_view digits = spelling.substr(spelling[e + 1] == '+' ? e + 2 : e + 1);
    // An exponent that does not fit stands for a number that does not, unless all its digits are
    // zeros.
    if (std::from_chars(digits.data(), digits.data() + digits.size(), exponent).ec != std::errc()) {
      exponent = digits.starts_with('-') ? -1'000'000'000 : 1'000'000'000;
    }
  }
  const Halves parts = cut(spelling.substr(0, e), ".");
  std::string digits = cat(parts.before, parts.after);
  exponent -= static_cast<std::int64_t>(parts.after.size());
  digits.erase(0, digits.find_first_not_of('0'));
  if (digits.empty()) return "0";
  for (; exponent < 0; ++exponent) {
    if (digits.back() != '0') return std::nullopt;
    digits.pop_back();
  }
  if (static_cast<std::int64_t>(digits.size()) + exponent > static_cast<std::int64_t>(kDigitsMax))
    return std::nullopt;
  digits.append(static_cast<std::size_t>(exponent), '0');
  return negative ? "-" + digits : digits;
}

template <class T>
std::optional<T> whole(std::string_view spelling) {
  T number{};
  const char* end = spelling.data() + spelling.size();
  auto read = std::from_chars(end - spelling.size(), end, number);
  if (read.ec == std::errc() && read.ptr == end) return number;
  if (spelling.find_first_of(".eE") == std::string_view::npos && spelling != "-0")
    return std::nullopt;
  const auto digits = whole_digits(spelling);
  if (!digits) return std::nullopt;
  end = digits->data() + digits->size();
  read = std::from_chars(digits->data(), end, number);
  if (read.ec == std::errc() && read.ptr == end) return number;
  return std::nullopt;
}

}  // namespace

std::optional<std::int64_t> JsonView::integer() const {
  return is_number() ? whole<std::int64_t>(raw()) : std::nullopt;
}

std::optional<std::uint64_t> JsonView::unsigned_integer() const {
  return is_number() ? whole<std::uint64_t>(raw()) : std::nullopt;
}

std::size_t JsonView::size() const {
  return kind() >= JsonKind::array ? tape_->nodes[index_].count : 0;
}

JsonItems JsonView::items() const {
  if (!is_array()) return {JsonView(), JsonView()};
  return {JsonView(tape_, index_ + 1), JsonView(tape_, tape_->next(index_))};
}

JsonMembers JsonView::members() const {
  if (!is_object()) return {JsonView(), JsonView()};
  return {JsonView(tape_, index_ + 1), JsonView(tape_, tape_->next(index_))};
}

JsonView JsonView::operator[](std::string_view name) const {
  JsonView found;
  for (const auto& [member, value] : members()) {
    if (member == name) found = value;
  }
  return found;
}

JsonView JsonView::at(std::size_t index) const {
  if (index >= size()) return {};
  for (const JsonView item : items()) {
    if (index-- == 0) return item;
  }
  return {};
}

JsonItems::Iterator& JsonItems::Iterator::operator++() {
  at_.index_ = at_.tape_->next(at_.index_);
  return *this;
}

JsonMembers::Iterator& JsonMembers::Iterator::operator++() {
  name_.index_ = name_.tape_->next(name_.index_ + 1);
  return *this;
}

}  // namespace mynah
