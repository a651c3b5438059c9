// SPDX-License-Identifier: Apache-2.0
// Clauses of chat, openings and closings are taken away in turn until nothing changes.
#include "surroundings.h"

#include <algorithm>
#include <array>
#include <bitset>

#include "openings.h"
#include "parts.h"
#include "pattern.h"

namespace gate {

namespace {

constexpr int kRounds = 24;  // of removing what surrounds a question

// "I am a nurse", "I have two cats", "my daughter is five": such a clause bears on the answer.
bool states_fact(std::span<const Token> clause) {
  static constexpr std::string_view kFacts[] = {
      "i|we am|are|was|were ?also|now|not a|an",
      "i|we ?do|also|only ?not have|got ?got a|an|no|only",
      "my|our @word ?not is|are|was|has|have|do|does"};
  for (std::size_t at = 0; at < clause.size(); ++at) {
    for (const std::string_view fact : kFacts) {
      const std::size_t end = match(fact, clause, at);
      if (end == kNoMatch) continue;
      const bool question = match("?quick|small|simple|little|short question|idea|doubt|query",
                                  clause, end) != kNoMatch;
      if (!question) return true;
    }
  }
  return false;
}

bool is_chat(std::span<const Token> clause) {
  // After thanks and excuses, "for" and "if" lead to no condition.
  static constexpr std::string_view kCourtesies[] = {"thanks",  "thank",  "sorry",     "asking",
                                                     "forgive", "pardon", "apologies", "grateful",
                                                     "not",     "no"};
  static constexpr std::string_view kJoints[] = {"for", "if", "as", "with", "because", "when"};
  const bool courteous =
      !clause.empty() && std::ranges::find(kCourtesies, clause[0].text) != std::end(kCourtesies);
  // "In Go, …" says where, although each of its words is of chat.
  if (!clause.empty() && has(clause[0], kPreposition)) return false;
  return !states_fact(clause) && std::ranges::all_of(clause, [&](const Token& token) {
    if (courteous && std::ranges::find(kJoints, token.text) != std::end(kJoints)) return true;
    return is_break(token) || (token.kind == Kind::word && has(token, kChat));
  });
}

// Advice depends on what happened to the asker: "I lost my job. What should I do?"
bool bears_on_advice(std::span<const Token> clause, std::span<const Token> rest) {
  static constexpr std::string_view kMeta[] = {"wondering", "wondered", "wonder", "curious",
                                               "question",  "asking",   "asked",  "arguing",
                                               "know",      "sorry"};
  const auto is_advice = [](const Token& t) { return t.text == "should"; };
  const auto is_self = [](const Token& t) {
    return t.text == "i" || t.text == "my" || t.text == "we" || t.text == "our" || t.text == "me";
  };
  const auto is_meta = [](const Token& t) {
    return std::ranges::find(kMeta, t.text) != std::end(kMeta);
  };
  return std::ranges::any_of(rest, is_advice) && std::ranges::any_of(clause, is_self) &&
         std::ranges::none_of(clause, is_meta);
}

bool asks(std::span<const Token> tokens) {
  return std::ranges::any_of(tokens, [](const Token& token) {
    return token.kind != Kind::word || !has(token, kChat | kLight | kQuestion | kPreposition);
  });
}

// Clauses before and after the question that consist of chat alone.
bool drop_clauses(std::vector<Token>& tokens) {
  for (std::size_t at = 0; at + 1 < tokens.size(); ++at) {
    if (!is_break(tokens[at])) continue;
    const auto rest = std::span(tokens).subspan(at + 1);
    const auto clause = std::span(tokens).first(at);
    if (!is_chat(clause) || !asks(rest) || bears_on_advice(clause, rest)) break;
    if (begins_any_question(std::span(tokens).first(at)) && tokens[at].text != "?" && at > 2 &&
        !begins_any_question(rest))
      continue;
    erase(tokens, 0, at + 1);
    return true;
  }
  for (std::size_t at = tokens.size(); at-- > 1;) {
    if (!is_break(tokens[at])) continue;
    const auto tail = std::span(tokens).subspan(at + 1);
    const auto question = std::span(tokens).first(at);
    if (!is_chat(tail) || !asks(question) || bears_on_advice(tail, question)) break;
    tokens.resize(at);
    return true;
  }
  return false;
}

// The words that an opening may begin with, as bits of their hashes: most questions begin with
// none.
class FirstWords final {
 public:
  FirstWords() {
    for (const Opening& opening : kOpenings) {
      std::string_view pattern = opening.pattern;
      bool more = true;
      while (more && !pattern.empty()) {
        std::string_view element = pattern.substr(0, pattern.find(' '));
        pattern.remove_prefix(std::min(element.size() + 1, pattern.size()));
        more = element.starts_with('?') || element.starts_with('*');
        if (more) element.remove_prefix(1);
        for (std::size_t begin = 0; begin <= element.size();) {
          const std::size_t end = std::min(element.find('|', begin), element.size());
          bits_.set(place(element.substr(begin, end - begin)));
          begin = end + 1;
        }
      }
    }
  }
  [[nodiscard]] bool may_hold(std::string_view word) const { return bits_.test(place(word)); }

 private:
  static std::size_t place(std::string_view word) {
    std::size_t value = word.size();
    for (const char c : word) value = value * 31 + static_cast<unsigned char>(c);
    return value % kBits;
  }

