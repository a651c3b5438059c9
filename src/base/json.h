// SPDX-License-Identifier: Apache-2.0
// JSON, for the gateway and for plug-ins: reading into a document, looking things up by path, and
// changing a document without touching the rest of it. json_writer.h writes JSON from scratch.
//
//   MYNAH_LET(Json body, Json::parse(std::move(bytes)));
//   std::string question = body.text("messages.@reverse.0.content");  // "" when there is none
//   for (JsonView choice : body.root()["choices"].items()) use(choice["index"].integer());
//   MYNAH_OK(body.set_text("model", "qwen-max"));  // all other bytes stay
//   send(body.dump());
//
// - A document owns its text exactly as it came: order of members, blanks and the spelling of
//   numbers survive changes.
// - Strict RFC 8259: no comments, no trailing commas, no NaN or Infinity, well-formed UTF-8 only,
//   one value to a text. A lone surrogate, which only an escape can spell, reads as U+FFFD.
// - A name may stand twice in an object, as it does in the wild; every look-up by that name finds
//   the last.
// - A view of what is not there has the kind `missing`, and every look-up on it yields `missing`
//   again: a chain of look-ups needs one test, at its end.
//
// Paths are the part of the gjson dialect that configurations of plug-ins use. Steps are separated
// by dots:
//   a.b          member of an object; `\` takes the meaning from the next character: a\.b is one
//                name
//   a*  a?       first member whose name fits
//   0            element of an array
//   #            at the end: the number of elements; before a step: every element
//   #(a=="x")    first element that has such a member; `#(…)#` all of them. Operators: == != < <=
//                > >= % !% (% compares with a pattern of * and ?); without an operator: has
//                the member; without a name: the element itself
//   @reverse     the array backwards        @this    the same again
//
// A `|` instead of a dot applies what follows to all values found so far, taken together as one
// array: `#.name|0`. Several `#` in one path yield one flat list. A path that makes no sense finds
// nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace mynah {

class JsonItems;
class JsonMembers;

namespace detail {
struct JsonTape;
}

enum class JsonKind : unsigned char { missing, null, boolean, number, string, array, object };

// The kind's name, for messages.
std::string_view name_of(JsonKind kind);

struct JsonLimits {
  std::size_t bytes_max = 100U << 20U;  // at most 256 MiB
  std::size_t depth_max = 100;          // arrays and objects within one another
};

// One value of a document: two words, to be passed by value. Good until the document is changed or
// destroyed; moving the document does not disturb it.
class JsonView final {
 public:
  JsonView() = default;
  JsonView(const detail::JsonTape* tape, std::uint32_t index) : tape_(tape), index_(index) {}

  [[nodiscard]] JsonKind kind() const;
  explicit operator bool() const { return tape_ != nullptr; }  // whether it is there at all
  [[nodiscard]] bool is_null() const { return kind() == JsonKind::null; }
  [[nodiscard]] bool is_boolean() const { return kind() == JsonKind::boolean; }
  [[nodiscard]] bool is_number() const { return kind() == JsonKind::number; }
  [[nodiscard]] bool is_string() const { return kind() == JsonKind::string; }
  [[nodiscard]] bool is_array() const { return kind() == JsonKind::array; }
  [[nodiscard]] bool is_object() const { return kind() == JsonKind::object; }

  // The characters of a string, escapes resolved (NUL among them); "" of anything else.
  [[nodiscard]] std::string_view text() const;
  // Whether it is the literal `true`.
  [[nodiscard]] bool flag() const;
  // The double nearest to a number; none of anything else, or when it lies beyond the doubles.
  [[nodiscard]] std::optional<double> number() const;
  // The exact value of a number that is whole and in range, however it is spelt (10, 10.0, 1e1);
  // else none.
  [[nodiscard]] std::optional<std::int64_t> integer() const;
  [[nodiscard]] std::optional<std::uint64_t> unsigned_integer() const;
  // The value as it stands in the document, valid JSON by itself; "" when missing.
  [[nodiscard]] std::string_view raw() const;

  // The elements of an array and the members of an object, in the order of the text; none of
  // anything else.
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] JsonItems items() const;
  [[nodiscard]] JsonMembers members() const;
  // The member of that very name (not a path); the element at that place. Both walk: iterate to see
  // all.
  [[nodiscard]] JsonView operator[](std::string_view name) const;
  [[nodiscard]] JsonView at(std::size_t index) const;

  // What a path leads to: the first value, all values, or their text: a string's characters; a
  // number or literal as spelt; JSON of an array, an object, or several values; the count for a
  // last `#`; "" of null and of nothing. `find` has no value to give for a last `#`.
  [[nodiscard]] JsonView find(std::string_view path) const;
  [[nodiscard]] std::vector<JsonView> find_all(std::string_view path) const;
  [[nodiscard]] std::string text(std::string_view path) const;
  [[nodiscard]] bool flag(std::string_view path) const { return find(path).flag(); }

 private:
  friend class JsonItems;
  friend class JsonMembers;
  friend class Json;

  const detail::JsonTape* tape_ = nullptr;
  std::uint32_t index_ = 0;
};

