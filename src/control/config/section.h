// SPDX-License-Identifier: Apache-2.0
// Section<S>: one description of what a struct of the model looks like in a file: its fields, each
// with its name, its kind of value, its place in the struct and a sentence for people. From this
// one description come the reading with all its errors, the JSON Schema and the reference page.
//
//   Section<Listener> section("listener", "A socket that clients connect to.");
//   section.field("address", &Listener::address, address(), "Where to listen.", Presence::required)
//       .field("proxy_protocol", &Listener::proxy_protocol, flag(), "Whether …");
//
// Kind<T> is how one value is read into a T, shown as a default, and described; kinds.h has them.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "control/config/document.h"
#include "control/config/reader.h"

namespace mynah::control {

struct SectionInfo;

// What people and tools are told about a kind of value.
struct KindInfo {
  std::string word;                    // "duration", "list of addresses".
  std::string schema;                  // A JSON Schema, as JSON.
  const SectionInfo* parts = nullptr;  // The section that the value consists of, if it does.
};

template <class T>
struct Kind {
  KindInfo info;
  std::function<void(Reader&, const Node&, T&)> read;
  std::function<std::string(const T&)> show;  // As JSON; empty when there is nothing to show.
};

enum class Presence : std::uint8_t { optional, required };

struct FieldInfo {
  std::string name;
  KindInfo kind;
  std::string default_json;  // Empty: none worth showing.
  std::string doc;
  bool required = false;
};

// Of these fields at most one may be there, or exactly one.
struct Choice {
  std::vector<std::string> fields;
  bool required = false;
};

struct SectionInfo {
  std::string name;
  std::string doc;
  std::vector<FieldInfo> fields;
  std::vector<Choice> choices;
};

// Reports keys that no field has, choices that are not met, fields that are missing.
void check_shape(const SectionInfo& section, Reader& reader, const Node& node);

// "a map" and the like, for "expected …, got a list".
std::string_view name_of(Node::Kind kind);
// Reports "expected …, got …".
void unexpected(Reader& reader, const Node& node, std::string_view expected);

template <class S>
class Section final {
 public:
  Section(std::string name, std::string doc) {
    info_.name = std::move(name), info_.doc = std::move(doc);
  }

  template <class T>
  Section& field(std::string name, T S::* member, Kind<T> kind, std::string doc,
                 Presence presence = Presence::optional) {
    return add<T>(
        std::move(name), [member](S& owner) -> T& { return owner.*member; }, std::move(kind),
        std::move(doc), presence);
  }

  // A field whose value is not a plain member: `place` makes room for it (it chooses the
  // alternative of a variant, say) and tells where.
  template <class T>
  Section& field_at(std::string name, T& (*place)(S&), Kind<T> kind, std::string doc,
                    Presence presence = Presence::optional) {
    return add<T>(std::move(name), place, std::move(kind), std::move(doc), presence);
  }

  Section& choice(Presence presence, std::vector<std::string> fields) {
    info_.choices.push_back({std::move(fields), presence == Presence::required});
    return *this;
  }

  // What must hold between fields. Runs after all of them were read.
  Section& check(std::function<void(Reader&, const Node&, S&)> check) {
    checks_.push_back(std::move(check));
    return *this;
  }

  void read(Reader& reader, const Node& node, S& into) const {
    if (node.kind != Node::Kind::map) return unexpected(reader, node, "a map");
    check_shape(info_, reader, node);
    for (const Field& field : fields_) {
      const Entry* entry = node.find(field.name);
      if (entry == nullptr) continue;
      const Reader::Inside inside(reader, field.name);
      field.read(reader, entry->value, into);
    }
    for (const auto& check : checks_) check(reader, node, into);
  }

  [[nodiscard]] const SectionInfo& info() const { return info_; }

 private:
  struct Field {
    std::string name;
    std::function<void(Reader&, const Node&, S&)> read;
  };

  template <class T, class Place>
  Section& add(std::string name, Place place, Kind<T> kind, std::string doc, Presence presence) {
    S fresh{};
    const bool required = presence == Presence::required;
    info_.fields.push_back({name, kind.info, required || !kind.show ? "" : kind.show(place(fresh)),
                            std::move(doc), required});
    fields_.push_back({std::move(name), [place, read = std::move(kind.read)](
                                            Reader& reader, const Node& node, S& into) {
                         read(reader, node, place(into));
                       }});
    return *this;
  }

  SectionInfo info_;
  std::vector<Field> fields_;
  std::vector<std::function<void(Reader&, const Node&, S&)>> checks_;
};

}  // namespace mynah::control
