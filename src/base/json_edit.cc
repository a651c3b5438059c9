// SPDX-License-Identifier: Apache-2.0
// Changing a JSON document: the text around the changed place is kept byte by byte, and the result
// is read anew, so a document is valid whatever it is given.
#include <charconv>

#include "base/json.h"
#include "base/json_tape.h"
#include "base/json_writer.h"
#include "base/text.h"

namespace mynah {
namespace {

using detail::JsonTape;

// The names and places of a path.
std::vector<std::string> steps_of(std::string_view path) {
  std::vector<std::string> steps(1);
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '.') {
      steps.emplace_back();
      continue;
    }
    if (path[i] == '\\' && i + 1 < path.size()) ++i;
    steps.back() += path[i];
  }
  return steps;
}

// A change of the text: what stands from `begin` to `end` gives way to `text`.
struct Splice {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string text;
};

Error misfit(std::string_view path, std::string_view step, JsonKind kind) {
  return {Errc::invalid_argument,
          cat("JSON path \"", path, "\": no \"", step, "\" in a value that is ", name_of(kind))};
}

// The value within the objects and arrays that the remaining steps of a path ask for, outermost
// first.
Result<std::string> wrap(std::string_view path, const std::vector<std::string>& steps,
                         std::size_t from, std::string_view json) {
  std::string text;
  std::string tail;
  for (std::size_t i = from; i < steps.size(); ++i) {
    const bool place =
        steps[i] == "-1" ||
        (!steps[i].empty() && steps[i].find_first_not_of("0123456789") == std::string::npos);
    if (place && steps[i] != "0" && steps[i] != "-1")
      return misfit(path, steps[i], JsonKind::missing);
    text += place ? "[" : cat("{", json_string(steps[i]), ":");
    tail.insert(tail.begin(), place ? ']' : '}');
  }
  return cat(text, json, tail);
}

class Editor final {
 public:
  Editor(const JsonTape& tape, std::string_view path)
      : tape_(tape), path_(path), steps_(steps_of(path)) {}

  Result<Splice> set(std::string_view json) {
    std::uint32_t at = 0;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      const JsonKind kind = tape_.kind(at);
      if (kind == JsonKind::null) {
        MYNAH_LET(std::string text, wrap(path_, steps_, i, json));
        return replace(at, std::move(text));
      }
      if (kind < JsonKind::array) return misfit(path_, steps_[i], kind);
      const std::uint32_t child = find(at, steps_[i]);
      if (child == kNone) return insert(at, i, json);
      at = child;
    }
    return replace(at, std::string(json));
  }

  // The text without what the last step leads to: an element, or every member of that name. None
  // when it leads nowhere.
  std::optional<std::string> without() const {
    std::uint32_t at = 0;
    for (std::size_t i = 0; i + 1 < steps_.size(); ++i) {
      at = find(at, steps_[i]);
      if (at == kNone) return std::nullopt;
    }
    const std::uint32_t gone = find(at, steps_.back());
    if (gone == kNone) return std::nullopt;
    const bool object = tape_.kind(at) == JsonKind::object;
    const std::string_view text = tape_.text;
    const detail::JsonNode& outer = tape_.nodes[at];
    std::string kept(text.substr(0, outer.begin + 1));
    // What stays is copied with the comma and the blanks before it; the first that stays leaves its
    // comma behind.
    bool first = true;
    std::size_t copied = outer.begin + 1;
    for (std::uint32_t i = at + 1; i < outer.link;) {
      const std::uint32_t value = object ? i + 1 : i;
      const bool stays = object ? tape_.string(i) != steps_.back() : value != gone;
      const std::size_t from = first ? tape_.nodes[i].begin : copied;
      copied = tape_.nodes[value].end;
      if (stays) kept.append(text, from, copied - from);
      if (stays) first = false;
      i = tape_.next(value);
    }
    kept.append(text.substr(copied));
    return kept;
  }

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  // The value that a step leads to.
  [[nodiscard]] std::uint32_t find(std::uint32_t at, std::string_view step) const {
    std::uint32_t found = kNone;
    const std::uint32_t past = tape_.next(at);
    if (tape_.kind(at) == JsonKind::object) {
      for (std::uint32_t i = at + 1; i < past; i = tape_.next(i + 1)) {
        if (tape_.string(i) == step) found = i + 1;
      }
    } else if (tape_.kind(at) == JsonKind::array) {
      const auto index = parse_number<std::size_t>(step);
      if (!index || *index >= tape_.nodes[at].count) return kNone;
      found = at + 1;
      for (std::size_t i = 0; i < *index; ++i) found = tape_.next(found);
    }
    return found;
  }

  [[nodiscard]] Splice replace(std::uint32_t at, std::string text) const {
    return {tape_.nodes[at].begin, tape_.nodes[at].end, std::move(text)};
  }

  Result<Splice> insert(std::uint32_t at, std::size_t step, std::string_view json) const {
    const detail::JsonNode& node = tape_.nodes[at];
    MYNAH_LET(std::string text, wrap(path_, steps_, step + 1, json));
    if (tape_.kind(at) == JsonKind::object) {
      text = cat(json_string(steps_[step]), ":", text);
    } else if (steps_[step] != "-1" && steps_[step] != CatPiece(std::uint32_t{node.count}).text()) {
      return misfit(path_, steps_[step], JsonKind::array);
    }
    // Behind the last value, before the blanks that lead to the bracket.
    std::size_t place = node.begin + 1;
    for (std::uint32_t i = at + 1; i < node.link; i = tape_.next(i)) place = tape_.nodes[i].end;
    return Splice{place, place, node.count == 0 ? std::move(text) : cat(",", text)};
  }

  const JsonTape& tape_;
  const std::string_view path_;  // tidy: allow string_view: lives for one call
  const std::vector<std::string> steps_;
};

}  // namespace

Status Json::replace_text(std::string text) {
  auto changed = std::make_unique<JsonTape>();
  changed->text = std::move(text);
  changed->limits = tape_->limits;
  MYNAH_OK(detail::read_json(*changed));
  tape_ = std::move(changed);
  return ok();
}

Status Json::splice(std::string_view path, std::string_view json) {
  MYNAH_LET(const Splice change, Editor(*tape_, path).set(json));
  const std::string_view text = tape_->text;
  return replace_text(cat(text.substr(0, change.begin), change.text, text.substr(change.end)));
}

Status Json::set(std::string_view path, JsonView value) {
  return splice(path, value ? value.raw() : "null");
}

Status Json::set_raw(std::string_view path, std::string_view json) {
  // By itself first: "1,2" would fit well into an array.
  MYNAH_LET(const Json value, parse(std::string(json), tape_->limits));
  return splice(path, value.dump());
}

Status Json::set_text(std::string_view path, std::string_view text) {
  return splice(path, json_string(text));
}

Status Json::set_integer(std::string_view path, std::int64_t number) {
  return splice(path, CatPiece(number).text());
}

Status Json::set_number(std::string_view path, double number) {
  JsonWriter json;
  json.value(number);
  return splice(path, json.text());
}

Status Json::set_flag(std::string_view path, bool flag) {
  return splice(path, flag ? "true" : "false");
}

Status Json::remove(std::string_view path) {
  auto text = Editor(*tape_, path).without();
  return text ? replace_text(*std::move(text)) : ok();
}

}  // namespace mynah
