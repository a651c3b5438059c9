// SPDX-License-Identifier: Apache-2.0
// Building the tree from the events of yaml-cpp, which throws: caught where it is called.
#include "control/config/document.h"

#include <algorithm>
#include <sstream>
#include <utility>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "base/text.h"

namespace mynah::control {

namespace {

Mark mark_of(const YAML::Mark& mark) { return {mark.line + 1, mark.column + 1}; }

bool is_name_character(char c, bool first) {
  return is_alpha(c) || c == '_' || (!first && is_digit(c));
}

// Replaces ${NAME}, ${NAME:-default} and $$ in texts.
class Substitution final {
 public:
  Substitution(const Environment& environment, Problems& problems)
      : environment_(environment), problems_(problems) {}

  std::string apply(std::string_view text, Mark mark) const {
    std::string out;
    while (!text.empty()) {
      const std::size_t dollar = text.find('$');
      out += text.substr(0, dollar);
      if (dollar == std::string_view::npos) break;
      text.remove_prefix(dollar);
      if (text.starts_with("$$")) {
        out += '$';
        text.remove_prefix(2);
      } else if (text.starts_with("${")) {
        const std::size_t end = text.find('}');
        if (end == std::string_view::npos) {
          problems_.add(mark, "\"${\" without \"}\"; a dollar sign itself is written \"$$\"");
          break;
        }
        out += value_of(text.substr(2, end - 2), mark);
        text.remove_prefix(end + 1);
      } else {
        out += '$';
        text.remove_prefix(1);
      }
    }
    return out;
  }

 private:
  std::string value_of(std::string_view expression, Mark mark) const {
    const std::size_t separator = expression.find(":-");
    const std::string_view name = expression.substr(0, separator);
    bool legal = !name.empty();
    for (std::size_t i = 0; i < name.size(); ++i) legal &= is_name_character(name[i], i == 0);
    if (!legal) {
      problems_.add(mark, in_quotes("${" + std::string(expression) + "}") +
                              " is not the name of an environment variable; a dollar sign itself "
                              "is written \"$$\"");
      return {};
    }
    const auto found = environment_.find(name);
    const bool has_default = separator != std::string_view::npos;
    if (found != environment_.end() && !(has_default && found->second.empty())) {
      return found->second;
    }
    if (has_default) return std::string(expression.substr(separator + 2));
    problems_.add(mark, "the environment variable " + std::string(name) + " is not set; ${" +
                            std::string(name) + ":-value} gives it a default");
    return {};
  }

  const Environment& environment_;
  Problems& problems_;
};

// Receives the events of one document after the other. After a limit was met it ignores them.
class Builder final : public YAML::EventHandler {
 public:
  Builder(const Environment& environment, Problems& problems, const DocumentLimits& limits)
      : substitution_(environment, problems), problems_(problems), limits_(limits) {}

