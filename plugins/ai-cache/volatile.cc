// SPDX-License-Identifier: Apache-2.0
// Phrases, looked for among the words of a text. A phrase too many costs hits, one too few shows an
// answer of yesterday.
#include "volatile.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <string>

#include "base/text.h"

using namespace mynah;

namespace {

using Phrases = std::span<const std::string_view>;

// Between blanks. What has no blanks around it in its script stands below.
constexpr std::string_view kTimes[] = {"today",
                                       "tonight",
                                       "tomorrow",
                                       "yesterday",
                                       "now",
                                       "current",
                                       "currently",      // tidy: allow rots: what people say
                                       "at the moment",  // tidy: allow rots: what people say
                                       "latest",
                                       "recent",
                                       "recently",
                                       "newest",
                                       "nowadays",
                                       "this week",
                                       "this month",
                                       "this year",
                                       "this season",
                                       "this weekend",
                                       "this morning",
                                       "this evening",
                                       "this afternoon",
                                       "last week",
                                       "last night",
                                       "next week",
                                       "what time",
                                       "what day",
                                       "what date",
                                       "what is the time",
                                       "what is the date",
                                       "so far",
                                       "at present",
                                       "these days",
                                       "up to date",
                                       "news",
                                       "headlines",
                                       "weather",
                                       "forecast",
                                       "stock price",
                                       "share price",
                                       "exchange rate",
                                       "trending"};
constexpr std::string_view kPlaces[] = {
    "near me",     "nearby",     "near here",       "around here",      "around me",
    "close to me", "next to me", "close by",        "where am i",       "where i am",
    "in my area",  "my area",    "my location",     "my city",          "my town",
    "my country",  "my region",  "my neighborhood", "my neighbourhood", "local time"};
constexpr std::string_view kPersons[] = {
    "who am i",        "about me",        "my name",     "my account",     "my order",
    "my orders",       "my balance",      "my password", "my email",       "my mail",
    "my inbox",        "my phone number", "my address",  "my birthday",    "my age",
    "my profile",      "my invoice",      "my invoices", "my bill",        "my bills",
    "my payment",      "my payments",     "my package",  "my parcel",      "my delivery",
    "my ticket",       "my tickets",      "my booking",  "my reservation", "my flight",
    "my calendar",     "my schedule",     "my meeting",  "my meetings",    "my appointment",
    "my appointments", "my subscription", "my history",  "my salary",      "my manager",
    "remember me",     "i said",          "i told"};

constexpr std::string_view kChineseTimes[] = {
    "今天", "明天", "昨天",   "后天", "今晚", "今早", "现在",   "目前", "当前", "此刻", "最新",
    "最近", "今年", "本周",   "本月", "本年", "这周", "这个月", "上周", "下周", "刚才", "刚刚",
    "几点", "几号", "星期几", "周几", "天气", "新闻", "股价",   "汇率", "实时", "热搜", "路况"};
constexpr std::string_view kChinesePlaces[] = {"附近", "周边",   "我这里",   "我这儿", "当地",
                                               "本地", "我在哪", "我的位置", "离我"};
constexpr std::string_view kChinesePersons[] = {
    "我是谁",   "我叫什么", "我的名字", "我的账号", "我的帐号", "我的账户",  "我的订单",
    "我的余额", "我的密码", "我的邮箱", "我的地址", "我的快递", "我的包裹",  "我的生日",
    "我的年龄", "我的账单", "我的发票", "我的预约", "我的行程", "我的日程",  "我的航班",
    "我的套餐", "我的会员", "我的资料", "我的工资", "我的电话", "我的手机号"};

bool holds_any(std::string_view text, Phrases phrases) {
  return std::ranges::any_of(phrases, [&](std::string_view phrase) {
    for (std::size_t at = text.find(phrase); at != std::string_view::npos;
         at = text.find(phrase, at + 1)) {
      // A blank stands at both ends of the text.
      if (text[at - 1] == ' ' && text[at + phrase.size()] == ' ') return true;
    }
    return false;
  });
}

bool holds_any_unspaced(std::string_view text, Phrases phrases) {
  return std::ranges::any_of(phrases, [&](std::string_view phrase) {
    return text.find(phrase) != std::string_view::npos;
  });
}

// " what s the weather ": words in lower case with one blank before each, and one at the end.
std::string spaced(std::string_view text) {
  std::string words = " ";
  for (const char c : text) {
    const bool letter = is_alpha(c) || is_digit(c) || static_cast<unsigned char>(c) >= 0x80;
    if (letter) {
      words += lower(c);
    } else if (words.back() != ' ') {
      words += ' ';
    }
  }
  if (words.back() != ' ') words += ' ';
  return words;
}

}  // namespace

HangsOn hangs_on(std::string_view text, std::string_view canonical) {
  const std::string words = spaced(text);
  if (holds_any(words, kPersons) || holds_any_unspaced(text, kChinesePersons))
    return HangsOn::person;
  if (holds_any(words, kPlaces) || holds_any_unspaced(text, kChinesePlaces)) return HangsOn::place;
  if (holds_any(spaced(canonical), kTimes) || holds_any_unspaced(canonical, kChineseTimes))
    return HangsOn::time;
  return HangsOn::words;
}

void Volatility::describe(Schema<Volatility>& schema) {
  constexpr double kLifeMax = 315'360'000;
  schema
      .field("time", &Volatility::time,
             "how long answers are kept that depend on the time, in seconds; 0: not at all; -1: as "
             "long as others")
      .range(-1, kLifeMax);
  schema.field("place", &Volatility::place, "the same of answers that depend on the place")
      .range(-1, kLifeMax);
  schema.field("person", &Volatility::person, "the same of answers that depend on who asks")
      .range(-1, kLifeMax);
}

std::int32_t Volatility::life(HangsOn what) const {
  switch (what) {
    case HangsOn::words:
      return -1;
    case HangsOn::time:
      return time;
    case HangsOn::place:
      return place;
    case HangsOn::person:
      return person;
  }
  return -1;
}
