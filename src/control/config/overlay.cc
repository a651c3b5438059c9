// SPDX-License-Identifier: Apache-2.0
// From kept JSON to the tree that sections read.
#include "control/config/overlay.h"

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "control/config/sections.h"

namespace mynah::control {

namespace {

constexpr JsonLimits kLimits = {.bytes_max = DocumentLimits{}.bytes,
                                .depth_max = DocumentLimits{}.depth};

// A name that stands twice is reported; elsewhere the last would win in silence.
Node node_of(JsonView value, Mark mark, Problems& problems) {
  Node node;
  node.mark = mark;
  switch (value.kind()) {
    case JsonKind::missing:
    case JsonKind::null:
      break;
    case JsonKind::boolean:
    case JsonKind::number:
      node.kind = Node::Kind::scalar;
      node.text = value.raw();
      break;
    case JsonKind::string:
      node.kind = Node::Kind::scalar;
      node.plain = false;
      node.text = value.text();
      break;
    case JsonKind::array:
      node.kind = Node::Kind::list;
      for (const JsonView item : value.items()) {
        node.items.push_back(node_of(item, mark, problems));
      }
      break;
    case JsonKind::object:
      node.kind = Node::Kind::map;
      for (const auto& [name, member] : value.members()) {
        if (node.find(name) != nullptr) {
          problems.add(mark, cat(in_quotes(name), " stands here a second time"));
          continue;
        }
        node.entries.push_back({std::string(name), mark, node_of(member, mark, problems)});
      }
      break;
  }
  return node;
}

// The object's name stands in its path; in the object itself it may stand as well.
bool has_its_name(const KeptObject& object, Node& node, Mark mark, Problems& problems) {
  const std::string_view field = object.kind == ObjectKind::plugin ? "id" : "name";
  const Entry* entry = node.find(field);
  if (entry == nullptr) {
    Node name;
    name.kind = Node::Kind::scalar;
    name.plain = false;
    name.text = object.name;
    name.mark = mark;
    node.entries.insert(node.entries.begin(), {std::string(field), mark, std::move(name)});
    return true;
  }
  if (entry->value.text == object.name) return true;
  problems.add(mark, cat(field, ": it is ", in_quotes(object.name),
                         " by its path and must be the same here"));
  return false;
}

template <class S>
void read_into(const Section<S>& section, Reader& reader, const Node& node, std::vector<S>& into) {
  section.read(reader, node, into.emplace_back());
}

}  // namespace

std::string_view plural_of(ObjectKind kind) {
  constexpr std::array<std::string_view, 3> kNames = {"services", "routes", "plugins"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string_view word_for(ObjectKind kind) {
  constexpr std::array<std::string_view, 3> kNames = {"service", "route", "plug-in"};
  return kNames[static_cast<std::size_t>(kind)];
}

const KeptObject* find_object(const Overlay& overlay, ObjectKind kind, std::string_view name) {
  const auto found = std::ranges::find_if(overlay, [&](const KeptObject& object) {
    return object.kind == kind && object.name == name;
  });
  return found == overlay.end() ? nullptr : &*found;
}

void read_overlay(const Overlay& overlay, ObjectKind kind, Problems& problems, Reader& reader,
                  model::Config& config) {
  reader.file_names(FileNames::forbidden);
  for (const KeptObject& object : overlay) {
    if (object.kind != kind) continue;
    const Mark mark = problems.add_source(cat(plural_of(kind), "/", object.name));
    const auto json = Json::parse(object.json, kLimits);
    if (!json) {
      problems.add(mark, json.error().what);
      continue;
    }
    Node node = node_of(json->root(), mark, problems);
    if (node.kind == Node::Kind::map && !has_its_name(object, node, mark, problems)) continue;
    switch (kind) {
      case ObjectKind::service:
        read_into(service_section(), reader, node, config.services);
        break;
      case ObjectKind::route:
        read_into(route_section(), reader, node, config.routes);
        break;
      case ObjectKind::plugin:
        read_into(plugin_section(), reader, node, config.plugins);
        break;
    }
  }
  reader.file_names(FileNames::allowed);
}

}  // namespace mynah::control
