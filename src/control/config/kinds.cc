// SPDX-License-Identifier: Apache-2.0
// The kinds that are no templates.
#include "control/config/kinds.h"

#include "base/json_writer.h"
#include "control/config/json_text.h"
#include "control/config/values.h"

namespace mynah::control {

namespace {

// The kind of a text that one of the parsers of values.h reads.
template <class T>
Kind<T> parsed(std::string word, Result<T> (*parse)(std::string_view),
               std::function<std::string(const T&)> show = nullptr) {
  const auto read = [word, parse](Reader& reader, const Node& node, T& into) {
    if (!is_scalar(reader, node, cat("a value of the kind ", word))) return;
    auto value = parse(node.text);
    if (!value) return reader.problem(node.mark, value.error().what);
    into = *std::move(value);
  };
  return {{word, R"({"type":["string","integer"]})"}, read, std::move(show)};
}

std::string show_text(const std::string& text) { return text.empty() ? "" : json_string(text); }

void read_text(Reader& reader, const Node& node, std::string_view word,
               Status (*check)(std::string&), std::string& into) {
  if (!is_scalar(reader, node, word)) return;
  std::string value = node.text;
  const Status status = check(value);
  if (!status) return reader.problem(node.mark, status.error().what);
  into = std::move(value);
}

}  // namespace

bool is_scalar(Reader& reader, const Node& node, std::string_view expected) {
  if (node.kind == Node::Kind::scalar) return true;
  unexpected(reader, node, cat("a ", expected.starts_with("a ") ? expected.substr(2) : expected));
  return false;
}

void unknown_word(Reader& reader, const Node& node, const std::vector<std::string_view>& words) {
  std::string list;
  for (std::size_t i = 0; i < words.size(); ++i) {
    append(list, i == 0 ? "" : (i + 1 == words.size() ? " or " : ", "), words[i]);
  }
  reader.problem(node.mark, cat("expected ", list, ", got ", in_quotes(node.text),
                                suggestion(node.text, words)));
}

std::string words_schema(const std::vector<std::string_view>& words) {
  std::string list;
  for (const std::string_view word : words) {
    append(list, list.empty() ? "" : ",", json_string(word));
    if (parse_double(word)) append(list, ",", word);  // As YAML reads it without quotation marks.
  }
  return cat(R"({"enum":[)", list, "]}");
}

void needs(Reader& reader, const Node& node, std::string_view field, std::string_view other) {
  const Entry* entry = node.find(field);
  if (entry == nullptr || node.find(other) != nullptr) return;
  reader.problem(entry->mark, cat(in_quotes(field), " needs ", in_quotes(other), " beside it"));
}

void excludes(Reader& reader, const Node& node, const std::vector<std::string_view>& fields,
              std::string_view reason) {
  for (const std::string_view field : fields) {
    const Entry* entry = node.find(field);
    if (entry != nullptr) reader.problem(entry->mark, cat(in_quotes(field), " ", reason));
  }
}

Kind<bool> flag() {
  const auto read = [](Reader& reader, const Node& node, bool& into) {
    const bool is_true = node.text == "true";
    if (node.kind != Node::Kind::scalar || !node.plain || (!is_true && node.text != "false")) {
      return unexpected(reader, node, "true or false");
    }
    into = is_true;
  };
  return {{"true | false", R"({"type":"boolean"})"}, read, [](const bool& value) {
            return std::string(value ? "true" : "false");
          }};
}

Kind<double> percent() {
  const auto read = [](Reader& reader, const Node& node, double& into) {
    if (!is_scalar(reader, node, "number from 0 to 100")) return;
    const auto number = parse_double(node.text);
    if (!number || *number < 0 || *number > 100) {
      return unexpected(reader, node, "a number from 0 to 100");
    }
    into = *number;
  };
  return {{"number from 0 to 100", R"({"type":"number","minimum":0,"maximum":100})"},
          read,
          [](const double& value) { return cat(value); }};
}

Kind<model::Milliseconds> duration(model::Milliseconds min, model::Milliseconds max) {
  Kind<model::Milliseconds> kind = parsed<model::Milliseconds>(
      "duration", parse_duration,
      [](const model::Milliseconds& value) { return cat('"', show_duration(value), '"'); });
  kind.read = [min, max, inner = kind.read](Reader& reader, const Node& node,
                                            model::Milliseconds& into) {
    model::Milliseconds value = min;
    inner(reader, node, value);
    if (value < min || value > max) {
      return unexpected(reader, node,
                        cat("a duration from ", show_duration(min), " to ", show_duration(max)));
    }
    into = value;
  };
  kind.info.word = cat("duration from ", show_duration(min), " to ", show_duration(max));
  kind.info.schema = R"({"$ref":"#/$defs/duration"})";
  return kind;
}

Kind<std::uint64_t> size(std::uint64_t min, std::uint64_t max) {
  Kind<std::uint64_t> kind =
      parsed<std::uint64_t>("size", parse_size, [](const std::uint64_t& value) {
        const std::string shown = show_size(value);
        return is_digit(shown.back()) ? shown : cat('"', shown, '"');
      });
  kind.read = [min, max, inner = kind.read](Reader& reader, const Node& node, std::uint64_t& into) {
    std::uint64_t value = min;
    inner(reader, node, value);
    if (value < min || value > max) {
      return unexpected(reader, node, cat("a size from ", show_size(min), " to ", show_size(max)));
    }
    into = value;
  };
  kind.info.word = cat("size from ", show_size(min), " to ", show_size(max));
  kind.info.schema = R"({"$ref":"#/$defs/size"})";
  return kind;
}

Kind<std::string> text(std::string word, Status (*check)(std::string&)) {
  const auto read = [word, check](Reader& reader, const Node& node, std::string& into) {
    read_text(reader, node, word, check, into);
  };
  return {{word, R"({"type":["string","number","boolean"]})"}, read, show_text};
}

Kind<std::string> file() {
  const auto read = [](Reader& reader, const Node& node, std::string& into) {
    read_text(reader, node, "file", check_not_empty, into);
    if (!into.empty()) into = reader.file(into, node.mark);
  };
  return {{"file", R"({"type":"string"})"}, read, show_text};
}

Kind<std::string> place() {
  const auto read = [](Reader& reader, const Node& node, std::string& into) {
    read_text(reader, node, "path", check_not_empty, into);
    if (!into.empty()) into = reader.place(into);
  };
  return {{"path", R"({"type":"string"})"}, read, show_text};
}

Kind<std::string> name_for(Named what) {
  const auto read = [what](Reader& reader, const Node& node, std::string& into) {
    read_text(reader, node, "name", check_name, into);
    if (!into.empty()) reader.declare(what, into, node.mark);
  };
  return {{"name", R"({"$ref":"#/$defs/name"})"}, read, show_text};
}

Kind<std::string> name_of_a(Named what) {
  const auto read = [what](Reader& reader, const Node& node, std::string& into) {
    read_text(reader, node, "name", check_name, into);
    if (!into.empty()) reader.refer(what, into, node.mark);
  };
  return {{what == Named::service ? "service name" : "route name", R"({"$ref":"#/$defs/name"})"},
          read,
          show_text};
}

Kind<Address> address() {
  return parsed<Address>("address and port", Address::parse,
                         [](const Address& value) { return json_string(value.text()); });
}

Kind<model::Cidr> cidr() { return parsed<model::Cidr>("block of addresses", parse_cidr); }

Kind<model::Url> url() { return parsed<model::Url>("URL", parse_url); }

Kind<model::StatusRange> status_range() {
  return parsed<model::StatusRange>(
      "status or range of statuses", parse_status_range, [](const model::StatusRange& value) {
        return value.first == value.last ? cat(value.first)
                                         : cat('"', value.first, '-', value.last, '"');
      });
}

Kind<std::string> settings() {
  const auto read = [](Reader& reader, const Node& node, std::string& into) {
    if (node.kind != Node::Kind::map) return unexpected(reader, node, "a map");
    into = json_of(node, reader);
  };
  return {{"map", R"({"type":"object"})"}, read, [](const std::string& json) { return json; }};
}

Kind<std::vector<model::NameValue>> pairs(std::string word, Status (*check_name)(std::string&),
                                          Status (*check_value)(std::string&)) {
  const auto read = [check_name, check_value](Reader& reader, const Node& node,
                                              std::vector<model::NameValue>& into) {
    if (node.kind != Node::Kind::map) return unexpected(reader, node, "a map of names and values");
    into.clear();
    for (const Entry& entry : node.entries) {
      model::NameValue& pair = into.emplace_back();
      pair.name = entry.key;
      if (const Status status = check_name(pair.name); !status) {
        reader.problem(entry.mark, status.error().what);
      }
      const Reader::Inside inside(reader, in_quotes(entry.key));
      read_text(reader, entry.value, "text", check_value, pair.value);
    }
  };
  return {{std::move(word), R"({"type":"object","additionalProperties":{"type":["string",)"
                            R"("number","boolean"]}})"},
          read,
          nullptr};
}

}  // namespace mynah::control
