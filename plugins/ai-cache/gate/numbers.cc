// SPDX-License-Identifier: Apache-2.0
// Numbers are read into doubles with at most three decimals; a number that does not fit stays as it
// is written. Versions ("3.10", "22.04") keep their digits: only what was a word is computed.
#include "numbers.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <span>

#include "lexicon.h"

namespace gate {

namespace {

struct Value {
  const char* word;
  double value;
};

constexpr Value kSmall[] = {
    {"zero", 0},     {"one", 1},      {"two", 2},        {"three", 3},     {"four", 4},
    {"five", 5},     {"six", 6},      {"seven", 7},      {"eight", 8},     {"nine", 9},
    {"ten", 10},     {"eleven", 11},  {"twelve", 12},    {"thirteen", 13}, {"fourteen", 14},
    {"fifteen", 15}, {"sixteen", 16}, {"seventeen", 17}, {"eighteen", 18}, {"nineteen", 19},
    {"twenty", 20},  {"thirty", 30},  {"forty", 40},     {"fourty", 40},   {"fifty", 50},
    {"sixty", 60},   {"seventy", 70}, {"eighty", 80},    {"ninety", 90},
};
constexpr Value kLarge[] = {{"hundred", 1e2}, {"thousand", 1e3},  {"k", 1e3},
                            {"million", 1e6}, {"mn", 1e6},        {"billion", 1e9},
                            {"bn", 1e9},      {"trillion", 1e12}, {"dozen", 12}};
constexpr Value kOrdinals[] = {
    {"first", 1},        {"second", 2},      {"third", 3},       {"fourth", 4},
    {"fifth", 5},        {"sixth", 6},       {"seventh", 7},     {"eighth", 8},
    {"ninth", 9},        {"tenth", 10},      {"eleventh", 11},   {"twelfth", 12},
    {"thirteenth", 13},  {"fourteenth", 14}, {"fifteenth", 15},  {"sixteenth", 16},
    {"seventeenth", 17}, {"eighteenth", 18}, {"nineteenth", 19}, {"twentieth", 20},
    {"thirtieth", 30},   {"hundredth", 100},
};
constexpr std::string_view kRomans[] = {"ii", "iii", "iv",   "vi",  "vii", "viii", "ix",
                                        "xi", "xii", "xiii", "xiv", "xv",  "xvi"};
constexpr int kRomanValues[] = {2, 3, 4, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16};

std::optional<double> among(std::span<const Value> values, std::string_view word) {
  const auto found = std::ranges::find_if(values, [&](const Value& each) {
    return !word.empty() && each.word[0] == word[0] && word == each.word;
  });
  if (found == values.end()) return std::nullopt;
  return found->value;
}

std::optional<double> digits(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash != std::string_view::npos) {
    const auto upper = digits(text.substr(0, slash));
    const auto lower = digits(text.substr(slash + 1));
    if (!upper || !lower || *lower == 0) return std::nullopt;
    return *upper / *lower;
  }
  double value = 0;
  double place = 0;
  for (const char c : text) {
    if (c == '.') {
      if (place != 0) return std::nullopt;
      place = 1;
    } else if (c < '0' || c > '9') {
      return std::nullopt;
    } else if (place == 0) {
      value = value * 10 + (c - '0');
    } else {
      place /= 10;
      value += place * (c - '0');
    }
  }
  return value;
}

std::string shown(double value) {
  if (value >= 1e15) return "many";
  const auto whole = static_cast<std::int64_t>(std::floor(value));
  const auto rest = static_cast<std::int64_t>(std::lround((value - std::floor(value)) * 1000));
  std::string text = std::to_string(whole);
  if (rest == 0) return text;
  std::string decimals = std::to_string(1000 + rest).substr(1);
  while (decimals.ends_with('0')) decimals.pop_back();
  return text + '.' + decimals;
}

void become(Token& token, std::string text) {
  token.kind = Kind::number;
  token.text = text;
  token.canon = std::move(text);
  token.inflection = Inflection::none;
}

bool is(const std::vector<Token>& tokens, std::size_t at, std::string_view word) {
  return at < tokens.size() && tokens[at].text == word;
}

void drop(std::vector<Token>& tokens, std::size_t at, std::size_t count) {
  const auto begin = tokens.begin() + static_cast<std::ptrdiff_t>(at);
  tokens.erase(begin, begin + static_cast<std::ptrdiff_t>(std::min(count, tokens.size() - at)));
}

// "two hundred and fifty", "2.5 million", "ninety": the value and how many tokens it takes.
std::optional<std::pair<double, std::size_t>> cardinal(const std::vector<Token>& tokens,
                                                       std::size_t at) {
  double total = 0;
  double current = 0;
  bool any = false;
  bool worded = false;
  std::size_t end = at;
  for (std::size_t i = at; i < tokens.size(); ++i) {
    const std::string& word = tokens[i].text;
    const auto small = among(kSmall, word);
    const auto large = among(kLarge, word);
    if (small && !(any && *small >= 10 && std::fmod(current, 100) != 0) &&
        !(any && tokens[end - 1].kind == Kind::number)) {
      if (any && current != 0 && std::fmod(current, 10) != 0) break;
      current += *small;
      worded = any = true;
    } else if (!any && tokens[i].kind == Kind::number && digits(word)) {
      current = *digits(word);
      any = true;
    } else if (large && (any || word == "dozen")) {
      if (!any) current = 1;
      if (*large == 100 || *large == 12) {
        current *= *large;
      } else {
        total += current * *large;
        current = 0;
      }
      worded = any = true;
    } else if (word == "and" && worded && i + 1 < tokens.size() &&
               among(kSmall, tokens[i + 1].text) && std::fmod(current, 100) == 0 &&
               (current != 0 || total != 0) && end == i) {
      continue;
    } else {
      break;
    }
    end = i + 1;
  }
  if (!any || !worded) return std::nullopt;
  return std::pair{total + current, end - at};
}

void words_to_digits(std::vector<Token>& tokens) {
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    Token& token = tokens[at];
    if (token.kind != Kind::word && token.kind != Kind::number) continue;
    if (const auto nth = among(kOrdinals, token.text); nth && token.text != "second") {
      become(token, shown(*nth) + "th");
      continue;
    }
    if (token.text == "second" && at > 0 &&
        (is(tokens, at - 1, "the") || is(tokens, at - 1, "come") || is(tokens, at - 1, "came"))) {
      become(token, "2th");
      continue;
    }
    if (token.upper && at > 0) {
      const auto roman = std::ranges::find(kRomans, token.text);
      if (roman != std::end(kRomans)) {
        become(token, std::to_string(kRomanValues[roman - std::begin(kRomans)]));
        continue;
      }
    }
    // "half an hour", "half a million", "a half-hour talk"
    if (token.text == "half") {
      std::size_t next = at + 1;
      if (is(tokens, next, "a") || is(tokens, next, "an")) ++next;
      const auto large = next < tokens.size() ? among(kLarge, tokens[next].text) : std::nullopt;
      const bool measure =
          next < tokens.size() &&
          (english().classes(base_of(tokens[next].text).word) & (kUnit | kDate)) != 0;
      if (large || measure) {
        become(token, large ? shown(*large / 2) : "0.5");
        drop(tokens, at + 1, next - at - (large ? 0 : 1));
      }
      continue;
    }
    const bool article = (token.text == "a" || token.text == "an") && at + 1 < tokens.size() &&
                         among(kLarge, tokens[at + 1].text) && tokens[at + 1].text != "k";
    if (article) drop(tokens, at, 1);
    if (const auto found = cardinal(tokens, at)) {
      // "one" is a number only beside what can be counted; as a pronoun it stands for a thing.
      become(tokens[at], shown(found->first));
      drop(tokens, at + 1, found->second - 1);
    } else if (tokens[at].kind == Kind::number && tokens[at].text.contains('/')) {
      if (const auto value = digits(tokens[at].text)) become(tokens[at], shown(*value));
    }
  }
}

