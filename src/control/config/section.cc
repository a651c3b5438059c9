// SPDX-License-Identifier: Apache-2.0
// The checks of a section that need no type: names of fields, choices, fields that must be there.
#include "control/config/section.h"

#include <algorithm>
#include <array>

namespace mynah::control {

namespace {

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    append(out, i == 0 ? "" : (i + 1 == names.size() ? " and " : ", "), in_quotes(names[i]));
  }
  return out;
}

// Returns the names that were probably meant, so that nobody also complains that they are missing.
std::vector<std::string_view> check_names(const SectionInfo& section, Reader& reader,
                                          const Node& node) {
  std::vector<std::string_view> meant;
  for (const Entry& entry : node.entries) {
    const auto has_name = [&entry](const FieldInfo& field) { return field.name == entry.key; };
    if (std::ranges::any_of(section.fields, has_name)) continue;
    std::vector<std::string_view> known;
    for (const FieldInfo& field : section.fields) {
      if (node.find(field.name) == nullptr) known.push_back(field.name);
    }
    meant.push_back(nearest(entry.key, known));
    reader.problem(entry.mark,
                   cat("unknown field ", in_quotes(entry.key), suggestion(entry.key, known)));
  }
  return meant;
}

void check_choice(const Choice& choice, Reader& reader, const Node& node,
                  const std::vector<std::string_view>& meant) {
  const Entry* first = nullptr;
  for (const std::string& name : choice.fields) {
    const Entry* entry = node.find(name);
    if (entry == nullptr) continue;
    if (first != nullptr) {
      reader.problem(std::max(entry->mark, first->mark),
                     cat("at most one of ", listed(choice.fields), " may be given"));
      return;
    }
    first = entry;
  }
  const auto is_meant = [&meant](const std::string& field) {
    return std::ranges::find(meant, field) != meant.end();
  };
  if (first == nullptr && choice.required && std::ranges::none_of(choice.fields, is_meant)) {
    reader.problem(node.mark, cat("one of ", listed(choice.fields), " is missing"));
  }
}

}  // namespace

void check_shape(const SectionInfo& section, Reader& reader, const Node& node) {
  const auto meant = check_names(section, reader, node);
  for (const FieldInfo& field : section.fields) {
    if (!field.required || node.find(field.name) != nullptr) continue;
    if (std::ranges::find(meant, field.name) != meant.end()) continue;
    reader.problem(node.mark, cat("the field ", in_quotes(field.name), " is missing"));
  }
  for (const Choice& choice : section.choices) check_choice(choice, reader, node, meant);
}

std::string_view name_of(Node::Kind kind) {
  constexpr std::array<std::string_view, 4> kNames = {"nothing", "a value", "a list", "a map"};
  return kNames[static_cast<std::size_t>(kind)];
}

void unexpected(Reader& reader, const Node& node, std::string_view expected) {
  reader.problem(node.mark, cat("expected ", expected, ", got ",
                                node.kind == Node::Kind::scalar ? in_quotes(node.text)
                                                                : std::string(name_of(node.kind))));
}

}  // namespace mynah::control
