// SPDX-License-Identifier: Apache-2.0
// The configuration of a plug-in: a struct whose fields are described once.
//
//   enum class Mode { open, closed };
//   struct Limit {
//     int requests = 10;
//     std::chrono::milliseconds window{1000};
//     static void describe(Schema<Limit>& schema) {
//       schema.field("requests", &Limit::requests, "how many are allowed").range(1, 1'000'000);
//       schema.field("window", &Limit::window, "in which time, in milliseconds");
//     }
//   };
//   struct Config {
//     Mode mode = Mode::open;
//     Secret key;
//     std::vector<Limit> limits;
//     static void describe(Schema<Config>& schema) {
//       schema.field("mode", &Config::mode, "what happens without a store")
//           .choice("open", Mode::open).choice("closed", Mode::closed);
//       schema.field("apiKey", &Config::key, "the key").alias("token").required();
//       schema.field("limits", &Config::limits, "each must be kept");
//     }
//     Status check() const;      // optional: what no single field can say
//   };
//
// From that come the parser (a wrong type, a value out of range, a missing or an unknown field is
// an error with the field's path and, for an unknown one, the name that was probably meant), the
// defaults (the members' initialisers), and the JSON Schema in the .wasm, from which the console
// draws its form and the reference page is made.
//
// A field may be: bool, an integer, double, std::string, Secret, std::chrono::milliseconds or
// seconds (numbers in that unit), an enumeration with choices, a described struct, and of all these
// std::optional, std::vector (a list) and Named<T> (an object with names of the user's choice).
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "mynah/rows.h"

