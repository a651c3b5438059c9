// SPDX-License-Identifier: Apache-2.0
// Fields: what a document carries beside its vector, packed into one string:
//
//   fields := field*
//   field  := name-size (1 byte) name value
//   value  := 'n' | 't' | 'f' | 'i' (8 bytes, signed) | 'd' (8 bytes, double) | 's' size (4 bytes)
//   text
//
// Numbers lie as in memory, least significant byte first. Finding a field walks over those before
// it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/json_writer.h"
#include "base/result.h"

namespace mynah::vector {

inline constexpr std::size_t kFieldsMax = 1024;
inline constexpr std::size_t kFieldsBytesMax = std::size_t{1} << 20;

enum class ValueKind : std::uint8_t { null, boolean, integer, real, text };

// A value; its text belongs to whom it was read from.
struct Value {
  ValueKind kind = ValueKind::null;
  bool flag = false;
  std::int64_t integer = 0;
  double real = 0;
  std::string_view text;  // tidy: allow string_view: part of packed fields or of a filter
};

// The types that a collection may declare for some fields.
enum class FieldType : std::uint8_t { string, integer, real, boolean, long_integer };
std::optional<FieldType> parse_field_type(std::string_view name);
std::string_view name_of(FieldType type);
using Schema = std::map<std::string, FieldType, std::less<>>;

// Letters, digits, '_' and '-', 1 to 32 of them.
bool is_field_name(std::string_view name);

// Refuses what is no object of such names with null, flags, numbers and texts, and what is over the
// limits.
Result<std::string> pack_fields(JsonView object);
// Refuses values that contradict the schema.
Status check_schema(std::string_view packed, const Schema& schema);
// The fields of `before` with those of `changes` in their place, or added.
Result<std::string> merge_fields(std::string_view before, std::string_view changes);
std::optional<Value> find_field(std::string_view packed, std::string_view name);
// Whether bytes from outside are packed fields.
bool are_packed_fields(std::string_view bytes);
// As a JSON object: all of them, or those that are named; what the schema declares and the document
// lacks is null.
void write_fields(std::string_view packed, const Schema& schema,
                  const std::optional<std::vector<std::string>>& names, JsonWriter& json);

}  // namespace mynah::vector