// A document: its text, and an index of all its values made in one pass.
class Json final {
 public:
  // Refuses with `line L, column C: what is wrong` (columns in bytes), or Errc::too_large over a
  // limit.
  static Result<Json> parse(std::string text, JsonLimits limits = {});

  Json(Json&&) noexcept;
  Json& operator=(Json&&) noexcept;
  ~Json();
  [[nodiscard]] Json clone() const;

  [[nodiscard]] JsonView root() const;
  // The whole text, and the same taken out of the document, which is then over.
  [[nodiscard]] const std::string& dump() const;
  [[nodiscard]] std::string take_text() &&;

  // Look-ups from the root.
  [[nodiscard]] JsonView operator[](std::string_view name) const { return root()[name]; }
  [[nodiscard]] JsonView find(std::string_view path) const { return root().find(path); }
  [[nodiscard]] std::vector<JsonView> find_all(std::string_view path) const {
    return root().find_all(path);
  }
  [[nodiscard]] std::string text(std::string_view path) const { return root().text(path); }
  [[nodiscard]] bool flag(std::string_view path) const { return root().flag(path); }

  // Changes. A path consists of names and places only (`\` escapes as above); an array takes its
  // own size, or -1, as the place behind its last element. Missing objects on the way are made, and
  // arrays for the places 0 and -1; null gives way to them, any other value is an error. Views
  // taken earlier are void. A failed change changes nothing. Each costs a pass over the document:
  // make many changes by writing a new one.
  Status set(std::string_view path, JsonView value);  // the value may lie in this very document
  Status set_raw(std::string_view path, std::string_view json);
  Status set_text(std::string_view path, std::string_view text);
  Status set_integer(std::string_view path, std::int64_t number);
  Status set_number(std::string_view path, double number);  // null when it is not finite
  Status set_flag(std::string_view path, bool flag);
  // Removing what is not there is no error. All members of the last step's name go.
  Status remove(std::string_view path);

 private:
  explicit Json(std::unique_ptr<detail::JsonTape> tape);
  Status splice(std::string_view path, std::string_view json);
  Status replace_text(std::string text);

  std::unique_ptr<detail::JsonTape> tape_;
};

// for (JsonView item : view.items())
class JsonItems final {
 public:
  class Iterator final {
   public:
    using iterator_category = std::input_iterator_tag;
    using difference_type = std::ptrdiff_t;
    using value_type = JsonView;
    using pointer = const JsonView*;
    using reference = JsonView;

    Iterator() = default;
    explicit Iterator(JsonView at) : at_(at) {}
    JsonView operator*() const { return at_; }
    Iterator& operator++();
    Iterator operator++(int) {
      const Iterator before = *this;
      ++*this;
      return before;
    }
    bool operator==(const Iterator& other) const { return at_.index_ == other.at_.index_; }

   private:
    JsonView at_;
  };

  JsonItems(JsonView first, JsonView past) : first_(first), past_(past) {}
  [[nodiscard]] Iterator begin() const { return Iterator(first_); }
  [[nodiscard]] Iterator end() const { return Iterator(past_); }

 private:
  JsonView first_;
  JsonView past_;
};

struct JsonMember {
  std::string_view name;  // tidy: allow string_view: part of the document, as `value` is
  JsonView value;
};

// for (const auto& [name, value] : view.members())
class JsonMembers final {
 public:
  class Iterator final {
   public:
    using iterator_category = std::input_iterator_tag;
    using difference_type = std::ptrdiff_t;
    using value_type = JsonMember;
    using pointer = const JsonMember*;
    using reference = JsonMember;

    Iterator() = default;
    explicit Iterator(JsonView name) : name_(name) {}
    JsonMember operator*() const { return {name_.text(), JsonView(name_.tape_, name_.index_ + 1)}; }
    // The name as a value of its own: its raw() keeps the spelling.
    [[nodiscard]] JsonView name() const { return name_; }
    Iterator& operator++();
    Iterator operator++(int) {
      const Iterator before = *this;
      ++*this;
      return before;
    }
    bool operator==(const Iterator& other) const { return name_.index_ == other.name_.index_; }

   private:
    JsonView name_;
  };

  JsonMembers(JsonView first, JsonView past) : first_(first), past_(past) {}
  [[nodiscard]] Iterator begin() const { return Iterator(first_); }
  [[nodiscard]] Iterator end() const { return Iterator(past_); }

 private:
  JsonView first_;
  JsonView past_;
};

}  // namespace mynah