  [[nodiscard]] bool refused() const { return refused_; }
  std::vector<Node> take_documents() { return std::move(documents_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    // yaml-cpp does not step over a token that can start nothing, such as a comma, and would begin
    // one empty document after the other there.
    if (mark.pos == document_start_) return refuse(mark_of(mark), "not YAML: unexpected character");
    document_start_ = mark.pos;
    open_.clear();
    anchors_.clear();
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (refused_) return;
    Node node;
    node.mark = mark_of(mark);
    add(std::move(node), anchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    if (refused_) return;
    Node node;
    node.kind = Node::Kind::scalar;
    node.mark = mark_of(mark);
    node.plain = tag == "?" || tag.empty();
    if (!node.plain && tag != "!" && tag != "tag:yaml.org,2002:str") refuse_tag(node.mark, tag);
    if (node.plain && (value == "~" || value == "null" || value == "Null" || value == "NULL")) {
      node.kind = Node::Kind::null;
    }
    node.text = key_is_next() ? value : substitution_.apply(value, node.mark);
    add(std::move(node), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (refused_) return;
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) {
      return refuse(mark_of(mark), "an alias inside of what it stands for");
    }
    if (open_.size() + depth_of(found->second) > limits_.depth) return too_deep(mark_of(mark));
    if (!count(mark_of(mark), size_of(found->second))) return;
    Node node = found->second;
    node.mark = mark_of(mark);
    add(std::move(node), YAML::NullAnchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(Node::Kind::list, mark_of(mark), tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(Node::Kind::map, mark_of(mark), tag, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    Node node;
    YAML::anchor_t anchor;
    bool has_key = false;  // Of a map: the last entry waits for its value.
  };

  static std::size_t size_of(const Node& node) {
    std::size_t size = 1;
    for (const Node& item : node.items) size += size_of(item);
    for (const Entry& entry : node.entries) size += 1 + size_of(entry.value);
    return size;
  }

  static std::size_t depth_of(const Node& node) {
    std::size_t depth = 0;
    for (const Node& item : node.items) depth = std::max(depth, depth_of(item));
    for (const Entry& entry : node.entries) depth = std::max(depth, depth_of(entry.value));
    return depth + 1;
  }

  [[nodiscard]] bool key_is_next() const {
    return !open_.empty() && open_.back().node.kind == Node::Kind::map && !open_.back().has_key;
  }

  void refuse(Mark mark, std::string why) {
    problems_.add(mark, std::move(why));
    refused_ = true;
  }

  bool count(Mark mark, std::size_t nodes) {
    nodes_ += nodes;
    if (nodes_ <= limits_.nodes) return true;
    refuse(mark, cat("the file holds more than ", limits_.nodes, " values, aliases expanded"));
    return false;
  }

  void too_deep(Mark mark) {
    refuse(mark, cat("nested more than ", limits_.depth, " levels deep"));
  }

  void refuse_tag(Mark mark, const std::string& tag) {
    problems_.add(mark, "the tag " + in_quotes(tag) + " is not supported");
  }

  void open(Node::Kind kind, Mark mark, const std::string& tag, YAML::anchor_t anchor) {
    if (refused_) return;
    if (open_.size() >= limits_.depth) return too_deep(mark);
    if (key_is_next()) return refuse(mark, "a key of a map must be plain text");
    if (!tag.empty() && tag != "?" && tag != "!") refuse_tag(mark, tag);
    Open next;
    next.node.kind = kind;
    next.node.mark = mark;
    next.anchor = anchor;
    open_.push_back(std::move(next));
  }

  void close() {
    if (refused_) return;
    Open done = std::move(open_.back());
    open_.pop_back();
    add(std::move(done.node), done.anchor);
  }

  void add(Node node, YAML::anchor_t anchor) {
    if (!count(node.mark, 1)) return;
    if (key_is_next()) return add_key(node);
    if (anchor != YAML::NullAnchor) {
      if (!count(node.mark, size_of(node))) return;
      anchors_.insert_or_assign(anchor, node);
    }
    if (open_.empty()) {
      if (node.kind != Node::Kind::null) documents_.push_back(std::move(node));
      return;
    }
    Open& parent = open_.back();
    if (parent.node.kind == Node::Kind::list) {
      parent.node.items.push_back(std::move(node));
    } else {
      parent.node.entries.back().value = std::move(node);
      parent.has_key = false;
    }
  }

  // The value of a repeated key is read for its mistakes and overwrites nothing: the file is
  // refused anyway.
  void add_key(const Node& node) {
    Open& parent = open_.back();
    if (node.kind == Node::Kind::null) {
      problems_.add(node.mark, "a key must have a name; \"null\" as a name needs quotation marks");
    }
    if (const Entry* earlier = parent.node.find(node.text)) {
      problems_.add(node.mark, in_quotes(node.text) +
                                   " stands here a second time; the first is in line " +
                                   std::to_string(earlier->mark.line));
    }
    parent.node.entries.push_back({node.text, node.mark, {}});
    parent.has_key = true;
  }

  Substitution substitution_;
  Problems& problems_;
  DocumentLimits limits_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Node> anchors_;
  std::vector<Node> documents_;
  std::size_t nodes_ = 0;
  int document_start_ = -1;
  bool refused_ = false;
};

}  // namespace

const Entry* Node::find(std::string_view key) const {
  for (const Entry& entry : entries) {
    if (entry.key == key) return &entry;
  }
  return nullptr;
}

std::vector<Node> parse_documents(std::string_view text, const Environment& environment,
                                  Problems& problems, const DocumentLimits& limits) {
  if (text.size() > limits.bytes) {
    problems.add({}, "the file is larger than " + std::to_string(limits.bytes) + " bytes");
    return {};
  }
  if (const std::size_t zero = text.find('\0'); zero != std::string_view::npos) {
    problems.add({}, "not a text file: byte " + std::to_string(zero) + " is zero");
    return {};
  }
  Builder builder(environment, problems, limits);
  std::istringstream input{std::string(text)};
  try {
    YAML::Parser parser(input);
    while (!builder.refused() && parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& error) {
    if (!builder.refused()) {
      problems.add(error.mark.is_null() ? Mark{} : mark_of(error.mark), "not YAML: " + error.msg);
    }
  }
  return builder.take_documents();
}

}  // namespace mynah::control
