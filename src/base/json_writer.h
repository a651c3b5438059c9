// SPDX-License-Identifier: Apache-2.0
// Writing JSON from scratch, straight into text:
//
//   JsonWriter json;
//   json.begin_object();
//   json.member("model", model).member("stream", true);
//   json.key("messages").begin_array();
//   json.begin_object().member("role", "user").member("content", question).end_object();
//   json.end_array().end_object();
//   send(std::move(json).take());
//
// Commas are set by the writer; names and values must come in turn, and what was begun must be
// ended, which is checked. Text is escaped as JSON asks and no further; what is not UTF-8 in it
// becomes U+FFFD. NaN and infinities become null.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/text.h"

namespace mynah {

// Appends the text as a JSON string, quotes included.
void append_json_string(std::string& to, std::string_view text);
inline std::string json_string(std::string_view text) {
  std::string quoted;
  append_json_string(quoted, text);
  return quoted;
}

class JsonWriter final {
 public:
  JsonWriter() = default;
  // Appends to text that is there already, a log line's or a frame's beginning.
  explicit JsonWriter(std::string begun) : text_(std::move(begun)) {}

  JsonWriter& begin_object() { return begin('{'); }
  JsonWriter& end_object() { return end('}'); }
  JsonWriter& begin_array() { return begin('['); }
  JsonWriter& end_array() { return end(']'); }

  JsonWriter& key(std::string_view name);

  JsonWriter& value(std::string_view text);
  JsonWriter& value(const std::string& text) { return value(std::string_view(text)); }
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(std::same_as<bool> auto flag) { return raw(flag ? "true" : "false"); }
  template <std::integral T>
    requires(!std::same_as<T, bool> && !std::same_as<T, char>)
  JsonWriter& value(T number) {
    return raw(CatPiece(number).text());
  }
  JsonWriter& value(double number);
  JsonWriter& value(JsonView value) { return value ? raw(value.raw()) : null(); }
  JsonWriter& null() { return raw("null"); }
  // What is valid JSON already; not looked at.
  JsonWriter& raw(std::string_view json);

  template <class T>
  JsonWriter& member(std::string_view name, const T& content) {
    return key(name).value(content);
  }

  // What has been written so far; and the whole, once everything that was begun is ended.
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] std::string take() &&;

 private:
  JsonWriter& begin(char bracket);
  JsonWriter& end(char bracket);
  void before_value();

  std::string text_;
  std::string open_;      // the closing brackets that are owed, innermost last
  bool follows_ = false;  // a value stands before this place on the same level
  bool named_ = false;    // a name stands before this place and waits for its value
};

}  // namespace mynah
