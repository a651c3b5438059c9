// SPDX-License-Identifier: Apache-2.0
// Regular expressions whose work is bounded by the product of text and pattern, whatever both are:
// no pattern, and no text that a client sends, can blow them up.
//
//   MYNAH_LET(const auto card, Regex::compile(R"(\b(\d{4})[ -]?\d{4}\b)"));
//   std::string masked = card.replace_all(text, "$1 ****");
//   if (const auto match = card.find(text)) use((*match)[1]);
//
// The syntax is RE2's: a|b, (a), (?:a), (?P<name>a), a* a+ a? a{2,5} and their lazy forms a*?,
// [a-z^-], \d \w \s \b and their opposites, \n \t \r \xHH \x{HHHH}, . ^ $, and (?ims) in front of
// the whole. Letters are Unicode characters in UTF-8; \d, \w, \s, \b and (?i) are about ASCII. The
// first alternative that fits wins, as in Perl. There are no back-references and no look-around.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace mynah {
inline namespace plugin {

// Where a pattern fits: the whole and its groups, as parts of the text that was searched.
class Match final {
 public:
  // Group 0 is the whole; "" of a group that took no part.
  [[nodiscard]] std::string_view operator[](std::size_t group) const;
  [[nodiscard]] std::size_t size() const { return places_.size() / 2; }
  // The offset of the first byte, and of the one behind the last.
  [[nodiscard]] std::size_t begin() const { return places_[0]; }
  [[nodiscard]] std::size_t end() const { return places_[1]; }

 private:
  friend class Regex;
  std::string_view text_;  // tidy: allow string_view: the text that was searched outlives it
  std::vector<std::size_t> places_;
};

class Regex final {
 public:
  static constexpr std::size_t kPatternMax = 4096;
  static constexpr std::size_t kStepsMax = 8192;  // what repetitions may multiply it to

  // An error says what is wrong, and where.
  static Result<Regex> compile(std::string_view pattern);

  // Whether it fits the whole text; whether it fits anywhere.
  [[nodiscard]] bool matches(std::string_view text) const;
  [[nodiscard]] bool found_in(std::string_view text) const;
  // The first place from `from` on.
  [[nodiscard]] std::optional<Match> find(std::string_view text [[clang::lifetimebound]],
                                          std::size_t from = 0) const;
  // Every place replaced; $0 to $9 in `with` are the groups, $$ is a dollar sign.
  [[nodiscard]] std::string replace_all(std::string_view text, std::string_view with) const;

 private:
  friend class RegexCompiler;
  friend class RegexRun;
  enum class Op : std::uint8_t { character, any, set, split, jump, save, begin, end, word, match };
  // Steps are numbered from where they stand: a part of a program can be moved.
  struct Step {
    Op op = Op::match;
    bool flag = false;        // word: not one; begin and end: of a line; any: a line feed as well
    std::int32_t first = 0;   // split, jump: where on; character; set; save: which
    std::int32_t second = 0;  // split: where on if the first leads nowhere
  };
  struct Range {
    std::uint32_t first;
    std::uint32_t last;
  };
  struct Set {
    std::vector<Range> ranges;
    bool negated = false;
  };

  std::vector<Step> steps_;
  std::vector<Set> sets_;
  std::size_t groups_ = 1;
  bool ignores_case_ = false;
};

}  // namespace plugin
}  // namespace mynah
