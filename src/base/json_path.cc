// SPDX-License-Identifier: Apache-2.0
// Looking things up in JSON by path. A path is read from left to right while it is followed;
// nothing is compiled.
#include <algorithm>
#include <charconv>

#include "base/json.h"
#include "base/json_writer.h"
#include "base/text.h"

namespace mynah {
namespace {

// One step of a path, still with its escapes, and the separator before it.
struct Step {
  std::string_view spelling;  // tidy: allow string_view: part of the path
  char separator = '.';
};

// Where the parenthesis that `text` begins with is closed; npos when it is not. Quoted text does
// not count.
std::size_t closing(std::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\') {
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && c == '(') {
      ++depth;
    } else if (!quoted && c == ')' && --depth == 0) {
      return i;
    }
  }
  return std::string_view::npos;
}

// Takes the next step off the path.
Step take_step(std::string_view& path, char separator) {
  std::size_t end = 0;
  if (path.starts_with("#(")) {
    const std::size_t closed = closing(path.substr(1));
    end = closed == std::string_view::npos ? path.size() : closed + 2;
  }
  while (end < path.size() && path[end] != '.' && path[end] != '|')
    end += path[end] == '\\' ? 2 : 1;
  end = std::min(end, path.size());
  const Step step{path.substr(0, end), separator};
  path.remove_prefix(end);
  return step;
}

std::string without_escapes(std::string_view spelling) {
  std::string name;
  for (std::size_t i = 0; i < spelling.size(); ++i) {
    if (spelling[i] == '\\' && i + 1 < spelling.size()) ++i;
    name += spelling[i];
  }
  return name;
}

std::optional<std::size_t> as_index(std::string_view spelling) {
  const auto index = parse_number<std::size_t>(spelling);
  if (!index) return std::nullopt;
  return *index;
}

JsonView member(JsonView object, std::string_view spelling) {
  const bool escaped = spelling.find('\\') != std::string_view::npos;
  if (!escaped && spelling.find_first_of("*?") != std::string_view::npos) {
    for (const auto& [name, value] : object.members()) {
      if (matches_glob(name, spelling)) return value;
    }
    return {};
  }
  return escaped ? object[without_escapes(spelling)] : object[spelling];
}

struct Condition {
  std::string_view path;       // tidy: allow string_view: part of the path
  std::string_view operation;  // tidy: allow string_view: part of the path
  std::string_view literal;    // tidy: allow string_view: part of the path
};

Condition parse_condition(std::string_view text) {
  bool quoted = false;
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\') {
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && (c == '(' || c == ')')) {
      depth += c == '(' ? 1 : -1;
    } else if (!quoted && depth == 0 &&
               std::string_view("=!<>%").find(c) != std::string_view::npos) {
      const bool two =
          i + 1 < text.size() && (text[i + 1] == '=' || (c == '!' && text[i + 1] == '%'));
      const std::size_t length = two ? 2 : 1;
      return {trim(text.substr(0, i)), text.substr(i, length), trim(text.substr(i + length))};
    }
  }
  return {trim(text), {}, {}};
}

template <class T>
bool compares(const T& a, std::string_view operation, const T& b) {
  if (operation == "==" || operation == "=") return a == b;
  if (operation == "!=") return a != b;
  if (operation == "<") return a < b;
  if (operation == "<=") return a <= b;
  if (operation == ">") return a > b;
  return operation == ">=" && a >= b;
}

// `right` is the condition's literal; missing when it has none, or none that is JSON.
bool holds(JsonView item, const Condition& condition, JsonView right) {
  const JsonView left = condition.path.empty() ? item : item.find(condition.path);
  if (!left) return false;
  if (condition.operation.empty()) return true;
  if (!right) return false;
  if (condition.operation == "%")
    return left.is_string() && matches_glob(left.text(), right.text());
  if (condition.operation == "!%")
    return left.is_string() && !matches_glob(left.text(), right.text());
  if (left.kind() != right.kind()) return condition.operation == "!=";
  if (left.is_string()) return compares(left.text(), condition.operation, right.text());
  if (left.is_number()) return compares(left.number(), condition.operation, right.number());
  return compares(left.raw(), condition.operation, right.raw());
}

// What a path has led to so far: one value, perhaps to be read backwards, or a list, or a count.
class Selection final {
 public:
  explicit Selection(JsonView root) : one_(root) {}

  void follow(std::string_view path) {
    char separator = '.';
    while (true) {
      const Step step = take_step(path, separator);
      apply(step, path.empty());
      if (path.empty() || nothing()) return;
      separator = path.front();
      path.remove_prefix(1);
    }
  }

