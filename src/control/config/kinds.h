// SPDX-License-Identifier: Apache-2.0
// The kinds of values that fields of a configuration have.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "control/config/section.h"
#include "gateway/model.h"

namespace mynah::control {

// true or false.
Kind<bool> flag();

// A whole number in a range.
template <std::integral T>
Kind<T> whole(T min, T max);

// A share: 0 to 100, fractions allowed.
Kind<double> percent();

Kind<model::Milliseconds> duration(model::Milliseconds min, model::Milliseconds max);
Kind<std::uint64_t> size(std::uint64_t min, std::uint64_t max);

// A text that `check` accepts and may bring into its normal form.
Kind<std::string> text(std::string word, Status (*check)(std::string&));

// The path of a file that must be there, and of a folder or file that the program makes.
Kind<std::string> file();
Kind<std::string> place();

// The name that declares a thing, and the name of a thing that exists somewhere in the file.
Kind<std::string> name_for(Named what);
Kind<std::string> name_of_a(Named what);

Kind<Address> address();
Kind<model::Cidr> cidr();
Kind<model::Url> url();
Kind<model::StatusRange> status_range();

// Free-form settings: any map, kept as JSON text.
Kind<std::string> settings();

// Names and values: a map, in the order of the file.
Kind<std::vector<model::NameValue>> pairs(std::string word, Status (*check_name)(std::string&),
                                          Status (*check_value)(std::string&));

// One of several words.
template <class E>
struct Word {
  const char* word;
  E value;
};
template <class E>
Kind<E> one_of(std::vector<Word<E>> words);

template <class T>
Kind<std::vector<T>> list_of(Kind<T> item, std::size_t min = 0, std::size_t max = 1000);

template <class T>
Kind<std::optional<T>> maybe(Kind<T> kind);

// A struct. The section must live as long as the program.
template <class S>
Kind<S> part(const Section<S>& section);

// A scalar in the short form, a map in the long one.
template <class T>
Kind<T> short_or_long(Kind<T> brief, Kind<T> full);

// A struct of which only one member is given.
template <class S, class T>
Kind<S> only(T S::* member, Kind<T> kind);

// Without a default for people: where the member's default belongs to another field.
template <class T>
Kind<T> quiet(Kind<T> kind) {
  kind.show = nullptr;
  return kind;
}

// ---- Checks between fields

// Reports a field that is there without another one.
void needs(Reader& reader, const Node& node, std::string_view field, std::string_view other);
// Reports fields that are there although `reason`.
void excludes(Reader& reader, const Node& node, const std::vector<std::string_view>& fields,
              std::string_view reason);

// ---- What the templates are made of

// Reports and answers false when the node is no scalar.
bool is_scalar(Reader& reader, const Node& node, std::string_view expected);
void unknown_word(Reader& reader, const Node& node, const std::vector<std::string_view>& words);
std::string words_schema(const std::vector<std::string_view>& words);

template <std::integral T>
Kind<T> whole(T min, T max) {
  const std::string word = cat("whole number from ", min, " to ", max);
  const auto read = [min, max, word](Reader& reader, const Node& node, T& into) {
    if (!is_scalar(reader, node, word)) return;
    const auto number = parse_number<T>(node.text);
    if (number && *number >= min && *number <= max) {
      into = *number;
    } else {
      unexpected(reader, node, cat("a ", word));
    }
  };
  return {{word, cat(R"({"type":"integer","minimum":)", min, R"(,"maximum":)", max, "}")},
          read,
          [](const T& value) { return cat(value); }};
}

template <class E>
Kind<E> one_of(std::vector<Word<E>> words) {
  std::vector<std::string_view> names;
  for (const Word<E>& word : words) names.push_back(word.word);
  std::string known;
  for (const auto name : names) append(known, known.empty() ? "" : " | ", name);
  const auto read = [words, names](Reader& reader, const Node& node, E& into) {
    if (!is_scalar(reader, node, "a word")) return;
    for (const Word<E>& word : words) {
      if (node.text != word.word) continue;
      into = word.value;
      return;
    }
    unknown_word(reader, node, names);
  };
  const auto show = [words](const E& value) -> std::string {
    for (const Word<E>& word : words) {
      if (word.value == value) return cat('"', word.word, '"');
    }
    return "";
  };
  return {{known, words_schema(names)}, read, show};
}

template <class T>
Kind<std::vector<T>> list_of(Kind<T> item, std::size_t min, std::size_t max) {
  const auto read = [inner = item.read, min, max](Reader& reader, const Node& node,
                                                  std::vector<T>& into) {
    if (node.kind != Node::Kind::list) return unexpected(reader, node, "a list");
    if (node.items.size() < min || node.items.size() > max) {
      return reader.problem(node.mark, cat("the list has ", node.items.size(), " entries; ", min,
                                           " to ", max, " are allowed"));
    }
    into.clear();
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      const Reader::Inside inside(reader, i);
      inner(reader, node.items[i], into.emplace_back());
    }
  };
  const auto show = [inner = item.show](const std::vector<T>& values) {
    std::string out = "[";
    for (const T& value : values)
      append(out, out.size() == 1 ? "" : ",", inner ? inner(value) : "");
    return out + "]";
  };
  return {{cat("list of ", item.info.word),
           cat(R"({"type":"array","minItems":)", min, R"(,"maxItems":)", max, R"(,"items":)",
               item.info.schema, "}"),
           item.info.parts},
          read,
          show};
}

template <class T>
Kind<std::optional<T>> maybe(Kind<T> kind) {
  const auto read = [inner = std::move(kind.read)](Reader& reader, const Node& node,
                                                   std::optional<T>& into) {
    inner(reader, node, into.emplace());
  };
  return {kind.info, read, nullptr};
}

template <class S>
Kind<S> part(const Section<S>& section) {
  const auto read = [&section](Reader& reader, const Node& node, S& into) {
    section.read(reader, node, into);
  };
  return {{section.info().name, cat(R"({"$ref":"#/$defs/)", section.info().name, R"("})"),
           &section.info()},
          read,
          nullptr};
}

template <class S, class T>
Kind<S> only(T S::* member, Kind<T> kind) {
  const auto read = [member, inner = std::move(kind.read)](Reader& reader, const Node& node,
                                                           S& into) {
    inner(reader, node, into.*member);
  };
  return {kind.info, read, nullptr};
}

template <class T>
Kind<T> short_or_long(Kind<T> brief, Kind<T> full) {
  const auto read = [a = brief.read, b = full.read](Reader& reader, const Node& node, T& into) {
    (node.kind == Node::Kind::map ? b : a)(reader, node, into);
  };
  return {{cat(brief.info.word, " or ", full.info.word),
           cat(R"({"anyOf":[)", brief.info.schema, ",", full.info.schema, "]}"), full.info.parts},
          read,
          nullptr};
}

}  // namespace mynah::control
