// SPDX-License-Identifier: Apache-2.0
// Problems: what is wrong with a configuration file, each with its place. A reader collects them
// and goes on, so that a person sees all mistakes at once and not one a try.
#pragma once

#include <compare>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace mynah::control {

// A place in a file. Lines and columns count from one; zero means the file as a whole. The file is
// source zero; what stands beside it has numbers of its own.
struct Mark {
  int line = 0;
  int column = 0;
  int source = 0;
  friend auto operator<=>(const Mark& a, const Mark& b) {
    return std::tie(a.source, a.line, a.column) <=> std::tie(b.source, b.line, b.column);
  }
  friend bool operator==(const Mark&, const Mark&) = default;
};

class Problems final {
 public:
  // More than these are counted, not kept.
  static constexpr std::size_t kKept = 20;

  explicit Problems(std::string file) : sources_{std::move(file)} {}

  // Something else to be read beside the file: its place as a whole.
  Mark add_source(std::string name);

  void add(Mark mark, std::string what);

  [[nodiscard]] bool none() const { return found_ == 0; }
  [[nodiscard]] std::size_t found() const { return found_; }

  // One line a problem, in the order of the file: "file:line:column: what".
  [[nodiscard]] std::string text() const;

 private:
  struct Problem {
    Mark mark;
    std::string what;
  };

  std::vector<std::string> sources_;
  std::vector<Problem> kept_;
  std::size_t found_ = 0;
};

// `; did you mean "known"?` with the name that somebody who wrote `given` most likely meant, or
// nothing.
std::string suggestion(std::string_view given, std::span<const std::string_view> known);

// Text of a file between quotation marks, cut to a readable length, control characters replaced.
std::string in_quotes(std::string_view text);
// The same for a path: when it is long, its end.
std::string path_in_quotes(std::string_view path);

}  // namespace mynah::control
