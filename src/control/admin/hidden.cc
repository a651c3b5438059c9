// SPDX-License-Identifier: Apache-2.0
// Names that speak of secrets are compared without case, hyphens and underscores.
#include "control/admin/hidden.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/json_writer.h"
#include "base/text.h"

namespace mynah::control {

namespace {

constexpr std::array<std::string_view, 10> kTelling = {
    "password", "passwd", "secret",     "token",      "apikey",
    "auth",     "cookie", "credential", "privatekey", "accesskey"};

enum class Below : unsigned char { shown, hidden };

bool speaks_of_secrets(std::string_view name) {
  std::string plain = lower(name);
  std::erase_if(plain, [](char c) { return c == '-' || c == '_'; });
  if (plain == "key" || plain == "keys" || plain == "environment") return true;
  return std::ranges::any_of(
      kTelling, [&plain](std::string_view word) { return plain.find(word) != std::string::npos; });
}

bool is_url_with_user(std::string_view text) {
  const Halves parts = cut(text, "://");
  return parts.found && parts.after.substr(0, parts.after.find('/')).contains('@');
}

void write(JsonView value, Below below, JsonWriter& json) {
  switch (value.kind()) {
    case JsonKind::string: {
      const bool hide = below == Below::hidden || is_url_with_user(value.text());
      hide ? json.value(kHidden) : json.value(value);
      return;
    }
    case JsonKind::array:
      json.begin_array();
      for (const JsonView item : value.items()) write(item, below, json);
      json.end_array();
      return;
    case JsonKind::object:
      json.begin_object();
      for (const auto& [name, member] : value.members()) {
        json.key(name);
        write(member, speaks_of_secrets(name) ? Below::hidden : below, json);
      }
      json.end_object();
      return;
    default:
      json.value(value);
  }
}

}  // namespace

std::string without_secrets(JsonView value) {
  JsonWriter json;
  write(value, Below::shown, json);
  return std::move(json).take();
}

std::string without_secrets(const std::string& json) {
  if (json.empty()) return {};
  const auto parsed = Json::parse(json);
  return parsed ? without_secrets(parsed->root()) : json_string(kHidden);
}

}  // namespace mynah::control
