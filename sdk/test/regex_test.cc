// SPDX-License-Identifier: Apache-2.0
// Patterns: what they mean, what is refused, and that they agree with RE2.
#include "mynah/regex.h"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include "base/text.h"

namespace mynah {
namespace {

Regex made(std::string_view pattern) {
  auto regex = Regex::compile(pattern);
  EXPECT_TRUE(regex) << pattern << ": " << regex.error().what;
  return regex ? *std::move(regex) : *Regex::compile("");
}

std::string refusal(std::string_view pattern) {
  const auto regex = Regex::compile(pattern);
  return regex ? "taken" : regex.error().what;
}

TEST(Regex, finds_groups) {
  const auto match = made(R"((\w+)@(\w+)(\.org)?)").find("to ann@example, now");

  ASSERT_TRUE(match);
  EXPECT_EQ((*match)[0], "ann@example");
  EXPECT_EQ((*match)[1], "ann");
  EXPECT_EQ((*match)[2], "example");
  EXPECT_EQ((*match)[3], "");
  EXPECT_EQ(match->begin(), 3U);
  EXPECT_EQ(match->size(), 4U);
}

TEST(Regex, replaces_every_place) {
  EXPECT_EQ(
      made(R"(\b(\d{4})[ -]?\d{4}\b)").replace_all("1234-5678, 12345678 and 123", "$1 ****$$"),
      "1234 ****$, 1234 ****$ and 123");
  EXPECT_EQ(made("a*").replace_all("baac", "-"), "-b--c-");
  EXPECT_EQ(made("").replace_all("\xE4\xBD\xA0!", "."), ".\xE4\xBD\xA0.!.");
}

TEST(Regex, takes_characters_and_not_bytes) {
  EXPECT_TRUE(made("^.$").matches("\xE4\xBD\xA0"));
  EXPECT_TRUE(made("^[\xE4\xBD\xA0-\xE4\xBD\xA1]+$").matches("\xE4\xBD\xA1\xE4\xBD\xA0"));
  EXPECT_TRUE(made(R"(^\x{4F60}$)").matches("\xE4\xBD\xA0"));
}

TEST(Regex, says_what_is_wrong_and_where) {
  EXPECT_EQ(refusal("a(b"), "the pattern \"a(b\", at byte 4: a parenthesis is not closed");
  EXPECT_TRUE(refusal("a)").contains("not opened"));
  EXPECT_TRUE(refusal("[a").contains("a bracket is not closed"));
  EXPECT_TRUE(refusal("*a").contains("nothing to repeat"));
  EXPECT_TRUE(refusal("a**").contains("needs parentheses"));
  EXPECT_TRUE(refusal("a{3,2}").contains("wrong way round"));
  EXPECT_TRUE(refusal("[z-a]").contains("wrong way round"));
  EXPECT_TRUE(refusal("a{1001}").contains("at most 1000"));
  EXPECT_TRUE(refusal(R"(\1)").contains("no such escape"));
  EXPECT_TRUE(refusal("(?=a)").contains("no look-around"));
  EXPECT_TRUE(refusal("\\").contains("backslash"));
  EXPECT_TRUE(refusal("\xFF").contains("UTF-8"));
  EXPECT_TRUE(refusal(std::string(5000, 'a')).contains("longer"));
}

TEST(Regex, no_pattern_grows_beyond_its_limit) {
  EXPECT_TRUE(refusal("((a{100}){100}){100}").contains("too large"));
  EXPECT_TRUE(refusal("(((?:){1000}){1000}){1000}").contains("too large"));
  EXPECT_TRUE(refusal(std::string(100, '(')).contains("nested too deeply"));
}

TEST(Regex, what_blows_up_others_is_linear_here) {
  const std::string text(2000, 'a');

  EXPECT_FALSE(made("(a*)*b").found_in(text));
  EXPECT_FALSE(made("(a|a)*b").matches(text));
  EXPECT_FALSE(made("(a?){50}a{50}b").found_in(text.substr(0, 60)));
}

// What a pattern finds in a text, with its groups, by either engine.
std::string by_us(const Regex& regex, std::string_view text) {
  const auto match = regex.find(text);
  if (!match) return "nothing";
  std::string all;
  for (std::size_t i = 0; i < match->size(); ++i) append(all, "<", (*match)[i], ">");
  return all;
}

std::string by_re2(const RE2& regex, std::string_view text) {
  std::vector<re2::StringPiece> groups(static_cast<std::size_t>(regex.NumberOfCapturingGroups()) +
                                       1);
  if (!regex.Match({text.data(), text.size()}, 0, text.size(), RE2::UNANCHORED, groups.data(),
                   static_cast<int>(groups.size())))
    return "nothing";
  std::string all;
  for (const auto& group : groups)
    append(all, "<", std::string_view(group.data(), group.size()), ">");
  return all;
}

class Dice final {
 public:
  std::size_t below(std::size_t count) {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::size_t>(state_ >> 33U) % count;
  }