namespace mynah {

class JsonWriter;

inline namespace plugin {

template <class C>
class Schema;

// Text that is never shown: it takes an explicit reveal() to read it.
class Secret final {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  [[nodiscard]] const std::string& reveal() const& { return text_; }
  const std::string& reveal() const&& = delete;  // It would not outlive the line.
  [[nodiscard]] bool empty() const { return text_.empty(); }

 private:
  std::string text_;
};

template <class T>
using Named = std::vector<std::pair<std::string, T>>;

namespace inner {

struct FieldType;
struct ConfigStep;
class FieldList;
class ConfigReader;

enum class FieldKind : std::uint8_t {
  boolean,
  integer,
  number,
  text,
  secret,
  choice,
  object,
  list,
  named
};

// A word that belongs to a field: a name of it, its own first, or one of the texts that it may be.
struct Word {
  std::string_view text;  // tidy: allow string_view: a literal
  std::int64_t value;     // of a choice
  std::uint32_t field;    // its place in the list
  bool names;
};

}  // namespace inner

// One described field; the calls can be chained. They stand behind field(): the next one ends them.
class Field final {
 public:
  // Both ends are allowed: of a number, or of the length of a text or list.
  Field& range(double least, double most) {
    least_ = least;
    most_ = most;
    return *this;
  }
  // The field must be given.
  Field& required() {
    required_ = true;
    return *this;
  }
  // Another name by which the field is known, for configurations that exist.
  Field& alias(std::string_view name) { return add(name, 0, true); }
  // A word and the value of the enumeration that it stands for.
  template <class E>
    requires std::is_enum_v<E>
  Field& choice(std::string_view name, E value) {
    return add_choice(name, static_cast<std::int64_t>(value));
  }
  // The words that a text may be.
  Field& one_of(std::initializer_list<std::string_view> words) {
    for (const std::string_view word : words) add_choice(word, 0);
    return *this;
  }

 private:
  friend class inner::FieldList;
  friend class inner::ConfigReader;
  Field(inner::FieldList& list, std::string_view name, std::string_view about, std::size_t offset,
        const inner::FieldType& type)
      : list_(&list), name_(name), about_(about), offset_(offset), type_(&type) {}
  Field& add(std::string_view word, std::int64_t value, bool names);
  Field& add_choice(std::string_view word, std::int64_t value);

  inner::FieldList* list_;
  std::string_view name_;   // tidy: allow string_view: literals
  std::string_view about_;  // tidy: allow string_view: literals
  std::size_t offset_;
  const inner::FieldType* type_;
  double least_ = -std::numeric_limits<double>::infinity();
  double most_ = std::numeric_limits<double>::infinity();
  bool required_ = false;
  // What is done when the text must be one of several words: code that only such fields bring.
  const inner::Word* (*choose_)(inner::ConfigReader&, const Field&, std::string_view,
                                const inner::ConfigStep*) = nullptr;
};

namespace inner {

// How one kind of field is read. A plug-in carries the code of those kinds that it uses.
struct Reading {
  ConfigReader& reader;
  const Field& field;
  const FieldType& type;
  bool element;  // of a list or named: the field's range is not the element's
  void* to;
  const ConfigStep* at;
};
bool read_boolean(const Reading& reading, JsonView json);
bool read_integer(const Reading& reading, JsonView json);
bool read_number(const Reading& reading, JsonView json);
bool read_text(const Reading& reading, JsonView json);
bool read_choice(const Reading& reading, JsonView json);
bool read_object(const Reading& reading, JsonView json);
bool read_elements(const Reading& reading, JsonView json);

// What one C++ type needs so that code for all types is written once.
struct FieldType {
  FieldKind kind;
  bool (*read)(const Reading& reading, JsonView json);
  const FieldType* element = nullptr;  // of a list or named
  std::uint8_t bytes = 0;              // of an integer or choice
  bool is_signed = false;
  void* (*enter)(void* optional) = nullptr;             // std::optional: makes and gives its value
  const void* (*look)(const void* optional) = nullptr;  // its value, if it has one
  void* (*append)(void* list, std::string_view name) = nullptr;  // a new element
  void (*clear)(void* list) = nullptr;
  // A struct: lists its fields, which stand where those of `object` do.
  void (*describe)(FieldList& fields, const void* object) = nullptr;
#if !defined(__wasm__) || defined(MYNAH_DESCRIBE)
  const void* (*defaults)() = nullptr;  // such an object
#endif
  Status (*check)(const void* object) = nullptr;
};

// The fields of one struct, with where they stand in it.
class FieldList final {
 public:
  FieldList() = default;
  FieldList(const FieldList&) = delete;

  Field& add(std::string_view name, std::string_view about, std::size_t offset,
             const FieldType& type);
  // Adds the fields of a struct that lies at `offset` in this one.
  void merge(const FieldList& other, std::size_t offset);

  // Fills `object` from JSON.
  [[nodiscard]] Status read(JsonView json, void* object) const;
  // JSON Schema of the struct, with the defaults that `defaults` holds.
  [[nodiscard]] std::string json_schema(const void* defaults) const;

 private:
  friend class mynah::plugin::Field;
  friend class ConfigReader;

  [[nodiscard]] std::uint32_t place(const Field& field) const {
    return static_cast<std::uint32_t>(&field - fields_.begin());
  }
  [[nodiscard]] const Field* find(std::string_view name) const;
  void write_object(JsonWriter& json, const void* defaults) const;
  static void write_schema(const Field& field, const FieldType& type, bool element,
                           JsonWriter& json);
  static void write_default(const Field& field, const FieldType& type, const void* value,
                            JsonWriter& json);

  Rows<Field> fields_;
  Rows<Word> words_;
};

template <class T>
concept Described = requires(Schema<T>& schema) { T::describe(schema); };

template <class C>
void describe_fields(FieldList& fields, const void* object);
template <class T>
constexpr FieldType make_field_type();
template <class T>
inline constexpr FieldType kFieldType = make_field_type<T>();

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <class T>
struct IsList : std::false_type {};
template <class T>
struct IsList<std::vector<T>> : std::true_type {};
template <class T>
struct IsNamed : std::false_type {};
template <class T>
struct IsNamed<Named<T>> : std::true_type {};

template <class T>
constexpr FieldType make_field_type() {
  if constexpr (std::same_as<T, bool>) {
    return {.kind = FieldKind::boolean, .read = read_boolean};
  } else if constexpr (std::same_as<T, std::string>) {
    return {.kind = FieldKind::text, .read = read_text};
  } else if constexpr (std::same_as<T, Secret>) {
    return {.kind = FieldKind::secret, .read = read_text};
  } else if constexpr (std::same_as<T, double>) {
    return {.kind = FieldKind::number, .read = read_number};
  } else if constexpr (std::is_enum_v<T>) {
    return {.kind = FieldKind::choice, .read = read_choice, .bytes = sizeof(T)};
  } else if constexpr (std::integral<T>) {
    return {.kind = FieldKind::integer,
            .read = read_integer,
            .bytes = sizeof(T),
            .is_signed = std::is_signed_v<T>};
  } else if constexpr (std::same_as<T, std::chrono::milliseconds> ||
                       std::same_as<T, std::chrono::seconds>) {
    static_assert(sizeof(T) == sizeof(std::int64_t));
    return {
        .kind = FieldKind::integer, .read = read_integer, .bytes = sizeof(T), .is_signed = true};
  } else if constexpr (IsOptional<T>::value) {
    FieldType type = make_field_type<typename T::value_type>();
    static_assert(!IsOptional<typename T::value_type>::value);
    type.enter = [](void* optional) -> void* { return &static_cast<T*>(optional)->emplace(); };
    type.look = [](const void* optional) -> const void* {
      const T& held = *static_cast<const T*>(optional);
      return held ? &*held : nullptr;
    };
    return type;
  } else if constexpr (IsNamed<T>::value) {
    return {.kind = FieldKind::named,
            .read = read_elements,
            .element = &kFieldType<typename T::value_type::second_type>,
            .append = [](void* list, std::string_view name) -> void* {
              return &static_cast<T*>(list)
                          ->emplace_back(std::string(name), typename T::value_type::second_type())
                          .second;
            },
            .clear = [](void* list) { static_cast<T*>(list)->clear(); }};
  } else if constexpr (IsList<T>::value) {
    static_assert(!std::same_as<T, std::vector<bool>>);
    return {.kind = FieldKind::list,
            .read = read_elements,
            .element = &kFieldType<typename T::value_type>,
            .append = [](void* list, std::string_view) -> void* {
              return &static_cast<T*>(list)->emplace_back();
            },
            .clear = [](void* list) { static_cast<T*>(list)->clear(); }};
  } else {
    static_assert(
        Described<T>,
        "a field's type is one that config.h lists, or a struct with describe(Schema<T>&)");
    FieldType type{.kind = FieldKind::object, .read = read_object, .describe = describe_fields<T>};
#if !defined(__wasm__) || defined(MYNAH_DESCRIBE)
    type.defaults = [] -> const void* {
      static const T made;
      return &made;
    };
#endif
    if constexpr (requires(const T& object) { object.check(); }) {
      type.check = [](const void* object) { return static_cast<const T*>(object)->check(); };
    }
    return type;
  }
}

}  // namespace inner

template <class C>
class Schema final {
 public:
  // Where fields stand is measured in `object`.
  Schema(inner::FieldList& fields, const C& object) : fields_(fields), object_(object) {}

  // `about` is one sentence or less for people who fill the form.
  template <class T>
  [[gnu::always_inline]] Field& field(std::string_view name, T C::* member,
                                      std::string_view about) {
#if defined(__wasm__) && !defined(MYNAH_DESCRIBE)
    about = {};  // The texts travel in the identity, not in the code.
#endif
    return fields_.add(name, about, offset_of(member), inner::kFieldType<T>);
  }

  // The fields of a described member, as if they were the struct's own.
  template <inner::Described T>
  void merge(T C::* member) {
    inner::FieldList fields;
    inner::describe_fields<T>(fields, &(object_.*member));
    fields_.merge(fields, offset_of(member));
  }

 private:
  template <class T>
  [[nodiscard]] std::size_t offset_of(T C::* member) const {
    return reinterpret_cast<std::uintptr_t>(&(object_.*member)) -
           reinterpret_cast<std::uintptr_t>(&object_);
  }

  inner::FieldList& fields_;
  const C& object_;
};

namespace inner {

template <class C>
void describe_fields(FieldList& fields, const void* object) {
  Schema<C> schema(fields, *static_cast<const C*>(object));
  C::describe(schema);
}

}  // namespace inner

// Reads a configuration.
template <class C>
Result<C> parse_config(JsonView json) {
  C config;
  inner::FieldList fields;
  inner::describe_fields<C>(fields, &config);
  MYNAH_OK(fields.read(json, &config));
  if constexpr (requires { config.check(); }) MYNAH_OK(config.check());
  return config;
}

// The JSON Schema of a configuration.
template <class C>
std::string json_schema() {
  const C defaults;
  inner::FieldList fields;
  inner::describe_fields<C>(fields, &defaults);
  return fields.json_schema(&defaults);
}

}  // namespace plugin
}  // namespace mynah
