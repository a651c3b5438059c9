// SPDX-License-Identifier: Apache-2.0
// JSON Schema of a configuration, and the identity around it. Modules carry the result, and only
// those that are built to tell it the code.
#if !defined(__wasm__) || defined(MYNAH_DESCRIBE)

#include <cstring>
#include <utility>

#include "base/json_writer.h"
#include "mynah/plugin.h"

namespace mynah {
inline namespace plugin {
namespace inner {

namespace {

std::int64_t load_integer(const FieldType& type, const void* from) {
  std::int64_t value = 0;
  std::memcpy(&value, from, type.bytes);
  const int unused = 64 - type.bytes * 8;
  return type.is_signed && unused > 0 ? (value << unused) >> unused : value;
}

void write_bounds(JsonWriter& json, double least, double most, std::string_view low,
                  std::string_view high) {
  if (least > -std::numeric_limits<double>::infinity()) json.member(low, least);
  if (most < std::numeric_limits<double>::infinity()) json.member(high, most);
}

std::string_view stage_name(Stage stage) {
  switch (stage) {
    case Stage::authn:
      return "authn";
    case Stage::authz:
      return "authz";
    case Stage::stats:
      return "stats";
    case Stage::normal:
      return "default";
  }
  return "default";
}

}  // namespace

// Writes the schema's members: of the field itself, or of an element of it, which has no text and
// no default.
void FieldList::write_schema(const Field& field, const FieldType& type, bool element,
                             JsonWriter& json) {
  switch (type.kind) {
    case FieldKind::boolean:
      json.member("type", "boolean");
      break;
    case FieldKind::integer:
    case FieldKind::number:
      json.member("type", type.kind == FieldKind::integer ? "integer" : "number");
      if (!element) write_bounds(json, field.least_, field.most_, "minimum", "maximum");
      break;
    case FieldKind::secret:
      json.member("type", "string").member("format", "password").member("writeOnly", true);
      break;
    case FieldKind::text:
    case FieldKind::choice:
      json.member("type", "string");
      if (!element) write_bounds(json, field.least_, field.most_, "minLength", "maxLength");
      if (field.choose_ == nullptr) break;
      json.key("enum").begin_array();
      for (const Word& word : field.list_->words_) {
        if (word.field == field.list_->place(field) && !word.names) json.value(word.text);
      }
      json.end_array();
      break;
    case FieldKind::object: {
      FieldList fields;
      type.describe(fields, type.defaults());
      fields.write_object(json, nullptr);
      break;
    }
    case FieldKind::list:
      json.member("type", "array");
      write_bounds(json, field.least_, field.most_, "minItems", "maxItems");
      json.key("items").begin_object();
      write_schema(field, *type.element, true, json);
      json.end_object();
      break;
    case FieldKind::named:
      json.member("type", "object").key("additionalProperties").begin_object();
      write_schema(field, *type.element, true, json);
      json.end_object();
      break;
  }
}

void FieldList::write_default(const Field& field, const FieldType& type, const void* value,
                              JsonWriter& json) {
  if (type.look != nullptr) value = type.look(value);
  if (value == nullptr) return;
  switch (type.kind) {
    case FieldKind::boolean:
      json.member("default", *static_cast<const bool*>(value));
      break;
    case FieldKind::integer:
      json.member("default", load_integer(type, value));
      break;
    case FieldKind::number:
      json.member("default", *static_cast<const double*>(value));
      break;
    case FieldKind::text:
      json.member("default", *static_cast<const std::string*>(value));
      break;
    case FieldKind::choice:
      for (const Word& word : field.list_->words_) {
        if (word.field == field.list_->place(field) && !word.names &&
            word.value == load_integer(type, value))
          json.member("default", word.text);
      }
      break;
    case FieldKind::secret:
    case FieldKind::object:
    case FieldKind::list:
    case FieldKind::named:
      break;
  }
}

void FieldList::write_object(JsonWriter& json, const void* defaults) const {
  json.member("type", "object").key("properties").begin_object();
  for (const Field& field : fields_) {
    json.key(field.name_).begin_object().member("description", field.about_);
    write_schema(field, *field.type_, false, json);
    if (defaults != nullptr) {
      write_default(field, *field.type_, static_cast<const char*>(defaults) + field.offset_, json);
    }
    bool listed = false;
    for (const Word& word : words_) {
      if (word.field != place(field) || !word.names || word.text == field.name_) continue;
      if (!std::exchange(listed, true)) json.key("x-aliases").begin_array();
      json.value(word.text);
    }
    if (listed) json.end_array();
    json.end_object();
  }
  json.end_object();
  json.key("required").begin_array();
  for (const Field& field : fields_) {
    if (field.required_) json.value(field.name_);
  }
  json.end_array().member("additionalProperties", false);
}

std::string FieldList::json_schema(const void* defaults) const {
  JsonWriter json;
  json.begin_object().member("$schema", "https://json-schema.org/draft/2020-12/schema");
  write_object(json, defaults);
  return std::move(json.end_object()).take();
}

std::string write_identity(const Identity& identity, std::string_view schema) {
  JsonWriter json;
  json.begin_object()
      .member("id", identity.id)
      .member("name", identity.title)
      .member("description", identity.about)
      .member("version", identity.version)
      .member("language", "C++")
      .member("stage", stage_name(identity.stage))
      .member("priority", identity.priority)
      .member("min_gateway_version", identity.min_gateway_version);
  json.key("schema").raw(schema);
  return std::move(json.end_object()).take();
}

}  // namespace inner
}  // namespace plugin
}  // namespace mynah

#endif
