// SPDX-License-Identifier: Apache-2.0
// A walk over the JSON Schema as the SDK writes it.
#include "app/plugin_reference.h"

#include <string_view>

#include "base/text.h"

namespace mynah {
namespace {

// Schemas of honest plug-ins end long before.
constexpr int kDepthMax = 16;

// In a table's cell a bar would begin the next one, and a line's end the next row.
std::string cell(std::string_view text) {
  std::string made;
  for (const char c : text) {
    if (c == '|') made += '\\';
    made += c == '\n' || c == '\r' ? ' ' : c;
  }
  return made;
}

std::string shown(JsonView value) {
  return value.is_string() ? cat('"', value.text(), '"') : std::string(value.raw());
}

// "integer, 1 to 100"; "one of "a", "b"".
std::string type_of(JsonView schema) {
  if (const JsonView words = schema["enum"]; words) {
    std::string made;
    for (const JsonView word : words.items()) append(made, made.empty() ? "" : ", ", shown(word));
    return made;
  }
  std::string made(schema["type"].text());
  if (schema["writeOnly"].flag()) return "secret";
  if (made == "array") made = cat("list of ", type_of(schema["items"]));
  if (const JsonView each = schema["additionalProperties"]; each.is_object())
    made = cat("object of ", type_of(each));
  for (const std::string_view kind : {"imum", "Length", "Items"}) {
    const std::string least = kind == "imum" ? "minimum" : cat("min", kind);
    const std::string most = kind == "imum" ? "maximum" : cat("max", kind);
    const JsonView from = schema[least];
    const JsonView to = schema[most];
    if (from) append(made, ", ", to ? "" : "at least ", from.raw());
    if (to) append(made, from ? " to " : ", at most ", to.raw());
    if ((from || to) && kind == "Length") made += " bytes";
    if ((from || to) && kind == "Items") made += " entries";
  }
  return made;
}

class Page final {
 public:
  std::string text;

  // The rows of an object's fields, whose names begin with `path`.
  void rows(JsonView schema, const std::string& path, int depth) {
    if (depth > kDepthMax) return;
    for (const auto field : schema["properties"].members()) {
      row(schema, field.value, field.name, path);
      inside(field.value, cat(path, field.name), depth);
    }
  }

 private:
  void inside(JsonView schema, const std::string& path, int depth) {
    if (schema["properties"]) return rows(schema, path + ".", depth + 1);
    if (const JsonView items = schema["items"]; items) return inside(items, path + "[]", depth + 1);
    if (const JsonView each = schema["additionalProperties"]; each.is_object())
      inside(each, path + ".*", depth + 1);
  }

  void row(JsonView object, JsonView field, std::string_view name, std::string_view path) {
    bool required = false;
    for (const JsonView each : object["required"].items()) required |= each.text() == name;
    const JsonView fallback = field["default"];
    std::string about = cell(field["description"].text());
    for (const JsonView alias : field["x-aliases"].items())
      append(about, "; also `", cell(alias.text()), "`");
    append(text, "| `", cell(path), cell(name), "` | ", cell(type_of(field)), " | ",
           required   ? "required"
           : fallback ? cell(shown(fallback))
                      : "",
           " | ", about, " |\n");
  }
};

}  // namespace

std::string reference_page(JsonView identity) {
  Page page;
  page.text = cat("# ", identity["name"].text(), "\n\n", identity["description"].text(), "\n\n`",
                  identity["id"].text(), "` ", identity["version"].text(), ", stage ",
                  identity["stage"].text(), ", priority ", identity["priority"].raw(),
                  ", for gateways from ", identity["min_gateway_version"].text(), ".\n");
  const std::string head = page.text;
  page.text.clear();
  page.rows(identity["schema"], "", 0);
  if (page.text.empty()) return head + "\nThere is nothing to configure.\n";
  return cat(head, "\n| field | what it may be | default | meaning |\n|---|---|---|---|\n",
             page.text);
}

}  // namespace mynah
