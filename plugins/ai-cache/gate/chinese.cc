// SPDX-License-Identifier: Apache-2.0
// Chinese is read character by character; phrases of the lexicon become one token each. The words
// that ask how and why, and those of ability, stand where the speaker likes, so they are taken out
// of the sentence and noted.
#include "chinese.h"

#include <algorithm>

#include "lexicon.h"
#include "meanings.h"
#include "numbers.h"

namespace gate {

namespace {

constexpr int kRounds = 16;

// Politeness before a question: alternatives of each element, "?" makes it optional.
constexpr std::string_view kOpenings[] = {
    "能不能|可不可以|能否|可否|是否可以|是否能|可以|能|麻烦|劳驾|烦请|拜托|希望|想请|求 ?请|麻烦 "
    "?你|您|大家|各位|谁|大神|有人 ?们 ?能|可以 ?帮忙|帮我|帮|给我|跟我|和我|替我|为我|向我 "
    "?详细|简单|具体 告诉我|告诉|告知|解释|说明|讲解|讲讲|讲|说说|说|科普|解答|解答|指教|指点|介绍 "
    "?我 ?一下|下",
    "请|麻烦|劳驾|劳烦|烦请|拜托|恳请|希望 ?你|您|大家|各位 ?帮忙|帮我|帮|给我|替我|为我|跟我 "
    "?详细|简单 "
    "告诉我|解释|说明|讲解|讲讲|说说|科普|解答 ?我 ?一下|下",
    "我 ?就|只 是 ?很|真的|特别 想|想要 知道|了解|问问|问|请教|弄清楚|搞清楚|搞懂 ?你|您 ?一下|下",
    "?我 ?就|只 ?很|真的|特别 想|想要|希望 知道|了解|问问|问|请教|弄清楚|搞清楚|搞懂|咨询 "
    "?你|您|各位|大家 ?一下|下 ?关于",
    "?我|冒昧 请问|请教|问|咨询|求问|求教 ?你|您|各位|大家 一下|下",
    "?冒昧 ?想 "
    "请问|请教|求问|弱弱地问|弱弱问|问一下|问下|有没有人知道|有谁知道|谁知道|你知道|您知道|知道 "
    "?一下|下",
    "不知道|不清楚|不明白|不懂|好奇",
    "告诉我|跟我说|给我讲讲|帮我看看|帮我查一下|帮我查查",
    "请|麻烦|劳驾|劳烦|烦请|拜托|帮忙 ?你|您 ?帮我|帮忙|帮|给我|替我|为我",
    "帮我|给我|替我|帮忙 ?查一下|查查|查|看一下|看看",
    "那个|就是说|就是|话说|那么|所以|那|嗯|呃|额|唉|哎|诶|嘿|哦|啊|对了|另外|还有|其实|然后|顺便|"
    "你好|您好",
};

// After a question; what is left has to ask something.
constexpr std::string_view kClosings[] = {"谢谢", "多谢", "感谢",   "非常感谢", "谢谢了", "谢谢啦",
                                          "谢啦", "谢了", "谢谢你", "谢谢您",   "拜托了", "麻烦了",
                                          "求解", "求助", "求教",   "求解答"};

std::string_view take(std::string_view& from, char until) {
  const std::size_t end = std::min(from.find(until), from.size());
  const std::string_view part = from.substr(0, end);
  from.remove_prefix(std::min(end + 1, from.size()));
  return part;
}

// How many bytes of the text the pattern takes; 0 when it does not fit.
std::size_t taken_by(std::string_view pattern, std::string_view text) {
  std::size_t at = 0;
  while (!pattern.empty()) {
    std::string_view element = take(pattern, ' ');
    const bool optional = element.starts_with('?');
    if (optional) element.remove_prefix(1);
    bool found = false;
    while (!element.empty() && !found) {
      const std::string_view word = take(element, '|');
      if (!text.substr(at).starts_with(word)) continue;
      at += word.size();
      found = true;
    }
    if (!found && !optional) return 0;
  }
  return at;
}

bool is_break(const Token& token) { return token.kind == Kind::comma || token.kind == Kind::stop; }

std::string text_from(const std::vector<Token>& tokens, std::size_t from) {
  std::string text;
  for (std::size_t at = from; at < tokens.size() && !is_break(tokens[at]) && text.size() < 96; ++at)
    text += tokens[at].text;
  return text;
}

// Removes as many tokens as hold this many bytes.
void drop_bytes(std::vector<Token>& tokens, std::size_t bytes) {
  std::size_t count = 0;
  while (count < tokens.size() && bytes > 0) {
    bytes -= std::min(bytes, tokens[count].text.size());
    ++count;
  }
  tokens.erase(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(count));
}

bool asks(std::string_view text) {
  static constexpr std::string_view kWords[] = {"什么", "怎",   "如何",   "为何", "哪",   "谁",
                                                "几",   "多少", "多久",   "吗",   "是否", "啥",
                                                "多",   "何时", "能不能", "咋"};
  return std::ranges::any_of(kWords, [&](std::string_view word) { return text.contains(word); });
}

// "我是老师" bears on the answer, "我是想问" does not.
bool states_fact(const std::vector<Token>& tokens, std::size_t from, std::size_t to) {
  std::string clause;
  for (std::size_t at = from; at < to; ++at) clause += tokens[at].text;
  const bool fact = clause.starts_with("我是") || clause.starts_with("我们是") ||
                    clause.starts_with("我有") || clause.starts_with("我在") ||
                    clause.starts_with("作为");
  return fact && !clause.contains("问") && !clause.contains("好奇") && !clause.contains("想");
}

// Whether the tokens can be read as words of chat alone.
bool is_chat(const std::vector<Token>& tokens, std::size_t from, std::size_t to) {
  if (states_fact(tokens, from, to)) return false;
  while (from < to) {
    if (is_break(tokens[from])) {
      ++from;
      continue;
    }
    std::size_t size = std::min<std::size_t>(6, to - from);
    for (; size > 0; --size) {
      std::string word;
      for (std::size_t at = from; at < from + size; ++at) word += tokens[at].text;
      const std::uint32_t classes = chinese().classes(word);
      if ((classes & kChat) != 0 || (classes & kLight) != 0) break;
    }
    if (size == 0) return false;
    from += size;
  }
  return true;
}

bool drop_clauses(std::vector<Token>& tokens) {
  for (std::size_t at = 0; at + 1 < tokens.size(); ++at) {
    if (!is_break(tokens[at])) continue;
    if (!is_chat(tokens, 0, at) || is_chat(tokens, at + 1, tokens.size())) break;
    tokens.erase(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(at) + 1);
    return true;
  }
  for (std::size_t at = tokens.size(); at-- > 1;) {
    if (!is_break(tokens[at])) continue;
    if (!is_chat(tokens, at + 1, tokens.size()) || is_chat(tokens, 0, at)) break;
    tokens.resize(at);
    return true;
  }
  return false;
}

bool drop_opening(std::vector<Token>& tokens) {
  while (!tokens.empty() && is_break(tokens.front())) tokens.erase(tokens.begin());
  const std::string text = text_from(tokens, 0);
  for (const std::string_view opening : kOpenings) {
    const std::size_t bytes = taken_by(opening, text);
    if (bytes == 0 || bytes >= text.size()) continue;
    const std::string_view rest = std::string_view(text).substr(bytes);
    // "能说英语吗" asks; "能说说什么是复利吗" is polite.
    const bool request = opening.contains("解释");
    if (request && !asks(rest.ends_with("吗") ? rest.substr(0, rest.size() - 3) : rest)) continue;
    if (rest.size() < 6) continue;
    drop_bytes(tokens, bytes);
    return true;
  }
  return false;
}

bool drop_closing(std::vector<Token>& tokens) {
  while (!tokens.empty() && is_break(tokens.back())) tokens.pop_back();
  for (const std::string_view closing : kClosings) {
    const std::size_t count = closing.size() / 3;
    if (tokens.size() < count + 2) continue;
    if (text_from(tokens, tokens.size() - count) != closing) continue;
    tokens.resize(tokens.size() - count);
    return true;
  }
  return false;
}

// The longest phrase that the lexicon knows becomes one token.
void join_phrases(std::vector<Token>& tokens) {
  std::vector<Token> out;
  out.reserve(tokens.size());
  for (std::size_t at = 0; at < tokens.size();) {
    Token& token = tokens[at];
    std::size_t size =
        token.kind == Kind::han ? std::min(chinese().longest(token.text), tokens.size() - at) : 1;
    for (; size > 0; --size) {
      std::string phrase;
      for (std::size_t i = at; i < at + size; ++i) phrase += tokens[i].text;
      const Meaning* meaning = token.quoted ? nullptr : chinese().find(phrase);
      if (meaning == nullptr) continue;
      Token joined = std::move(token);
      joined.canon = chinese().canon_of(*meaning);
      joined.text = std::move(phrase);
      out.push_back(std::move(joined));
      break;
    }
    if (size == 0) out.push_back(std::move(token));
    at += std::max<std::size_t>(size, 1);
  }
  tokens = std::move(out);
}

// Words of other scripts mean what they mean in English questions.
void read_latin(std::vector<Token>& tokens) {
  for (Token& token : tokens) {
    if (token.kind != Kind::word || chinese().find(token.text) != nullptr) continue;
    std::vector<Token> one{token};
    give_meanings(one);
    token = std::move(one.front());
    token.inflection = Inflection::none;
  }
}

// Takes out what may stand anywhere: how, why, what, and ability.
void read_frame(std::vector<Token>& tokens, CanonicalForm& form) {
  std::vector<Token> kept;
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    const std::string& canon = tokens[at].canon;
    const bool what_is =
        canon == "什么" && ((at > 0 && tokens[at - 1].canon == "是") ||
                            (at + 1 < tokens.size() && tokens[at + 1].canon == "是"));
    if (canon == "怎么" || canon == "为什么") {
      form.frame += canon;
    } else if (what_is && !(at + 1 < tokens.size() && at > 0 && tokens[at - 1].canon == "是")) {
      form.frame += canon;
    } else if (canon == "能" || canon == "不能") {
      form.marks.push_back(canon);
    } else if (canon == "了" && at + 1 == tokens.size()) {
      form.marks.push_back(canon);
    } else {
      kept.push_back(std::move(tokens[at]));
    }
  }
  tokens = std::move(kept);
}

bool points(const std::vector<Token>& tokens) {
  for (std::size_t at = 0; at < std::min<std::size_t>(tokens.size(), 3); ++at) {
    if ((chinese().classes(tokens[at].text) & kPointer) != 0) return true;
  }
  return false;
}

}  // namespace

bool chinese_task(std::string_view text) {
  return text.size() >= 6 && (chinese().classes(text.substr(0, 6)) & kTask) != 0;
}

void read_chinese(Tokens&& read, CanonicalForm& form) {
  std::vector<Token> tokens = std::move(read.list);
  for (int round = 0; round < kRounds; ++round) {
    const bool changed = drop_clauses(tokens) || drop_opening(tokens) || drop_closing(tokens);
    if (!changed) break;
  }
  std::erase_if(tokens, is_break);
  join_phrases(tokens);
  unify_chinese_numbers(tokens);
  read_latin(tokens);
  form.pointing = points(tokens);
  read_frame(tokens, form);
  std::erase_if(tokens, [](const Token& token) {
    return token.kind == Kind::han && !token.quoted &&
           (chinese().classes(token.canon) & kLight) != 0;
  });
  form.tokens = std::move(tokens);
}

}  // namespace gate