 private:
  std::uint64_t state_ = 1;
};

std::string random_pattern(Dice& dice, int depth) {
  static constexpr std::string_view kAtoms[] = {"a",   "b",   ".", "[ab]",    "[^a]", "\\w",
                                                "\\d", "\\b", "c", "^",       "$",    "\xC3\xA9",
                                                " ",   "\\W", "x", "[a-c\\d]"};
  static constexpr std::string_view kRepeats[] = {"*",  "+",   "?",     "*?",    "+?",
                                                  "??", "{2}", "{1,3}", "{0,2}?"};
  std::string pattern;
  for (std::size_t i = dice.below(4) + 1; i > 0; --i) {
    const bool group = depth > 0 && dice.below(3) == 0;
    const std::string_view atom = kAtoms[dice.below(std::size(kAtoms))];
    bool empty = false;
    if (group) {
      const std::string inside = random_pattern(dice, depth - 1);
      append(pattern, dice.below(3) == 0 ? "(?:" : "(", inside, ")");
      // What a repetition of something that may be empty yields is a matter of taste.
      empty = inside.find_first_of("*?^$") != std::string::npos || inside.contains("\\b") ||
              inside.contains("{0") || inside.contains("|");
    } else {
      pattern += atom;
      empty = atom == "\\b" || atom == "^" || atom == "$";
    }
    if (!empty && dice.below(3) == 0) pattern += kRepeats[dice.below(std::size(kRepeats))];
  }
  if (dice.below(4) == 0) append(pattern, "|", random_pattern(dice, 0));
  return pattern;
}

TEST(Regex, agrees_with_re2_on_random_patterns) {
  Dice dice;
  int compared = 0;
  for (int i = 0; i < 4000; ++i) {
    std::string pattern = random_pattern(dice, 2);
    if (dice.below(5) == 0) pattern.insert(0, "(?i)");
    RE2::Options options;
    options.set_log_errors(false);
    const RE2 theirs(pattern, options);
    const auto ours = Regex::compile(pattern);
    if (!theirs.ok()) continue;
    ASSERT_TRUE(ours) << pattern << ": " << ours.error().what;
    for (int j = 0; j < 5; ++j) {
      std::string text;
      for (std::size_t k = dice.below(12); k > 0; --k) {
        static constexpr std::string_view kLetters[] = {"a", "b",        "c", "A", "1",
                                                        " ", "\xC3\xA9", "x", "\n"};
        text += kLetters[dice.below(std::size(kLetters))];
      }
      ASSERT_EQ(by_us(*ours, text), by_re2(theirs, text)) << pattern << " on \"" << text << "\"";
      EXPECT_EQ(ours->matches(text), RE2::FullMatch(text, theirs)) << pattern << " on " << text;
      ++compared;
    }
  }
  EXPECT_GT(compared, 15'000);
}

}  // namespace
}  // namespace mynah