  static constexpr std::size_t kBits = 4096;
  std::bitset<kBits> bits_;
};

bool drop_opening(std::vector<Token>& tokens) {
  static const FirstWords first_words;
  while (!tokens.empty() && is_break(tokens.front())) erase(tokens, 0, 1);
  if (tokens.empty() || !first_words.may_hold(tokens[0].text)) return false;
  for (const Opening& opening : kOpenings) {
    std::size_t end = match(opening.pattern, tokens, 0);
    if (end == kNoMatch || end == 0 || !fits(opening.tail, tokens, end)) continue;
    if (end >= tokens.size() || !asks(std::span(tokens).subspan(end))) continue;
    erase(tokens, 0, end);
    return true;
  }
  return false;
}

bool drop_closing(std::vector<Token>& tokens) {
  while (!tokens.empty() && is_break(tokens.back())) tokens.pop_back();
  if (tokens.empty()) return false;
  for (const std::string_view closing : kClosings) {
    if (closing.back() != tokens.back().text.back() || !closing.ends_with(tokens.back().text))
      continue;
    const auto words = static_cast<std::size_t>(std::ranges::count(closing, ' ')) + 1;
    if (tokens.size() < words + 2) continue;
    if (match(closing, tokens, tokens.size() - words) != tokens.size()) continue;
    tokens.resize(tokens.size() - words);
    return true;
  }
  return false;
}

// "could you help me rename a column" asks how; "help me write a letter" asks for the letter.
void turn_request(std::vector<Token>& tokens) {
  static constexpr std::array<std::string_view, 24> kMakes = {
      "write",   "draft", "compose", "proofread", "translate",  "choose",    "pick",     "plan",
      "create",  "find",  "come",    "decide",    "brainstorm", "summarize", "rewrite",  "improve",
      "correct", "check", "edit",    "list",      "design",     "prepare",   "generate", "think"};
  std::size_t end = match("help me|us ?to", tokens, 0);
  if (end == kNoMatch) end = match("show|teach|tell|guide me|us how to", tokens, 0);
  if (end == kNoMatch || !fits(Tail::verb, tokens, end)) return;
  const bool makes = std::ranges::find(kMakes, tokens[end].text) != kMakes.end();
  erase(tokens, 0, end);
  if (makes) return;
  tokens.insert(tokens.begin(), {word("how"), word("to")});
}

// "How do I, as a student, get a card" asks what "how do I get a card as a student" asks.
void move_inner_part(std::vector<Token>& tokens) {
  for (std::size_t at = 1; at + 3 < tokens.size(); ++at) {
    if (tokens[at].kind == Kind::stop) return;
    if (tokens[at].kind != Kind::comma || !has(tokens[at + 1], kPreposition)) continue;
    std::size_t end = at + 2;
    while (end < tokens.size() && !is_break(tokens[end])) ++end;
    if (end >= tokens.size() || tokens[end].kind != Kind::comma || end - at > 6) return;
    const auto begin = tokens.begin() + static_cast<std::ptrdiff_t>(at);
    std::rotate(begin, tokens.begin() + static_cast<std::ptrdiff_t>(end), tokens.end());
    erase(tokens, at, at + 1);
    std::erase_if(tokens, [](const Token& t) { return t.kind == Kind::comma; });
    return;
  }
}

// "In Texas, what are the rules" asks what "what are the rules in Texas" asks.
void move_leading_part(std::vector<Token>& tokens) {
  if (tokens.size() < 4 || !has(tokens[0], kPreposition)) return;
  for (std::size_t at = 1; at + 2 < tokens.size(); ++at) {
    if (tokens[at].kind == Kind::stop && tokens[at].text != ":") return;
    if (!is_break(tokens[at])) continue;
    const auto rest = std::span(tokens).subspan(at + 1);
    if (!begins_any_question(rest)) continue;
    // A second sentence would get the part of the first.
    if (std::ranges::any_of(rest, [](const Token& t) { return t.kind == Kind::stop; })) return;
    std::rotate(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(at) + 1, tokens.end());
    tokens.pop_back();
    return;
  }
}

}  // namespace

void correct_question_words(std::vector<Token>& tokens) {
  static constexpr std::string_view kWords[] = {
      "what",   "which",      "where",   "when",       "does",    "should",   "could",
      "would",  "difference", "between", "definition", "meaning", "please",   "because",
      "before", "after",      "without", "first",      "second",  "third",    "three",
      "seven",  "eight",      "twelve",  "twenty",     "hundred", "thousand", "million"};
  for (Token& token : tokens) {
    if (token.kind != Kind::word || token.quoted || token.text.size() < 4 || is_known(token.text))
      continue;
    for (const std::string_view right : kWords) {
      if (is_misspelling(token.text, right)) token.text = token.canon = right;
    }
  }
}

void drop_surroundings(std::vector<Token>& tokens) {
  for (int round = 0; round < kRounds; ++round) {
    const bool changed = drop_clauses(tokens) || drop_opening(tokens) || drop_closing(tokens);
    if (!changed) break;
  }
  turn_request(tokens);
  // "give me", "show me", "list"
  if (const std::size_t end =
          match("give|show|write|suggest|recommend|list|name|find me|us", tokens, 0);
      end != kNoMatch && end < tokens.size())
    erase(tokens, 1, 2);
}

void move_parts(std::vector<Token>& tokens) {
  move_inner_part(tokens);
  move_leading_part(tokens);
}

}  // namespace gate