struct Length {
  const char* unit;
  double factor;
  const char* in;
};
constexpr Length kLengths[] = {
    {"hour", 60, "minute"}, {"week", 7, "day"}, {"fortnight", 14, "day"}, {"year", 12, "month"}};

void unify_lengths(std::vector<Token>& tokens) {
  for (std::size_t at = 0; at + 1 < tokens.size(); ++at) {
    if (tokens[at].kind != Kind::number) continue;
    const Meaning* unit = english().find(base_of(tokens[at + 1].text).word);
    if (unit == nullptr) continue;
    const std::string_view name = english().canon_of(*unit);
    // "5 min" is no minimum, "500 ml" no machine learning, "3 sec" no second.
    for (const auto& [written, meant] :
         {std::pair{"minimum", "minute"}, std::pair{"machine_learning", "milliliter"}})
      if (name == written) {
        tokens[at + 1].text = tokens[at + 1].canon = meant;
      }
    for (const Length& length : kLengths) {
      if (name != length.unit) continue;
      const auto value = digits(tokens[at].text);
      if (!value || *value > 1e6) continue;
      become(tokens[at], shown(*value * length.factor));
      tokens[at + 1].text = tokens[at + 1].canon = length.in;
    }
  }
}

// Characters of numbers.
constexpr std::array<std::string_view, 11> kHanDigits = {"零", "一", "二", "三", "四", "五",
                                                         "六", "七", "八", "九", "十"};

