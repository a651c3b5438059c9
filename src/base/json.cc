// SPDX-License-Identifier: Apache-2.0
// JSON documents and views: walking over the tape. The reader is in json_read.cc, paths and changes
// in json_path.cc.
#include "base/json.h"

#include <limits>
#include <utility>

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

struct Whole {
  std::uint64_t magnitude = 0;
  bool negative = false;
};

// The value of a number's spelling when it is whole, be it spelt 10, 10.0, 100e-1 or 1e1; none when
// it is not, or beyond 64 bits. Zeros are counted until a digit follows them, so that those at the
// end are no digits but powers of ten.
std::optional<Whole> whole(std::string_view spelling) {
  constexpr std::int64_t kExponentMax = 1'000'000'000;  // beyond any document's digits
  constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
  Whole number;
  std::int64_t zeros = 0;
  std::int64_t exponent = 0;
  std::int64_t written = 0;  // the exponent behind the e
  bool written_negative = false;
  bool fraction = false;
  std::size_t at = 0;
  const auto shift = [&](std::int64_t digits) {
    for (; digits > 0; --digits) {
      if (number.magnitude > kMost / 10) return false;
      number.magnitude *= 10;
    }
    return true;
  };
  for (; at < spelling.size() && lower(spelling[at]) != 'e'; ++at) {
    const char c = spelling[at];
    if (!is_digit(c)) {
      number.negative |= c == '-';
      fraction |= c == '.';
      continue;
    }
    exponent -= fraction ? 1 : 0;
    if (c == '0') {
      zeros += number.magnitude == 0 ? 0 : 1;
      continue;
    }
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (!shift(std::exchange(zeros, 0) + 1) || number.magnitude > kMost - digit)
      return std::nullopt;
    number.magnitude += digit;
  }
  for (; at < spelling.size(); ++at) {
    written_negative |= spelling[at] == '-';
    if (is_digit(spelling[at]) && written < kExponentMax)
      written = written * 10 + (spelling[at] - '0');
  }
  if (number.magnitude == 0) return number;
  exponent += zeros + (written_negative ? -written : written);
  if (exponent < 0 || !shift(exponent)) return std::nullopt;
  return number;
}

}  // namespace

std::optional<std::int64_t> JsonView::integer() const {
  const auto number = is_number() ? whole(raw()) : std::nullopt;
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!number || number->magnitude > kMost + (number->negative ? 1 : 0)) return std::nullopt;
  return static_cast<std::int64_t>(number->negative ? 0 - number->magnitude : number->magnitude);
}

std::optional<std::uint64_t> JsonView::unsigned_integer() const {
  const auto number = is_number() ? whole(raw()) : std::nullopt;
  if (!number || (number->negative && number->magnitude > 0)) return std::nullopt;
  return number->magnitude;
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
