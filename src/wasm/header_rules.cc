// SPDX-License-Identifier: Apache-2.0
// What counts as a legal field.
#include "wasm/header_rules.h"

#include <algorithm>

#include "base/text.h"

namespace mynah::wasm {
namespace {

bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return is_alpha(c) || is_digit(c) || kMarks.find(c) != std::string_view::npos;
  });
}

// Tabs are legal inside a value; no other control character is.
bool is_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
  });
}

bool is_target(std::string_view text) {
  return !text.empty() && std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= 0x20 || byte == 0x7f;
  });
}

bool is_status(std::string_view text) {
  return text.size() == 3 && text[0] >= '1' && text[0] <= '5' && is_digit(text[1]) &&
         is_digit(text[2]);
}

bool is_legal_pseudo(std::string_view name, std::string_view value) {
  if (name == ":method" || name == ":scheme" || name == ":protocol") return is_token(value);
  if (name == ":path" || name == ":authority") return is_target(value);
  if (name == ":status") return is_status(value);
  return false;
}

}  // namespace

bool is_legal_field(std::string_view name, std::string_view value) {
  return is_pseudo(name) ? is_legal_pseudo(name, value) : is_token(name) && is_value(value);
}

bool are_legal_fields(const Headers& headers) {
  return std::all_of(headers.begin(), headers.end(), [](const Headers::Field& field) {
    return is_legal_field(field.name, field.value);
  });
}

bool belongs_to(abi::MapType map, std::string_view pseudo) {
  if (map == abi::MapType::request_headers) return pseudo != ":status";
  return map == abi::MapType::response_headers && pseudo == ":status";
}

}  // namespace mynah::wasm
