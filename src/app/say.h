// SPDX-License-Identifier: Apache-2.0
// What commands print: a line, or a table.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mynah {

// Prints the text to standard output, with the end of its line. Control characters in it, but for
// ends of lines, become `?`: what others have written must not steer the terminal.
void say(std::string_view text);

// Columns that are as wide as their widest cell.
class Table final {
 public:
  explicit Table(std::vector<std::string> head) { rows_.push_back(std::move(head)); }
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  [[nodiscard]] std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace mynah
