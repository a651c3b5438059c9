// SPDX-License-Identifier: Apache-2.0
// Packing and walking.
#include "vector/fields.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/text.h"

namespace mynah::vector {
namespace {

constexpr std::array<std::pair<std::string_view, FieldType>, 5> kTypes = {{
    {"STRING", FieldType::string},
    {"INT", FieldType::integer},
    {"FLOAT", FieldType::real},
    {"BOOL", FieldType::boolean},
    {"LONG", FieldType::long_integer},
}};

template <class T>
void append_fixed(T value, std::string& out) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  out.append(bytes, sizeof value);
}

template <class T>
bool take_fixed(std::string_view& bytes, T& value) {
  if (bytes.size() < sizeof value) return false;
  std::memcpy(&value, bytes.data(), sizeof value);
  bytes.remove_prefix(sizeof value);
  return true;
}

void append_field(std::string_view name, const Value& value, std::string& out) {
  out += static_cast<char>(name.size());
  out += name;
  switch (value.kind) {
    case ValueKind::null:
      out += 'n';
      return;
    case ValueKind::boolean:
      out += value.flag ? 't' : 'f';
      return;
    case ValueKind::integer:
      out += 'i';
      return append_fixed(value.integer, out);
    case ValueKind::real:
      out += 'd';
      return append_fixed(value.real, out);
    case ValueKind::text:
      out += 's';
      append_fixed(static_cast<std::uint32_t>(value.text.size()), out);
      out += value.text;
      return;
  }
}

bool take_value(std::string_view& bytes, Value& value) {
  if (bytes.empty()) return false;
  const char kind = bytes.front();
  bytes.remove_prefix(1);
  value = {};
  std::uint32_t size = 0;
  switch (kind) {
    case 'n':
      return true;
    case 't':
    case 'f':
      value.kind = ValueKind::boolean;
      value.flag = kind == 't';
      return true;
    case 'i':
      value.kind = ValueKind::integer;
      return take_fixed(bytes, value.integer);
    case 'd':
      value.kind = ValueKind::real;
      return take_fixed(bytes, value.real);
    case 's':
      value.kind = ValueKind::text;
      if (!take_fixed(bytes, size) || bytes.size() < size) return false;
      value.text = bytes.substr(0, size);
      bytes.remove_prefix(size);
      return true;
    default:
      return false;
  }
}

bool take_field(std::string_view& bytes, std::string_view& name, Value& value) {
  if (bytes.empty()) return false;
  const auto size = static_cast<unsigned char>(bytes.front());
  if (bytes.size() < std::size_t{size} + 1) return false;
  name = bytes.substr(1, size);
  bytes.remove_prefix(std::size_t{size} + 1);
  return take_value(bytes, value);
}

Result<Value> value_of(std::string_view name, JsonView view) {
  Value value;
  if (view.is_null()) return value;
  if (view.is_boolean()) {
    value.kind = ValueKind::boolean;
    value.flag = view.flag();
  } else if (view.is_string()) {
    value.kind = ValueKind::text;
    value.text = view.text();
  } else if (view.is_number()) {
    // What is spelt with a fraction stays a real number: 70.0 is not 70.
    const auto whole = view.integer();
    const auto real = view.number();
    if (whole && view.raw().find_first_of(".eE") == std::string_view::npos) {
      value.kind = ValueKind::integer;
      value.integer = *whole;
    } else if (real) {
      value.kind = ValueKind::real;
      value.real = *real;
    } else {
      return Error{Errc::invalid_argument, cat("field ", name, " is beyond the range of numbers")};
    }
  } else {
    return Error{Errc::invalid_argument, cat("field ", name, " is an ", name_of(view.kind()),
                                             "; fields are texts, numbers, true, false or null")};
  }
  return value;
}

bool fits(ValueKind kind, FieldType type) {
  switch (type) {
    case FieldType::string:
      return kind == ValueKind::text;
    case FieldType::boolean:
      return kind == ValueKind::boolean;
    case FieldType::integer:
    case FieldType::long_integer:
      return kind == ValueKind::integer;
    case FieldType::real:
      return kind == ValueKind::real || kind == ValueKind::integer;
  }
  return false;
}

void write_value(const Value& value, JsonWriter& json) {
  switch (value.kind) {
    case ValueKind::null:
      json.null();
      return;
    case ValueKind::boolean:
      json.value(value.flag);
      return;
    case ValueKind::integer:
      json.value(value.integer);
      return;
    case ValueKind::real:
      json.value(value.real);
      return;
    case ValueKind::text:
      json.value(value.text);
      return;
  }
}

}  // namespace