  [[nodiscard]] JsonView first() const {
    if (!is_list_) return one_;
    return list_.empty() ? JsonView() : list_.front();
  }

  [[nodiscard]] std::vector<JsonView> all() const {
    if (is_list_) return list_;
    if (reversed_) return elements(one_, true);
    return one_ ? std::vector<JsonView>{one_} : std::vector<JsonView>{};
  }

  [[nodiscard]] std::string text() const {
    if (count_) return cat(*count_);
    if (!is_list_ && !reversed_) {
      if (one_.is_null()) return {};
      return std::string(one_.is_string() ? one_.text() : one_.raw());
    }
    JsonWriter json;
    json.begin_array();
    for (const JsonView value : all()) json.value(value);
    json.end_array();
    return std::move(json).take();
  }

 private:
  [[nodiscard]] bool nothing() const { return count_.has_value() || (!is_list_ && !one_); }

  static std::vector<JsonView> elements(JsonView array, bool reversed) {
    std::vector<JsonView> items;
    items.reserve(array.size());
    for (const JsonView item : array.items()) items.push_back(item);
    if (reversed) std::reverse(items.begin(), items.end());
    return items;
  }

  void apply(const Step& step, bool last) {
    if (!is_list_) return apply_to_one(step.spelling, last);
    if (step.separator == '|') return apply_to_list(step.spelling, last);
    std::vector<JsonView> found;
    for (const JsonView value : list_) {
      Selection part(value);
      part.apply_to_one(step.spelling, false);
      for (const JsonView each : part.all()) found.push_back(each);
    }
    list_ = std::move(found);
  }

  void apply_to_one(std::string_view step, bool last) {
    if (step == "@this") return;
    if (step == "@reverse") {
      if (one_.is_array()) reversed_ = !reversed_;
      return;
    }
    if (step.starts_with('#')) {
      if (!one_.is_array()) return set_one({});
      if (step == "#" && last) {
        count_ = one_.size();
        return set_one({});
      }
      return choose(elements(one_, reversed_), step);
    }
    if (!one_.is_array()) return set_one(member(one_, step));
    const auto index = as_index(step);
    if (!index || *index >= one_.size()) return set_one({});
    set_one(one_.at(reversed_ ? one_.size() - 1 - *index : *index));
  }

  // The list stands for an array of its values.
  void apply_to_list(std::string_view step, bool last) {
    if (step == "@this") return;
    if (step == "@reverse") return std::reverse(list_.begin(), list_.end());
    if (step == "#" && last) {
      count_ = list_.size();
      return set_one({});
    }
    if (step.starts_with('#')) return choose(std::move(list_), step);
    const auto index = as_index(step);
    set_one(index && *index < list_.size() ? list_[*index] : JsonView());
  }

  // `#`: all of them; `#(…)`: the first that fits; `#(…)#`: all that fit.
  void choose(std::vector<JsonView> items, std::string_view step) {
    if (step != "#") {
      const bool every = step.ends_with(")#");
      if (!every && !step.ends_with(')')) return set_one({});
      const Condition condition = parse_condition(step.substr(2, step.size() - (every ? 4 : 3)));
      const auto literal = Json::parse(std::string(condition.literal));
      const JsonView right = literal ? literal->root() : JsonView();
      std::erase_if(items, [&](JsonView item) { return !holds(item, condition, right); });
      if (!every) return set_one(items.empty() ? JsonView() : items.front());
    }
    is_list_ = true;
    reversed_ = false;
    list_ = std::move(items);
  }

  void set_one(JsonView value) {
    is_list_ = false;
    reversed_ = false;
    one_ = value;
  }

  JsonView one_;
  std::vector<JsonView> list_;
  std::optional<std::size_t> count_;
  bool is_list_ = false;
  bool reversed_ = false;
};

// Conditions may hold conditions: this bounds how deep they lie in one another.
constexpr std::size_t kPathBytesMax = 1024;

Selection select(JsonView root, std::string_view path) {
  if (path.empty() || path.size() > kPathBytesMax || !root) return Selection({});
  Selection selection(root);
  selection.follow(path);
  return selection;
}

}  // namespace

JsonView JsonView::find(std::string_view path) const { return select(*this, path).first(); }

std::vector<JsonView> JsonView::find_all(std::string_view path) const {
  return select(*this, path).all();
}

std::string JsonView::text(std::string_view path) const { return select(*this, path).text(); }

}  // namespace mynah