std::optional<double> han_digit(std::string_view text) {
  if (text == "两") return 2;
  if (text == "〇") return 0;
  for (std::size_t i = 0; i < 10; ++i)
    if (kHanDigits[i] == text) return static_cast<double>(i);
  return std::nullopt;
}

double han_place(std::string_view text) {
  if (text == "十") return 10;
  if (text == "百") return 100;
  if (text == "千") return 1000;
  if (text == "万") return 1e4;
  if (text == "亿") return 1e8;
  return 0;
}

// "一百零八", "50万", "两": the value and how many tokens it takes.
std::optional<std::pair<double, std::size_t>> han_number(const std::vector<Token>& tokens,
                                                         std::size_t at) {
  double total = 0;
  double section = 0;
  double current = 0;
  double last_place = 0;
  std::size_t end = at;
  bool plain = true;
  for (; end < tokens.size(); ++end) {
    const Token& token = tokens[end];
    const auto digit = token.kind == Kind::han ? han_digit(token.text) : std::nullopt;
    const double place = token.kind == Kind::han ? han_place(token.text) : 0;
    if (token.kind == Kind::number && end == at && digits(token.text)) {
      current = *digits(token.text);
    } else if (digit) {
      // "二零二四" is read digit by digit.
      current = plain && end > at ? current * 10 + *digit : *digit;
    } else if (place > 0 && (end > at || place == 10)) {
      if (place >= 1e4) {
        total += (section + current) * place;
        section = 0;
      } else {
        section += (current == 0 && plain ? 1 : current) * place;
      }
      current = 0;
      last_place = place;
      plain = false;
    } else {
      break;
    }
  }
  if (end == at || (end == at + 1 && tokens[at].kind == Kind::number)) return std::nullopt;
  // "一百五" is 150.
  if (!plain && last_place >= 100 && current > 0 && current < 10 && end > at + 1 &&
      tokens[end - 2].text != "零" && tokens[end - 1].kind == Kind::han)
    current *= last_place / 10;
  return std::pair{total + section + current, end - at};
}

struct HanMeasure {
  const char* unit;
  double factor;
  const char* in;
};
constexpr HanMeasure kHanMeasures[] = {
    {"周", 7, "天"},      {"星期", 7, "天"},    {"礼拜", 7, "天"},
    {"小时", 60, "分钟"}, {"年", 12, "个月"},   {"斤", 500, "克"},
    {"公斤", 1000, "克"}, {"千克", 1000, "克"}, {"日", 1, "天"}};

}  // namespace

void unify_english_numbers(std::vector<Token>& tokens) {
  words_to_digits(tokens);
  unify_lengths(tokens);
}

void unify_chinese_numbers(std::vector<Token>& tokens) {
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    const bool half = tokens[at].text == "半";
    const auto found = half ? std::nullopt : han_number(tokens, at);
    if (found && found->first < 1e15) {
      become(tokens[at], shown(found->first));
      drop(tokens, at + 1, found->second - 1);
    }
    if (tokens[at].kind != Kind::number && !half) continue;
    std::size_t next = at + 1;
    if (is(tokens, next, "个") && next + 1 < tokens.size()) ++next;
    for (const HanMeasure& measure : kHanMeasures) {
      // A year with four digits is a date.
      const auto value = half ? std::optional(0.5) : digits(tokens[at].text);
      if (!value || (std::string_view(measure.unit) == "年" && *value >= 100) ||
          (std::string_view(measure.unit) == "日" && next == at + 1))
        continue;
      std::string unit;
      std::size_t end = next;
      while (end < tokens.size() && unit.size() < std::string_view(measure.unit).size())
        unit += tokens[end++].text;
      if (unit != measure.unit) continue;
      // "三周年", "5年级", "周三", "上半年", "一年四季" mean something else.
      if (is(tokens, end, "级") || is(tokens, end, "年")) continue;
      if (half && at > 0 && (is(tokens, at - 1, "上") || is(tokens, at - 1, "下"))) continue;
      become(tokens[at], shown(*value * measure.factor));
      drop(tokens, at + 1, end - at - 1);
      Token name{.kind = Kind::han, .text = measure.in, .canon = measure.in};
      tokens.insert(tokens.begin() + static_cast<std::ptrdiff_t>(at) + 1, std::move(name));
      break;
    }
  }
}

}  // namespace gate
