// SPDX-License-Identifier: Apache-2.0
// Reading configurations. One pass over the members of each object; every refusal names the field
// by its path.
#include "mynah/config.h"

#include <algorithm>
#include <cstring>

#include "base/decimal.h"
#include "base/text.h"

namespace mynah {
inline namespace plugin {
namespace inner {

namespace {

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
  const bool negative = number < 0;
  const auto thousandths = static_cast<std::uint64_t>((negative ? -number : number) * 1000);
  std::string text(Decimal(thousandths / 1000, negative).text());
  if (const std::uint64_t rest = thousandths % 1000; rest > 0)
    append_pieces(text, {".", Decimal(1000 + rest).text().substr(1)});
  return text;
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

static bool read_value(Reading reading, JsonView json);

// Where the reader stands, as it is written in messages: a chain of names along the stack, so that
// a configuration without faults costs no text.
struct ConfigStep {
  const ConfigStep* outer;
  std::string_view name;  // tidy: allow string_view: part of the document
  std::size_t index = 0;  // of an element, which has no name
};

// Reads one configuration. Every step answers whether it went well; when not, `what` says why.
class ConfigReader final {
 public:
  std::string what;

  bool object(const FieldList& fields, JsonView json, void* to, const ConfigStep* at);
  bool within(const Field& field, double value, std::string_view shown, const char* unit,
              const ConfigStep* at);
  const Word* choice(const Field& field, std::string_view text, const ConfigStep* at);
  // Whether the text is one of the field's words, if it has any.
  bool chosen(const Field& field, std::string_view text, const ConfigStep* at) {
    return field.choose_ == nullptr || field.choose_(*this, field, text, at) != nullptr;
  }
  bool mistyped(std::string_view wanted, JsonView json, const ConfigStep* at) {
    return refuse(at, "must be %, not %", wanted, name_of(json.kind()));
  }
  // `why` with the pieces in the places of its percent signs.
  bool refuse(const ConfigStep* at, const char* why, std::string_view first = {},
              std::string_view second = {}, std::string_view third = {});
  bool unknown(const FieldList& fields, std::string_view name, const ConfigStep* at);

 private:
  void write_path(const ConfigStep* at);
};

void ConfigReader::write_path(const ConfigStep* at) {
  if (at->outer != nullptr) write_path(at->outer);
  if (at->name.data() == nullptr) {
    append_pieces(what, {"[", Decimal(at->index).text(), "]"});
  } else {
    append_pieces(what, {at->outer == nullptr ? "" : ".", at->name});
  }
}

bool ConfigReader::refuse(const ConfigStep* at, const char* why, std::string_view first,
                          std::string_view second, std::string_view third) {
  what = std::string(at == nullptr ? "the configuration " : "\"");
  if (at != nullptr) {
    write_path(at);
    append_pieces(what, {"\" "});
  }
  for (const std::string_view piece : {first, second, third}) {
    const Halves halves = cut(why, "%");
    append_pieces(what, {halves.before, piece});
    why = halves.after.data();
    if (!halves.found) return false;
  }
  append_pieces(what, {why});
  return false;
}

bool ConfigReader::unknown(const FieldList& fields, std::string_view name, const ConfigStep* at) {
  Rows<std::string_view> names;
  for (const Word& word : fields.words_) {
    if (word.names) names.push_back(word.text);
  }
  const ConfigStep here{at, name};
  what = std::string("unknown field \"");
  write_path(&here);
  const std::string_view meant = nearest(name, {names.begin(), names.size()});
  append_pieces(what,
                {meant.empty() ? "\"" : "\"; did you mean \"", meant, meant.empty() ? "" : "\"?"});
  return false;
}

bool ConfigReader::object(const FieldList& fields, JsonView json, void* to, const ConfigStep* at) {
  if (!json.is_object()) return mistyped("an object", json, at);
  for (const auto member : json.members()) {
    const Field* field = fields.find(member.name);
    if (field == nullptr) {
      if (belongs_to_host(member.name)) continue;
      return unknown(fields, member.name, at);
    }
    const ConfigStep step{at, member.name};
    if (!read_value(
            {*this, *field, *field->type_, false, static_cast<char*>(to) + field->offset_, &step},
            member.value))
      return false;
  }
  for (const Field& field : fields.fields_) {
    bool given = !field.required_;
    if (given) continue;
    for (const auto member : json.members()) given |= fields.find(member.name) == &field;
    const ConfigStep step{at, field.name_};
    if (!given) return refuse(&step, "is required");
  }
  return true;
}

bool ConfigReader::within(const Field& field, double value, std::string_view shown,
                          const char* unit, const ConfigStep* at) {
  const bool below = value < field.least_;
  if (!below && value <= field.most_) return true;
  return refuse(at, below ? "is %%; the least is %" : "is %%; the most is %", shown, unit,
                decimal(below ? field.least_ : field.most_));
}

const Word* ConfigReader::choice(const Field& field, std::string_view text, const ConfigStep* at) {
  std::string words;
  for (const Word& word : field.list_->words_) {
    if (word.names || word.field != field.list_->place(field)) continue;
    if (word.text == text) return &word;
    append_pieces(words, {words.empty() ? "\"" : ", \"", word.text, "\""});
  }
  refuse(at, "is \"%\"; it must be one of %", text.substr(0, 80), words);
  return nullptr;
}

// ---- The kinds of fields

static bool read_value(Reading reading, JsonView json) {
  if (reading.type.enter != nullptr) {
    if (json.is_null()) return true;
    reading.to = reading.type.enter(reading.to);
  }
  return reading.type.read(reading, json);
}

bool read_boolean(const Reading& reading, JsonView json) {
  if (!json.is_boolean()) return reading.reader.mistyped("true or false", json, reading.at);
  *static_cast<bool*>(reading.to) = json.flag();
  return true;
}

bool read_integer(const Reading& reading, JsonView json) {
  ConfigReader& reader = reading.reader;
  if (!json.is_number()) return reader.mistyped("a number", json, reading.at);
  const auto integer = json.integer();
  const Span span = span_of(reading.type);
  if (!integer || *integer < span.least || *integer > span.most) {
    return reader.refuse(reading.at, "is %; it must be a whole number from % to %", json.raw(),
                         Decimal::of(span.least).text(), Decimal::of(span.most).text());
  }
  store_integer(reading.to, reading.type.bytes, *integer);
  return reading.element ||
         reader.within(reading.field, static_cast<double>(*integer), json.raw(), "", reading.at);
}

bool read_number(const Reading& reading, JsonView json) {
  ConfigReader& reader = reading.reader;
  if (!json.is_number()) return reader.mistyped("a number", json, reading.at);
  const auto number = json.number();
  if (!number) return reader.refuse(reading.at, "is %; it is too large", json.raw());
  std::memcpy(reading.to, &*number, sizeof *number);
  return reading.element || reader.within(reading.field, *number, json.raw(), "", reading.at);
}

bool read_text(const Reading& reading, JsonView json) {
  ConfigReader& reader = reading.reader;
  if (!json.is_string()) return reader.mistyped("a text", json, reading.at);
  const std::string_view text = json.text();
  if (!reader.chosen(reading.field, text, reading.at)) return false;
  // A Secret is its text.
  static_assert(sizeof(Secret) == sizeof(std::string));
  *static_cast<std::string*>(reading.to) = std::string(text);
  return reading.element || reader.within(reading.field, static_cast<double>(text.size()),
                                          Decimal(text.size()).text(), " bytes long", reading.at);
}

bool read_choice(const Reading& reading, JsonView json) {
  if (!json.is_string()) return reading.reader.mistyped("a text", json, reading.at);
  const Word* chosen = reading.reader.choice(reading.field, json.text(), reading.at);
  if (chosen == nullptr) return false;
  store_integer(reading.to, reading.type.bytes, chosen->value);
  return true;
}

bool read_object(const Reading& reading, JsonView json) {
  FieldList fields;
  reading.type.describe(fields, reading.to);
  if (!reading.reader.object(fields, json, reading.to, reading.at)) return false;
  if (reading.type.check == nullptr) return true;
  const Status checked = reading.type.check(reading.to);
  return checked || reading.reader.refuse(reading.at, "%", checked.error().what);
}

bool read_elements(const Reading& reading, JsonView json) {
  const FieldType& type = reading.type;
  const bool named = type.kind == FieldKind::named;
  if (named ? !json.is_object() : !json.is_array())
    return reading.reader.mistyped(named ? "an object" : "a list", json, reading.at);
  if (!reading.reader.within(reading.field, static_cast<double>(json.size()),
                             Decimal(json.size()).text(), " entries long", reading.at))
    return false;
  type.clear(reading.to);  // What is given takes the place of the default.
  for (const auto member : json.members()) {
    const ConfigStep step{reading.at, member.name};
    void* to = type.append(reading.to, member.name);
    if (!read_value({reading.reader, reading.field, *type.element, true, to, &step}, member.value))
      return false;
  }
  std::size_t index = 0;
  for (const JsonView item : json.items()) {
    const ConfigStep step{reading.at, {}, index++};
    void* to = type.append(reading.to, {});
    if (!read_value({reading.reader, reading.field, *type.element, true, to, &step}, item))
      return false;
  }
  return true;
}

Field& FieldList::add(std::string_view name, std::string_view about, std::size_t offset,
                      const FieldType& type) {
  fields_.push_back(Field(*this, name, about, offset, type));
  return fields_.back().add(name, 0, true);
}

void FieldList::merge(const FieldList& other, std::size_t offset) {
  const auto before = static_cast<std::uint32_t>(fields_.size());
  for (const Field& field : other.fields_) {
    fields_.push_back(field);
    fields_.back().list_ = this;
    fields_.back().offset_ += offset;
  }
  for (const Word& word : other.words_) {
    words_.push_back(word);
    words_.back().field += before;
  }
}

const Field* FieldList::find(std::string_view name) const {
  for (const Word& word : words_) {
    if (word.names && word.text == name) return &fields_[word.field];
  }
  return nullptr;
}

Status FieldList::read(JsonView json, void* object) const {
  ConfigReader reader;
  if (reader.object(*this, json, object, nullptr)) return ok();
  return Error{Errc::invalid_argument, std::move(reader.what)};
}

}  // namespace inner

Field& Field::add(std::string_view word, std::int64_t value, bool names) {
  list_->words_.push_back({word, value, list_->place(*this), names});
  return *this;
}

Field& Field::add_choice(std::string_view word, std::int64_t value) {
  choose_ = [](inner::ConfigReader& reader, const Field& field, std::string_view text,
               const inner::ConfigStep* at) { return reader.choice(field, text, at); };
  return add(word, value, false);
}

}  // namespace plugin
}  // namespace mynah
