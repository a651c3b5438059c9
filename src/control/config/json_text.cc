// SPDX-License-Identifier: Apache-2.0
// From YAML's scalars to JSON's.
#include "control/config/json_text.h"

#include <algorithm>
#include <array>

#include "base/json_writer.h"
#include "base/text.h"

namespace mynah::control {

namespace {

using Words = std::array<std::string_view, 3>;
constexpr Words kTrue = {"true", "True", "TRUE"};
constexpr Words kFalse = {"false", "False", "FALSE"};

bool is_one_of(std::string_view text, const Words& words) {
  return std::ranges::find(words, text) != words.end();
}

// What a text that looks like a number is, in its parts.
struct Number {
  bool negative = false;
  std::string whole;
  std::string fraction;
  std::string exponent;  // With its sign.
  bool point = false;
};

bool all_digits(std::string_view text) { return std::ranges::all_of(text, is_digit); }

bool split_number(std::string_view text, Number& number) {
  if (text.starts_with('-') || text.starts_with('+')) {
    number.negative = text.front() == '-';
    text.remove_prefix(1);
  }
  const std::size_t e = text.find_first_of("eE");
  if (e != std::string_view::npos) {
    number.exponent = text.substr(e + 1);
    std::string_view digits = number.exponent;
    if (digits.starts_with('-') || digits.starts_with('+')) digits.remove_prefix(1);
    if (digits.empty() || !all_digits(digits)) return false;
    text = text.substr(0, e);
  }
  const Halves halves = cut(text, ".");
  number.whole = halves.before;
  number.fraction = halves.after;
  number.point = halves.found;
  return all_digits(number.whole) && all_digits(number.fraction) &&
         number.whole.size() + number.fraction.size() > 0;
}

std::string spell(const Number& number) {
  std::string out = number.negative ? "-" : "";
  std::string_view whole = number.whole;
  while (whole.size() > 1 && whole.front() == '0') whole.remove_prefix(1);
  append(out, whole.empty() ? "0" : whole);
  if (!number.fraction.empty()) append(out, ".", number.fraction);
  if (number.point && number.fraction.empty()) out += ".0";
  if (!number.exponent.empty()) append(out, "e", number.exponent);
  return out;
}

// Spellings that YAML 1.1 and 1.2 read differently, or that JSON cannot say.
bool is_ambiguous(std::string_view text) {
  std::string_view digits = text;
  if (digits.starts_with('-') || digits.starts_with('+')) digits.remove_prefix(1);
  if (digits.empty()) return false;
  const std::string word = lower(digits);
  if (word == ".inf" || word == ".nan") return true;
  if (!is_digit(digits.front())) return false;
  if (word.starts_with("0x") || word.starts_with("0o") || word.starts_with("0b")) return true;
  return std::ranges::all_of(digits, [](char c) { return is_digit(c) || c == '_'; }) &&
         ((digits.size() > 1 && digits.front() == '0') ||
          digits.find('_') != std::string_view::npos);
}

void write_scalar(const Node& node, Reader& reader, std::string& out) {
  if (node.plain) {
    if (is_one_of(node.text, kTrue)) return append(out, "true");
    if (is_one_of(node.text, kFalse)) return append(out, "false");
    if (is_ambiguous(node.text)) {
      reader.problem(node.mark, cat(in_quotes(node.text),
                                    " is read differently by different programs; put it between "
                                    "quotation marks, or write a plain decimal number"));
    }
    Number number;
    if (split_number(node.text, number)) return append(out, spell(number));
  }
  if (!is_utf8(node.text)) reader.problem(node.mark, "not UTF-8");
  append_json_string(out, node.text);
}

void write(const Node& node, Reader& reader, std::string& out) {
  std::string_view separator;
  switch (node.kind) {
    case Node::Kind::null:
      return append(out, "null");
    case Node::Kind::scalar:
      return write_scalar(node, reader, out);
    case Node::Kind::list:
      out += '[';
      for (const Node& item : node.items) {
        out += separator;
        write(item, reader, out);
        separator = ",";
      }
      out += ']';
      return;
    case Node::Kind::map:
      out += '{';
      for (const Entry& entry : node.entries) {
        out += separator;
        append_json_string(out, entry.key);
        out += ':';
        write(entry.value, reader, out);
        separator = ",";
      }
      out += '}';
      return;
  }
}

}  // namespace

std::string json_of(const Node& node, Reader& reader) {
  std::string out;
  write(node, reader, out);
  return out;
}

}  // namespace mynah::control
