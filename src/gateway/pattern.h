// SPDX-License-Identifier: Apache-2.0
// Pattern: a regular expression whose cost is bounded by the length of the text (RE2).
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace mynah {

class Pattern final {
 public:
  // The expression has been checked when the configuration was read; one that is not valid is a
  // bug.
  explicit Pattern(std::string_view expression);
  ~Pattern();
  Pattern(Pattern&&) = delete;

  [[nodiscard]] bool matches_all_of(std::string_view text) const;
  // The text with every match replaced; \1 to \9 stand for groups.
  [[nodiscard]] std::string replace_all(std::string_view text, std::string_view replacement) const;

  // Why an expression is not one; empty when it is.
  static std::string problem_of(std::string_view expression);

 private:
  std::unique_ptr<re2::RE2> expression_;
};

}  // namespace mynah