std::optional<FieldType> parse_field_type(std::string_view name) {
  const auto found =
      std::ranges::find_if(kTypes, [&](const auto& pair) { return iequals(pair.first, name); });
  return found == kTypes.end() ? std::nullopt : std::optional(found->second);
}

std::string_view name_of(FieldType type) { return kTypes[static_cast<std::size_t>(type)].first; }

bool is_field_name(std::string_view name) {
  return !name.empty() && name.size() <= 32 && std::ranges::all_of(name, [](char c) {
    return is_alpha(c) || is_digit(c) || c == '_' || c == '-';
  });
}

Result<std::string> pack_fields(JsonView object) {
  if (!object.is_object()) return Error{Errc::invalid_argument, "fields are not an object"};
  if (object.size() > kFieldsMax)
    return Error{Errc::too_large, cat("a document has at most ", kFieldsMax, " fields")};
  std::string packed;
  for (const auto& [name, view] : object.members()) {
    if (!is_field_name(name)) {
      return Error{Errc::invalid_argument,
                   cat("\"", utf8_prefix(name, 40),
                       "\" is no name of a field: 1 to 32 letters, digits, _ or -")};
    }
    MYNAH_LET(const Value value, value_of(name, view));
    append_field(name, value, packed);
    if (packed.size() > kFieldsBytesMax)
      return Error{Errc::too_large, cat("the fields have more than ", kFieldsBytesMax, " bytes")};
  }
  return packed;
}

Status check_schema(std::string_view packed, const Schema& schema) {
  if (schema.empty()) return ok();
  std::string_view name;
  Value value;
  while (take_field(packed, name, value)) {
    const auto declared = schema.find(name);
    if (declared == schema.end() || value.kind == ValueKind::null) continue;
    if (!fits(value.kind, declared->second)) {
      return Error{Errc::invalid_argument, cat("field ", name, " is declared as ",
                                               name_of(declared->second), ", its value is not")};
    }
  }
  return ok();
}

Result<std::string> merge_fields(std::string_view before, std::string_view changes) {
  std::string merged;
  std::string_view name;
  Value value;
  for (std::string_view rest = before; take_field(rest, name, value);) {
    if (!find_field(changes, name)) append_field(name, value, merged);
  }
  merged += changes;
  if (merged.size() > kFieldsBytesMax)
    return Error{Errc::too_large, cat("the fields have more than ", kFieldsBytesMax, " bytes")};
  return merged;
}

// The last of a name that stands twice, as JSON has it.
std::optional<Value> find_field(std::string_view packed, std::string_view name) {
  std::optional<Value> found;
  std::string_view here;
  Value value;
  while (take_field(packed, here, value)) {
    if (here == name) found = value;
  }
  return found;
}

bool are_packed_fields(std::string_view bytes) {
  std::string_view name;
  Value value;
  while (!bytes.empty()) {
    if (!take_field(bytes, name, value)) return false;
  }
  return true;
}

void write_fields(std::string_view packed, const Schema& schema,
                  const std::optional<std::vector<std::string>>& names, JsonWriter& json) {
  const auto wanted = [&](std::string_view name) {
    return !names || std::ranges::find(*names, name) != names->end();
  };
  json.begin_object();
  for (const auto& [name, type] : schema) {
    if (wanted(name) && !find_field(packed, name)) json.key(name).null();
  }
  std::string_view name;
  Value value;
  while (take_field(packed, name, value)) {
    if (!wanted(name)) continue;
    json.key(name);
    write_value(value, json);
  }
  json.end_object();
}

}  // namespace mynah::vector
