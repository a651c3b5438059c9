// SPDX-License-Identifier: Apache-2.0
// From the sections to a schema and to a page.
#include "control/config/describe.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "control/config/indent.h"
#include "control/config/sections.h"

namespace mynah::control {

namespace {

// The file's section and all that it consists of, each once, those of one level together.
std::vector<const SectionInfo*> all_sections() {
  std::vector<const SectionInfo*> sections = {&config_section().info()};
  for (std::size_t i = 0; i < sections.size(); ++i) {
    for (const FieldInfo& field : sections[i]->fields) {
      const SectionInfo* parts = field.kind.parts;
      if (parts != nullptr && std::ranges::find(sections, parts) == sections.end()) {
        sections.push_back(parts);
      }
    }
  }
  return sections;
}

// The kind's schema with the field's doc and default beside it.
std::string field_schema(const FieldInfo& field) {
  std::string schema = field.kind.schema;
  schema.pop_back();
  append(schema, R"(,"description":)", json_string(field.doc));
  if (!field.default_json.empty()) append(schema, R"(,"default":)", field.default_json);
  return schema + "}";
}

// Exactly one of the fields, or for each two of them: not both.
std::string choice_schema(const Choice& choice) {
  std::string out;
  if (choice.required) {
    for (const std::string& field : choice.fields) {
      append(out, out.empty() ? "" : ",", R"({"required":[)", json_string(field), "]}");
    }
    return cat(R"({"oneOf":[)", out, "]}");
  }
  for (std::size_t i = 0; i < choice.fields.size(); ++i) {
    for (std::size_t j = i + 1; j < choice.fields.size(); ++j) {
      append(out, out.empty() ? "" : ",", R"({"not":{"required":[)", json_string(choice.fields[i]),
             ",", json_string(choice.fields[j]), "]}}");
    }
  }
  return out;
}

std::string section_schema(const SectionInfo& section) {
  std::string properties;
  std::string required;
  std::string choices;
  for (const FieldInfo& field : section.fields) {
    append(properties, properties.empty() ? "" : ",", json_string(field.name), ":",
           field_schema(field));
    if (field.required) append(required, required.empty() ? "" : ",", json_string(field.name));
  }
  for (const Choice& choice : section.choices) {
    append(choices, choices.empty() ? "" : ",", choice_schema(choice));
  }
  std::string out = cat(R"({"type":"object","description":)", json_string(section.doc),
                        R"(,"properties":{)", properties, R"(},"additionalProperties":false)");
  if (!required.empty()) append(out, R"(,"required":[)", required, "]");
  if (!choices.empty()) append(out, R"(,"allOf":[)", choices, "]");
  return out + "}";
}

// Text in a cell of a table.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) append(out, c == '|' ? "\\" : "", c);
  return out;
}

std::string kind_cell(const KindInfo& kind) {
  if (kind.parts == nullptr) return cell(kind.word);
  const std::string& name = kind.parts->name;
  std::string word = kind.word;
  if (const std::size_t at = word.rfind(name); at != std::string::npos) {
    word.replace(at, name.size(), cat("[", name, "](#", name, ")"));
  }
  return cell(word);
}

std::string fields_in_words(const std::vector<std::string>& fields) {
  std::string out;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    append(out, i == 0 ? "" : (i + 1 == fields.size() ? " and " : ", "), "`", fields[i], "`");
  }
  return out;
}

void write_section(std::string& out, const SectionInfo& section) {
  append(out, "\n## ", section.name, "\n\n", section.doc, "\n");
  for (const Choice& choice : section.choices) {
    append(out, "\n", choice.required ? "One" : "At most one", " of ",
           fields_in_words(choice.fields), choice.required ? " must" : " may", " be given.\n");
  }
  out += "\n| field | kind | default | meaning |\n|---|---|---|---|\n";
  for (const FieldInfo& field : section.fields) {
    const std::string standard =
        field.default_json.empty() ? "" : cat("`", field.default_json, "`");
    append(out, "| `", field.name, "` | ", kind_cell(field.kind), " | ",
           field.required ? "required" : cell(standard), " | ", cell(field.doc), " |\n");
  }
}

constexpr std::string_view kIntroduction =
    R"(<!-- Generated from src/control/config: do not edit. -->
# The configuration file

Every field that a configuration file may hold. How to write one is told in
[the guide](../guide/configuration.md); editors complete and check it with
[`schema/config.schema.json`](../../schema/config.schema.json).

- A *duration* is a number with a unit: `500ms`, `10s`, `5m`, `1h`, `7d`, or several: `1h30m`.
- A *size* is a number of bytes, or one with a unit: `64KiB`, `32MiB`, `1GiB`, `10kB`, `5MB`.
- A relative *file* or *path* starts from the folder of the configuration file.
- A *name* has 1 to 128 letters, digits, and `.`, `_`, `-`, `/` between them.
- A *regular expression* has the syntax of RE2.
)";

}  // namespace

std::string config_schema() {
  std::string definitions =
      R"("duration":{"type":["string","integer"],"pattern":"^(0|([0-9]+(ms|s|m|min|h|d))+)$",)"
      R"("description":"A duration: 500ms, 10s, 5m, 1h, 7d."},)"
      R"("size":{"type":["string","integer"],"pattern":"^[0-9]+(B|[kK]B|MB|GB|KiB|MiB|GiB)?$",)"
      R"("description":"Bytes: 4096, 64KiB, 32MiB, 1GiB."},)"
      R"("name":{"type":"string","pattern":"^[A-Za-z0-9_]([A-Za-z0-9._/-]*[A-Za-z0-9_])?$",)"
      R"("maxLength":128})";
  for (const SectionInfo* section : all_sections()) {
    if (section == &config_section().info()) continue;
    append(definitions, ",", json_string(section->name), ":", section_schema(*section));
  }
  std::string schema = section_schema(config_section().info());
  schema.pop_back();
  return indented(cat(R"({"$schema":"https://json-schema.org/draft/2020-12/schema",)"
                      R"("$comment":"Generated from src/control/config: do not edit.",)"
                      R"("title":"Mynah's configuration file",)",
                      std::string_view(schema).substr(1), R"(,"$defs":{)", definitions, "}}"));
}

std::string config_reference() {
  std::string page(kIntroduction);
  for (const SectionInfo* section : all_sections()) write_section(page, *section);
  return page;
}

}  // namespace mynah::control
