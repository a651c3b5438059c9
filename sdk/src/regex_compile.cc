// SPDX-License-Identifier: Apache-2.0
// From a pattern to a program. A fragment that stands for a part of the pattern is a run of steps
// whose jumps are relative, so it can be wrapped by putting steps around it.
//
//   either := run { "|" run }
//   run    := { atom { repeat } }
//   repeat := ("*" | "+" | "?" | "{" N [ "," [ N ] ] "}") [ "?" ]
#include <algorithm>
#include <utility>

#include "base/text.h"
#include "mynah/regex.h"

namespace mynah {
inline namespace plugin {

class RegexCompiler final {
 public:
  explicit RegexCompiler(std::string_view pattern) : pattern_(pattern) {}

  Result<Regex> compile() {
    if (pattern_.size() > Regex::kPatternMax)
      return Error{Errc::too_large, "the pattern is longer than 4096 bytes"};
    if (find_invalid_utf8(pattern_) != std::string_view::npos) return wrong("not UTF-8");
    if (!flags() || !either() || !finish()) return wrong(what_);
    return std::move(made_);
  }

 private:
  using Op = Regex::Op;
  using Step = Regex::Step;
  using Set = Regex::Set;
  static constexpr int kDepthMax = 64;
  static constexpr std::uint32_t kRepeatMax = 1000;
  static constexpr std::uint32_t kNoLimit = ~0U;

  Error wrong(std::string_view why) const {
    return Error{Errc::invalid_argument,
                 cat("the pattern \"", pattern_.substr(0, 80), "\", at byte ", at_ + 1, ": ", why)};
  }
  bool fail(std::string_view why) {
    if (what_.empty()) what_ = why;
    return false;
  }

  [[nodiscard]] bool more() const { return at_ < pattern_.size(); }
  [[nodiscard]] char next() const { return more() ? pattern_[at_] : '\0'; }
  bool take(std::string_view text) {
    if (!pattern_.substr(at_).starts_with(text)) return false;
    at_ += text.size();
    return true;
  }

  bool flags() {
    if (!pattern_.starts_with("(?") || pattern_.find_first_not_of("ims", 2) == 2) return true;
    const std::size_t end = pattern_.find_first_not_of("ims", 2);
    if (end == std::string_view::npos || pattern_[end] != ')') return true;
    const std::string_view set = pattern_.substr(2, end - 2);
    made_.ignores_case_ = set.contains('i');
    lines_ = set.contains('m');
    dot_takes_all_ = set.contains('s');
    at_ = end + 1;
    return true;
  }

  bool finish() {
    if (more()) return fail("a parenthesis is not opened");
    insert(0, {Op::save, false, 0});
    return emit({Op::save, false, 1}) && emit({Op::match});
  }

  bool emit(Step step) {
    if (made_.steps_.size() >= Regex::kStepsMax) return fail("its repetitions make it too large");
    made_.steps_.push_back(step);
    return true;
  }
  void insert(std::size_t place, Step step) {
    made_.steps_.insert(made_.steps_.begin() + static_cast<std::ptrdiff_t>(place), step);
  }
  [[nodiscard]] std::size_t here() const { return made_.steps_.size(); }
  static std::int32_t steps(std::size_t count) { return static_cast<std::int32_t>(count); }

  bool either() {
    if (++depth_ > kDepthMax) return fail("nested too deeply");
    const std::size_t start = here();
    if (!run()) return false;
    if (take("|")) {
      insert(start, {Op::split, false, 1, steps(here() - start) + 2});
      const std::size_t jump = here();
      if (!emit({Op::jump}) || !either()) return false;
      made_.steps_[jump].first = steps(here() - jump);
    }
    --depth_;
    return true;
  }

  bool run() {
    while (more() && next() != '|' && next() != ')') {
      if (!repeated()) return false;
    }
    return true;
  }

  bool repeated() {
    const std::size_t start = here();
    const std::size_t source = at_;
    const std::size_t groups = made_.groups_;
    if (!atom()) return false;
    bool repeats = false;
    while (more()) {
      std::uint32_t least = 0;
      std::uint32_t most = kNoLimit;
      if (take("+")) {
        least = 1;
      } else if (take("?")) {
        most = 1;
      } else if (next() == '{' && count(least, most)) {
        if (least > kRepeatMax || (most != kNoLimit && most > kRepeatMax))
          return fail("at most 1000 repetitions are counted");
      } else if (!what_.empty() || !take("*")) {
        return what_.empty();
      }
      if (repeats) return fail("a repetition of a repetition needs parentheses");
      repeats = true;
      const bool lazy = take("?");
      if (!wrap(start, source, groups, least, most, lazy)) return false;
    }
    return true;
  }

  // "{2}", "{2,}" or "{2,5}"; anything else is text.
  bool count(std::uint32_t& least, std::uint32_t& most) {
    const std::size_t end = pattern_.find('}', at_);
    if (end == std::string_view::npos) return false;
    const Halves halves = cut(pattern_.substr(at_ + 1, end - at_ - 1), ",");
    const auto low = parse_number<std::uint32_t>(halves.before);
    const auto high = parse_number<std::uint32_t>(halves.after);
    if (!low || (halves.found && !halves.after.empty() && !high)) return false;
    least = *low;
    most = !halves.found ? least : halves.after.empty() ? kNoLimit : *high;
    if (most < least) return fail("the counts of a repetition are the wrong way round");
    at_ = end + 1;
    return true;
  }

  Step fork(std::int32_t in, std::int32_t past, bool lazy) {
    return lazy ? Step{Op::split, false, past, in} : Step{Op::split, false, in, past};
  }

  // The fragment that begins at `start`, so many times. Counted ones are read from their source
  // again.
  bool wrap(std::size_t start, std::size_t source, std::size_t groups, std::uint32_t least,
            std::uint32_t most, bool lazy) {
    if (most == 0) {
      made_.steps_.resize(start);
      return true;
    }
    const std::size_t end = at_;
    std::size_t copy = start;
    for (std::uint32_t i = 1; i < least; ++i) {
      copy = here();
      if (!again(source, groups)) return false;
    }
    if (most == kNoLimit) {
      const std::int32_t size = steps(here() - copy);
      at_ = end;
      // a* is (a+)?: so a fit of nothing ends it, as in RE2.
      if (least == 0) insert(copy, fork(1, size + 2, lazy));
      return emit(fork(-size, 1, lazy));
    }
    std::vector<std::size_t> forks;
    if (least == 0) {
      insert(start, {});
      forks.push_back(start);
    }
    for (std::uint32_t i = least == 0 ? 1 : least; i < most; ++i) {
      forks.push_back(here());
      if (!emit({}) || !again(source, groups)) return false;
    }
    for (const std::size_t place : forks)
      made_.steps_[place] = fork(1, steps(here() - place), lazy);
    at_ = end;
    return true;
  }

  bool again(std::size_t source, std::size_t groups) {
    if (++readings_ > Regex::kStepsMax) return fail("its repetitions make it too large");
    at_ = source;
    const std::size_t all = std::exchange(made_.groups_, groups);
    const bool read = atom();
    made_.groups_ = std::max(all, made_.groups_);
    return read;
  }

  bool atom() {
    if (take("(")) return group();
    if (take("[")) return set();
    if (take("\\")) return escape();
    if (take(".")) return emit({Op::any, dot_takes_all_});
    if (take("^")) return emit({Op::begin, lines_});
    if (take("$")) return emit({Op::end, lines_});
    if (next() == '*' || next() == '+' || next() == '?') return fail("nothing to repeat");
    return literal(character());
  }

  bool group() {
    bool counts = true;
    if (take("?:")) {
      counts = false;
    } else if (take("?P<") || (next() == '?' && take("?<") && next() != '=' && next() != '!')) {
      const std::size_t end = pattern_.find('>', at_);
      if (end == std::string_view::npos || end == at_) return fail("the group has no name");
      at_ = end + 1;
    } else if (next() == '?') {
      return fail("no such group: there is no look-around, and flags stand in front");
    }
    const auto number = static_cast<std::int32_t>(made_.groups_);
    if (counts) {
      if (made_.groups_++ > 64) return fail("more than 64 groups");
      if (!emit({Op::save, false, number * 2})) return false;
    }
    if (!either()) return false;
    if (!take(")")) return fail("a parenthesis is not closed");
    return !counts || emit({Op::save, false, number * 2 + 1});
  }

  // The next character of the pattern, whole.
  std::uint32_t character() {
    const std::size_t size = utf8_length(pattern_.substr(at_));
    auto value = static_cast<unsigned char>(pattern_[at_]);
    std::uint32_t code = size == 1 ? value : value & (0xFFU >> (size + 1));
    for (std::size_t i = 1; i < size; ++i)
      code = code << 6U | (static_cast<unsigned char>(pattern_[at_ + i]) & 0x3FU);
    at_ += size;
    return code;
  }

  bool literal(std::uint32_t code) {
    if (made_.ignores_case_ && code < 128)
      code = static_cast<unsigned char>(lower(static_cast<char>(code)));
    return emit({Op::character, false, static_cast<std::int32_t>(code)});
  }

  bool escape() {
    if (!more()) return fail("a backslash ends the pattern");
    if (take("b")) return emit({Op::word, false});
    if (take("B")) return emit({Op::word, true});
    if (take("A")) return emit({Op::begin, false});
    if (take("z")) return emit({Op::end, false});
    Set named;
    if (named_set(named)) return emit_set(std::move(named));
    std::uint32_t code = 0;
    return escaped_character(code) && literal(code);
  }

  // \d, \w, \s and their opposites, behind the backslash.
  bool named_set(Set& set) {
    const char name = next();
    switch (lower(name)) {
      case 'd':
        set.ranges = {{'0', '9'}};
        break;
      case 'w':
        set.ranges = {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
        break;
      case 's':
        set.ranges = {{'\t', '\n'}, {'\f', '\r'}, {' ', ' '}};
        break;
      default:
        return false;
    }
    set.negated = name < 'a';
    ++at_;
    return true;
  }

  bool escaped_character(std::uint32_t& code) {
    constexpr std::string_view kNames = "ntrfv0";
    const char name = next();
    if (take("x")) return hexadecimal(code);
    if (const std::size_t which = kNames.find(name); which != std::string_view::npos) {
      code = static_cast<unsigned char>("\n\t\r\f\v\0"[which]);
      ++at_;
      return true;
    }
    if (is_alpha(name) || is_digit(name)) return fail("no such escape");
    code = character();
    return true;
  }

  bool hexadecimal(std::uint32_t& code) {
    const bool braced = take("{");
    const std::size_t end = braced ? pattern_.find('}', at_) : at_ + 2;
    if (end > pattern_.size() || end == at_ || end - at_ > 6) return fail("no number behind \\x");
    code = 0;
    for (; at_ < end; ++at_) {
      const char c = lower(pattern_[at_]);
      if (!is_digit(c) && (c < 'a' || c > 'f')) return fail("no number behind \\x");
      code = code * 16 + static_cast<std::uint32_t>(is_digit(c) ? c - '0' : c - 'a' + 10);
    }
    if (braced) ++at_;
    return code <= 0x10FFFF || fail("no such character");
  }

  bool set() {
    Set made;
    made.negated = take("^");
    for (bool first = true; first || next() != ']'; first = false) {
      if (!more()) return fail("a bracket is not closed");
      if (pattern_.substr(at_).starts_with("[:")) return fail("there are no classes with names");
      Set named;
      std::uint32_t from = 0;
      if (take("\\")) {
        if (named_set(named)) {
          if (named.negated) complement(named);
          made.ranges.insert(made.ranges.end(), named.ranges.begin(), named.ranges.end());
          continue;
        }
        if (!escaped_character(from)) return false;
      } else {
        from = character();
      }
      std::uint32_t to = from;
      if (next() == '-' && at_ + 1 < pattern_.size() && pattern_[at_ + 1] != ']') {
        ++at_;
        if (take("\\")) {
          if (!escaped_character(to)) return false;
        } else {
          to = character();
        }
        if (to < from) return fail("a range is the wrong way round");
      }
      made.ranges.push_back({from, to});
    }
    ++at_;
    return emit_set(std::move(made));
  }

  // Of the named sets, whose ranges ascend.
  static void complement(Set& set) {
    std::vector<Regex::Range> others;
    std::uint32_t from = 0;
    for (const Regex::Range& range : set.ranges) {
      if (range.first > from) others.push_back({from, range.first - 1});
      from = range.last + 1;
    }
    others.push_back({from, 0x10FFFF});
    set.ranges = std::move(others);
  }

  bool emit_set(Set set) {
    made_.sets_.push_back(std::move(set));
    return emit({Op::set, false, steps(made_.sets_.size() - 1)});
  }

  std::string_view pattern_;  // tidy: allow string_view: the argument of one call
  std::size_t at_ = 0;
  int depth_ = 0;
  std::size_t readings_ = 0;  // of parts that are repeated, of which some add no step
  bool lines_ = false;
  bool dot_takes_all_ = false;
  std::string what_;
  Regex made_;
};

Result<Regex> Regex::compile(std::string_view pattern) { return RegexCompiler(pattern).compile(); }

}  // namespace plugin
}  // namespace mynah
