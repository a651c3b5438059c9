// SPDX-License-Identifier: Apache-2.0
// Reading configurations. One pass over the members of each object; every refusal names the field
// by its path.
#include "mynah/config.h"

#include <algorithm>
#include <cstring>

#include "base/text.h"

namespace mynah {
inline namespace plugin {
namespace inner {

namespace {

Error refused(std::string_view path, std::string_view why) {
  return Error{Errc::invalid_argument,
               path.empty() ? cat("the configuration ", why) : cat("\"", path, "\" ", why)};
}

// Adds a name to a path while it lives.
class Step final {
 public:
  Step(std::string& path, std::string_view name) : path_(path), before_(path.size()) {
    if (!path_.empty() && !name.starts_with('[')) path_ += '.';
    path_ += name;
  }
  Step(const Step&) = delete;
  ~Step() { path_.resize(before_); }

 private:
  std::string& path_;
  std::size_t before_;
};

// Names that hosts put into a plug-in's configuration: _rules_, _match_route_ …
bool belongs_to_host(std::string_view name) {
  return name.size() > 2 && name.front() == '_' && name.back() == '_';
}

void store_integer(void* to, std::uint8_t bytes, std::int64_t value) {
  // The machine and the processors that plug-ins are tested on keep the low byte first.
  std::memcpy(to, &value, bytes);
}

// A bound as text, to three places: the library's spelling of doubles takes more room than all the
// rest of a small plug-in.
std::string decimal(double number) {
  const auto thousandths = static_cast<std::int64_t>(number * 1000);
  const std::int64_t rest = (thousandths < 0 ? -thousandths : thousandths) % 1000;
  if (rest == 0) return cat(thousandths / 1000);
  return cat(thousandths < 0 ? "-" : "", (thousandths < 0 ? -thousandths : thousandths) / 1000, ".",
             cat(1000 + rest).substr(1));
}

struct Span {
  std::int64_t least;
  std::int64_t most;
};

Span span_of(const FieldType& type) {
  const int bits = type.bytes * 8;
  if (type.bytes == 8) return {type.is_signed ? INT64_MIN : 0, INT64_MAX};
  if (!type.is_signed) return {0, (std::int64_t{1} << bits) - 1};
  return {-(std::int64_t{1} << (bits - 1)), (std::int64_t{1} << (bits - 1)) - 1};
}

}  // namespace

Field& FieldList::add(std::string_view name, std::string_view about, std::size_t offset,
                      const FieldType& type) {
  fields_.push_back(Field(name, about, offset, type));
  return fields_.back();
}

void FieldList::merge(const FieldList& other, std::size_t offset) {
  for (const Field& field : other.fields_) {
    fields_.push_back(field);
    fields_.back().offset_ += offset;
  }
}

const Field* FieldList::find(std::string_view name) const {
  for (const Field& field : fields_) {
    if (field.name_ == name || std::ranges::find(field.aliases_, name) != field.aliases_.end())
      return &field;
  }
  return nullptr;
}

Error FieldList::unknown(std::string_view name, std::string_view path) const {
  std::vector<std::string_view> names;
  for (const Field& field : fields_) {
    names.push_back(field.name_);
    names.insert(names.end(), field.aliases_.begin(), field.aliases_.end());
  }
  const std::string_view meant = nearest(name, names);
  std::string what = cat("unknown field \"", path, path.empty() ? "" : ".", name, "\"");
  if (!meant.empty()) append(what, "; did you mean \"", meant, "\"?");
  return Error{Errc::invalid_argument, std::move(what)};
}

Status FieldList::read(JsonView json, void* object, std::string& path) const {
  if (!json.is_object()) return refused(path, cat("must be an object, not ", name_of(json.kind())));
  std::vector<bool> given(fields_.size());
  for (const auto member : json.members()) {
    const Field* field = find(member.name);
    if (field == nullptr) {
      if (belongs_to_host(member.name)) continue;
      return unknown(member.name, path);
    }
    const Step step(path, member.name);
    given[static_cast<std::size_t>(field - fields_.data())] = true;
    MYNAH_OK(read_value(*field, *field->type_, member.value,
                        static_cast<char*>(object) + field->offset_, path));
  }
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    if (!fields_[i].required_ || given[i]) continue;
    const Step step(path, fields_[i].name_);
    return refused(path, "is required");
  }
  return ok();
}

Status FieldList::read_value(const Field& field, const FieldType& type, JsonView json, void* to,
                             std::string& path) const {
  if (type.enter != nullptr) {
    if (json.is_null()) return ok();
    to = type.enter(to);
  }
  switch (type.kind) {
    case FieldKind::boolean:
      if (!json.is_boolean())
        return refused(path, cat("must be true or false, not ", name_of(json.kind())));
      *static_cast<bool*>(to) = json.flag();
      return ok();
    case FieldKind::integer:
    case FieldKind::number:
      return read_number(field, type, json, to, path);
    case FieldKind::text:
    case FieldKind::secret:
    case FieldKind::choice:
      return read_text(field, type, json, to, path);
    case FieldKind::list:
    case FieldKind::named:
      return read_elements(field, type, json, to, path);
    case FieldKind::object:
      break;
  }
  FieldList fields;
  type.describe(fields);
  MYNAH_OK(fields.read(json, to, path));
  if (type.check == nullptr) return ok();
  if (const Status checked = type.check(to); !checked) return refused(path, checked.error().what);
  return ok();
}

Status FieldList::read_number(const Field& field, const FieldType& type, JsonView json, void* to,
                              std::string_view path) const {
  if (!json.is_number()) return refused(path, cat("must be a number, not ", name_of(json.kind())));
  if (type.fraction != nullptr) {
    const auto number = type.fraction(json);
    if (!number) return refused(path, cat("is ", json.raw(), "; it is too large"));
    MYNAH_OK(within(field, *number, json.raw(), path));
    std::memcpy(to, &*number, sizeof *number);
    return ok();
  }
  const auto integer = json.integer();
  const Span span = span_of(type);
  if (!integer || *integer < span.least || *integer > span.most) {
    return refused(path, cat("is ", json.raw(), "; it must be a whole number from ", span.least,
                             " to ", span.most));
  }
  MYNAH_OK(within(field, static_cast<double>(*integer), json.raw(), path));
  store_integer(to, type.bytes, *integer);
  return ok();
}

Status FieldList::within(const Field& field, double value, std::string_view shown,
                         std::string_view path) {
  const bool below = value < field.least_;
  if (!below && value <= field.most_) return ok();
  return refused(path, cat("is ", shown, "; the ", below ? "least is " : "most is ",
                           decimal(below ? field.least_ : field.most_)));
}

Status FieldList::read_text(const Field& field, const FieldType& type, JsonView json, void* to,
                            std::string_view path) const {
  if (!json.is_string()) return refused(path, cat("must be a text, not ", name_of(json.kind())));
  const std::string_view text = json.text();
  if (!field.choices_.empty()) {
    const auto chosen = std::ranges::find(field.choices_, text, &Choice::name);
    if (chosen == field.choices_.end()) {
      std::string words;
      for (const Choice& choice : field.choices_)
        append(words, words.empty() ? "\"" : ", \"", choice.name, "\"");
      return refused(path, cat("is \"", text.substr(0, 80), "\"; it must be one of ", words));
    }
    if (type.kind == FieldKind::choice) {
      store_integer(to, type.bytes, chosen->value);
      return ok();
    }
  }
  MYNAH_CHECK(type.kind != FieldKind::choice);  // An enumeration is described with its choices.
  MYNAH_OK(within(field, static_cast<double>(text.size()), cat(text.size(), " bytes long"), path));
  if (type.kind == FieldKind::secret) {
    *static_cast<Secret*>(to) = Secret(std::string(text));
  } else {
    *static_cast<std::string*>(to) = text;
  }
  return ok();
}

Status FieldList::read_elements(const Field& field, const FieldType& type, JsonView json, void* to,
                                std::string& path) const {
  const bool named = type.kind == FieldKind::named;
  if (named ? !json.is_object() : !json.is_array()) {
    return refused(path,
                   cat("must be ", named ? "an object" : "a list", ", not ", name_of(json.kind())));
  }
  MYNAH_OK(
      within(field, static_cast<double>(json.size()), cat(json.size(), " entries long"), path));
  // The field's range is that of the list; its elements have their type's.
  Field element = field;
  element.least_ = -std::numeric_limits<double>::infinity();
  element.most_ = std::numeric_limits<double>::infinity();
  type.clear(to);  // What is given takes the place of the default.
  if (named) {
    for (const auto member : json.members()) {
      const Step step(path, member.name);
      MYNAH_OK(
          read_value(element, *type.element, member.value, type.append(to, member.name), path));
    }
    return ok();
  }
  std::size_t index = 0;
  for (const JsonView item : json.items()) {
    const Step step(path, cat("[", index++, "]"));
    MYNAH_OK(read_value(element, *type.element, item, type.append(to, {}), path));
  }
  return ok();
}

}  // namespace inner
}  // namespace plugin
}  // namespace mynah
