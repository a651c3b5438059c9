// SPDX-License-Identifier: Apache-2.0
// One walk over configuration and schema together. The depth of both is bounded by the JSON reader.
#include "market/schema.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/text.h"

namespace mynah::market {
namespace {

class Check final {
 public:
  void value(JsonView value, JsonView schema, const std::string& path) {
    if (!schema.is_object() || misfits.size() >= kMisfitsMax) return;
    if (!has_type(value, schema["type"])) {
      return say(path, cat("must be ", types_of(schema["type"]), ", not ", name_of(value.kind())));
    }
    choice(value, schema, path);
    if (value.is_object()) object(value, schema, path);
    if (value.is_array()) array(value, schema, path);
    if (value.is_number()) number(value, schema, path);
    if (value.is_string()) text(value, schema, path);
  }

  std::vector<Misfit> misfits;

 private:
  void say(const std::string& path, std::string reason) {
    if (misfits.size() < kMisfitsMax) misfits.push_back({path, std::move(reason)});
  }

  static bool is_of(JsonView value, std::string_view type) {
    if (type == "integer") return value.is_number() && value.integer().has_value();
    return name_of(value.kind()) == type;
  }

  static bool has_type(JsonView value, JsonView type) {
    if (type.is_string()) return is_of(value, type.text());
    if (!type.is_array()) return true;
    return std::ranges::any_of(type.items().begin(), type.items().end(),
                               [&](JsonView each) { return is_of(value, each.text()); });
  }

  static std::string types_of(JsonView type) {
    if (type.is_string()) return std::string(type.text());
    std::vector<std::string> names;
    for (const JsonView each : type.items()) names.emplace_back(each.text());
    return join(names, " or ");
  }

  static bool equal(JsonView a, JsonView b) {
    if (a.is_string() || b.is_string()) {
      return a.is_string() && b.is_string() && a.text() == b.text();
    }
    if (a.is_number() && b.is_number()) return a.number() == b.number();
    return a.raw() == b.raw();
  }

  void choice(JsonView value, JsonView schema, const std::string& path) {
    if (schema["const"] && !equal(value, schema["const"]))
      say(path, cat("must be ", schema["const"].raw()));
    const JsonView choices = schema["enum"];
    if (!choices.is_array()) return;
    std::vector<std::string> names;
    for (const JsonView each : choices.items()) {
      if (equal(value, each)) return;
      names.emplace_back(each.raw());
    }
    say(path, cat("must be one of ", join(names, ", ")));
  }

  // The schema of a member, under its name or another by which it goes.
  static JsonView member_schema(JsonView properties, std::string_view name) {
    if (const JsonView found = properties[name]) return found;
    for (const auto& [known, schema] : properties.members()) {
      for (const JsonView alias : schema["x-aliases"].items()) {
        if (alias.text() == name) return schema;
      }
    }
    return {};
  }

  static bool has_member(JsonView value, JsonView properties, std::string_view name) {
    if (value[name]) return true;
    const JsonView aliases = properties[name]["x-aliases"];
    return std::ranges::any_of(aliases.items().begin(), aliases.items().end(),
                               [&](JsonView alias) { return bool(value[alias.text()]); });
  }

  void object(JsonView value, JsonView schema, const std::string& path) {
    const JsonView properties = schema["properties"];
    const JsonView others = schema["additionalProperties"];
    for (const auto& [name, member] : value.members()) {
      const std::string at = path.empty() ? std::string(name) : cat(path, ".", name);
      if (path.empty() && name.starts_with('_')) continue;  // For the host, as _rules_ is.
      if (const JsonView known = member_schema(properties, name)) {
        this->value(member, known, at);
      } else if (others.is_object()) {
        this->value(member, others, at);
      } else if (others.is_boolean() && !others.flag()) {
        std::vector<std::string_view> names;
        for (const auto& [each, unused] : properties.members()) names.push_back(each);
        const std::string_view near = nearest(name, names);
        say(at, near.empty() ? "is not known" : cat("is not known; did you mean \"", near, "\"?"));
      }
    }
    for (const JsonView name : schema["required"].items()) {
      if (!has_member(value, properties, name.text()))
        say(path.empty() ? std::string(name.text()) : cat(path, ".", name.text()), "is missing");
    }
  }

  void array(JsonView value, JsonView schema, const std::string& path) {
    bounds(static_cast<double>(value.size()), schema["minItems"], schema["maxItems"], " items",
           path);
    std::size_t index = 0;
    for (const JsonView item : value.items()) {
      this->value(item, schema["items"], cat(path, "[", index++, "]"));
    }
  }

  void number(JsonView value, JsonView schema, const std::string& path) {
    const auto given = value.number();
    if (!given) return say(path, "is out of range");
    bounds(*given, schema["minimum"], schema["maximum"], "", path);
    const auto above = schema["exclusiveMinimum"].number();
    if (above && *given <= *above) say(path, cat("must be more than ", *above));
    const auto below = schema["exclusiveMaximum"].number();
    if (below && *given >= *below) say(path, cat("must be less than ", *below));
  }

  void text(JsonView value, JsonView schema, const std::string& path) {
    const std::string_view given = value.text();
    const auto characters = std::ranges::count_if(
        given, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; });
    bounds(static_cast<double>(characters), schema["minLength"], schema["maxLength"], " characters",
           path);
  }

  void bounds(double given, JsonView least, JsonView most, std::string_view unit,
              const std::string& path) {
    if (least.number() && given < *least.number())
      say(path, cat("must be at least ", least.raw(), unit));
    if (most.number() && given > *most.number())
      say(path, cat("must be at most ", most.raw(), unit));
  }
};

}  // namespace

std::vector<Misfit> check_config(JsonView config, JsonView schema) {
  Check check;
  if (!config.is_object()) return {{"", "must be an object"}};
  const JsonView rules = config["_rules_"];
  // Where only rules stand, what a whole configuration needs is theirs to give.
  const bool own = !rules || std::ranges::any_of(config.members().begin(), config.members().end(),
                                                 [](const JsonMember& member) {
                                                   return !member.name.starts_with('_');
                                                 });
  if (own) check.value(config, schema, "");
  std::size_t index = 0;
  for (const JsonView rule : rules.items()) {
    Check inner;
    inner.value(rule, schema, "");
    for (Misfit& misfit : inner.misfits) {
      check.misfits.push_back({cat("_rules_[", index, "].", misfit.path), misfit.reason});
    }
    ++index;
  }
  if (check.misfits.size() > kMisfitsMax) check.misfits.resize(kMisfitsMax);
  return std::move(check.misfits);
}

}  // namespace mynah::market
