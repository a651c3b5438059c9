// SPDX-License-Identifier: Apache-2.0
// The order of the steps matters: contractions before numbers, numbers before openings, openings
// before the kind of question, and meanings of words last.
#include "english.h"

#include <algorithm>
#include <array>
#include <bitset>

#include "contractions.h"
#include "lexicon.h"
#include "numbers.h"
#include "openings.h"
#include "pattern.h"

namespace gate {

namespace {

constexpr int kRounds = 24;  // of removing what surrounds a question

Token word(std::string_view text) {
  return {.text = std::string(text), .canon = std::string(text)};
}

bool has(const Token& token, std::uint32_t classes) {
  return (english().classes(token.text) & classes) != 0;
}

void erase(std::vector<Token>& tokens, std::size_t from, std::size_t to) {
  tokens.erase(tokens.begin() + static_cast<std::ptrdiff_t>(from),
               tokens.begin() + static_cast<std::ptrdiff_t>(to));
}

// ---- what surrounds the question

// A slip in a word of this list would hide what kind of question it is.
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

bool is_break(const Token& token) { return token.kind == Kind::comma || token.kind == Kind::stop; }

bool begins_question(const Token& token) { return has(token, kQuestion) || token.text == "if"; }

bool begins_any_question(std::span<const Token> tokens) {
  static constexpr std::array<std::string_view, 16> kVerbs = {
      "is",    "are",    "was",  "were",  "do",  "does", "did", "can",
      "could", "should", "will", "would", "has", "have", "am",  "may"};
  if (tokens.empty()) return false;
  return begins_question(tokens[0]) || std::ranges::find(kVerbs, tokens[0].text) != kVerbs.end();
}

bool fits(Tail tail, const std::vector<Token>& tokens, std::size_t at) {
  if (at >= tokens.size()) return false;
  const Token& next = tokens[at];
  switch (tail) {
    case Tail::anything:
      return true;
    case Tail::question:
      return begins_question(next) || (is_break(next) && at + 1 < tokens.size() &&
                                       begins_any_question(std::span(tokens).subspan(at + 1)));
    case Tail::gerund:
      return next.text.size() > 4 && next.text.ends_with("ing");
    case Tail::verb:
      return next.kind == Kind::word && !has(next, kPreposition | kQuestion | kSubject) &&
             next.text != "the" && next.text != "a" && next.text != "an" && next.text != "my" &&
             next.text != "your";
  }
  return false;
}

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
    if (!is_chat(std::span(tokens).first(at)) || !asks(rest)) break;
    if (begins_any_question(std::span(tokens).first(at)) && tokens[at].text != "?" && at > 2 &&
        !begins_any_question(rest))
      continue;
    erase(tokens, 0, at + 1);
    return true;
  }
  for (std::size_t at = tokens.size(); at-- > 1;) {
    if (!is_break(tokens[at])) continue;
    const auto tail = std::span(tokens).subspan(at + 1);
    if (!is_chat(tail) || !asks(std::span(tokens).first(at))) break;
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
    if (closing.back() != tokens.back().text.back() || !closing.ends_with(tokens.back().text)) continue;
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

// ---- the kind of question, tense, modality

void mark(CanonicalForm& form, std::string_view name) { form.marks.emplace_back(name); }

void read_frame(std::vector<Token>& tokens, CanonicalForm& form) {
  for (const Frame& frame : kFrames) {
    const std::size_t end = match(frame.pattern, tokens, 0);
    if (end == kNoMatch || !fits(frame.tail, tokens, end)) continue;
    form.frame = frame.name;
    if (frame.tail == Tail::gerund) {
      const Base base = base_of(tokens[end].text);
      tokens[end].text = tokens[end].canon = base.word;
    }
    for (std::size_t at = 0; at < end; ++at) {
      if (tokens[at].text == "was" || tokens[at].text == "were") mark(form, "was");
    }
    erase(tokens, 0, end);
    if (form.frame == "how" && tokens[0].text == "be") tokens[0] = word("become");
    return;
  }
  if (begins_any_question(tokens)) form.frame = "ask";
}

// "is it possible to swim" asks what "can one swim" asks.
void turn_possibility(std::vector<Token>& tokens) {
  const std::size_t end = match(
      "is|be it ?really|actually|even ?ever possible|ok|okay|alright ?for ?me|us|you|someone|one "
      "to",
      tokens, 0);
  if (end == kNoMatch || end >= tokens.size()) return;
  erase(tokens, 0, end);
  tokens.insert(tokens.begin(), {word("can"), word("you")});
}

// "who is the author of" asks who wrote.
void turn_maker(std::vector<Token>& tokens) {
  struct Maker {
    const char* of;
    const char* verb;
  };
  static constexpr Maker kMakers[] = {
      {"author", "wrote"},     {"writer", "wrote"},      {"inventor", "invented"},
      {"founder", "founded"},  {"creator", "created"},   {"painter", "painted"},
      {"composer", "composed"}, {"discoverer", "discovered"}, {"director", "directed"}};
  const std::size_t noun = match("who is|was|are|were|be the ?original", tokens, 0);
  if (noun == kNoMatch || noun + 2 >= tokens.size() || tokens[noun + 1].text != "of") return;
  for (const Maker& maker : kMakers) {
    if (tokens[noun].text != maker.of) continue;
    erase(tokens, 1, noun + 1);
    tokens[1] = word(maker.verb);
    return;
  }
}

std::size_t last_of_question(const std::vector<Token>& tokens) {
  const auto stop = std::ranges::find_if(tokens, is_break);
  return static_cast<std::size_t>(stop - tokens.begin());
}

// Kinds that show at the end of the question: "how much does it cost", "what does it mean".
void refine_frame(std::vector<Token>& tokens, CanonicalForm& form) {
  const std::size_t end = last_of_question(tokens);
  if (end < 2) return;
  const std::string& last = tokens[end - 1].text;
  if (form.frame == "which" && (last == "is" || last == "are" || last == "was" || last == "were")) {
    // "what the time is", after "tell me"
    form.frame.clear();
    if (last[0] == 'w') mark(form, "was");
    erase(tokens, end - 1, end);
  } else if (form.frame == "how_much" && last == "cost") {
    form.frame = "cost";
    erase(tokens, end - 1, end);
  } else if (form.frame == "which" && (last == "mean" || last == "means")) {
    form.frame = "meaning";
    erase(tokens, end - 1, end);
  } else if ((form.frame == "manner" || form.frame == "how") &&
             (last == "differ" || last == "different")) {
    form.frame = "difference";
    erase(tokens, end - 1, end);
  } else if (form.frame == "manner") {
    const auto differs = std::ranges::find_if(tokens, [](const Token& t) {
      return t.text == "differ" || t.text == "differs" || t.text == "different";
    });
    if (differs == tokens.end() || differs + 1 == tokens.end() || differs == tokens.begin()) return;
    if ((differs + 1)->text != "from") return;
    form.frame = "difference";
    *(differs + 1) = word("and");
    tokens.erase(differs);
  } else if (form.frame == "distance") {
    for (Token& token : tokens)
      if (token.text == "from" || token.text == "to" || token.text == "between")
        token = word("and");
    std::erase_if(tokens, [](const Token& t) {
      return t.text == "it" || t.text == "apart" || t.text == "away";
    });
    if (!tokens.empty() && tokens[0].text == "and") erase(tokens, 0, 1);
  }
}

bool is_past(const Token& token) {
  if (has(token, kPast)) return true;
  return base_of(token.text).inflection == Inflection::past;
}

// Whether the "have" at this place makes a perfect.
bool is_perfect(const std::vector<Token>& tokens, std::size_t at, bool leads) {
  for (std::size_t i = at + 1; i < std::min(tokens.size(), at + 4); ++i) {
    if (tokens[i].text == "been" || is_past(tokens[i])) return true;
    const bool light = tokens[i].text == "not" || tokens[i].text == "ever" ||
                       tokens[i].text == "already" || tokens[i].text == "just" ||
                       tokens[i].text == "never";
    if (!leads && !light) return false;
  }
  return false;
}

std::string_view modal_of(const std::vector<Token>& tokens, std::size_t at) {
  const std::string& text = tokens[at].text;
  if (text == "can" || text == "could") return "can";
  if (text == "should" || text == "ought") return "should";
  if (text == "would") return "would";
  if (text == "will" || text == "shall") return "will";
  if (text == "must") return "must";
  const bool month = (at > 0 && has(tokens[at - 1], kPreposition)) ||
                     (at + 1 < tokens.size() && tokens[at + 1].kind == Kind::number) ||
                     tokens[at].capital;
  if (text == "might" || (text == "may" && !month)) return "may";
  return {};
}

// Takes auxiliaries out of the sentence and notes what they say.
void read_marks(std::vector<Token>& tokens, CanonicalForm& form) {
  std::vector<Token> kept;
  kept.reserve(tokens.size());
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    Token& token = tokens[at];
    const std::string& text = token.text;
    if (token.kind != Kind::word || token.quoted) {
      kept.push_back(std::move(token));
      continue;
    }
    const auto modal = modal_of(tokens, at);
    if (!modal.empty()) {
      mark(form, modal);
    } else if (text == "not") {
      mark(form, "not");
    } else if (text == "did") {
      mark(form, "did");
    } else if (text == "was" || text == "were") {
      mark(form, "was");
    } else if (text == "been" || text == "being") {
      mark(form, text);
    } else if ((text == "has" || text == "have" || text == "had") &&
               is_perfect(tokens, at, at == 0)) {
      mark(form, text == "had" ? "had" : "has");
    } else if (text == "used" && at + 1 < tokens.size() && tokens[at + 1].text == "to" &&
               (at == 0 || !has(tokens[at - 1], kLight))) {
      mark(form, "used");
      ++at;
    } else if (text == "going" && at + 2 < tokens.size() && tokens[at + 1].text == "to" &&
               fits(Tail::verb, tokens, at + 2)) {
      mark(form, "will");
      ++at;
    } else {
      kept.push_back(std::move(token));
    }
  }
  tokens = std::move(kept);
}

// "Nigeria's capital" is "capital of Nigeria".
void turn_possessives(std::vector<Token>& tokens) {
  for (std::size_t at = 1; at + 1 < tokens.size(); ++at) {
    if (tokens[at].text != "'s") continue;
    const bool ends =
        at + 2 == tokens.size() || is_break(tokens[at + 2]) || has(tokens[at + 2], kPreposition);
    if (!ends || tokens[at + 1].kind != Kind::word) continue;
    std::size_t begin = at - 1;
    while (begin > 0 && tokens[at - 1].capital && tokens[begin - 1].capital &&
           !has(tokens[begin - 1], kQuestion | kLight))
      --begin;
    if (begin > 0 && (tokens[begin - 1].text == "my" || tokens[begin - 1].text == "your")) --begin;
    Token owned = std::move(tokens[at + 1]);
    tokens[at] = std::move(owned);
    tokens[at + 1] = word("of");
    // owner, owned, of → owned, of, owner
    std::rotate(tokens.begin() + static_cast<std::ptrdiff_t>(begin),
                tokens.begin() + static_cast<std::ptrdiff_t>(at),
                tokens.begin() + static_cast<std::ptrdiff_t>(at) + 2);
  }
  std::erase_if(tokens, [](const Token& token) { return token.text == "'s"; });
}

// Commas of a list are "and"; any other comma weighs nothing.
void read_commas(std::vector<Token>& tokens) {
  const auto joins = [](const Token& t) { return t.text == "and" || t.text == "or"; };
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    if (tokens[at].kind != Kind::comma) continue;
    if (at == 0 || at + 1 >= tokens.size() || joins(tokens[at + 1])) continue;
    for (std::size_t i = at + 2; i < std::min(tokens.size(), at + 5); ++i) {
      if (!joins(tokens[i])) continue;
      tokens[at] = word(tokens[i].text);
      break;
    }
  }
  std::erase_if(tokens, is_break);
}

// ---- the topic

std::string phrase_of(const std::vector<Token>& tokens, std::size_t at, std::size_t size,
                      bool based) {
  std::string phrase;
  for (std::size_t i = at; i < at + size; ++i) {
    if (i > at) phrase += '_';
    phrase += based && tokens[i].kind == Kind::word ? base_of(tokens[i].text).word : tokens[i].text;
  }
  return phrase;
}

}  // namespace

void give_meanings(std::vector<Token>& tokens) {
  std::vector<Token> kept;
  kept.reserve(tokens.size());
  for (std::size_t at = 0; at < tokens.size();) {
    Token& token = tokens[at];
    if ((token.kind != Kind::word && token.kind != Kind::number) || token.quoted) {
      kept.push_back(std::move(token));
      ++at;
      continue;
    }
    const Base base = token.kind == Kind::word ? base_of(token.text) : Base{token.text};
    const std::size_t longest =
        std::min({std::max(english().longest(token.text), english().longest(base.word)),
                  std::size_t{5}, tokens.size() - at});
    std::size_t taken = 0;
    for (std::size_t size = longest; size > 0 && taken == 0; --size) {
      for (const bool based : {false, true}) {
        const Meaning* meaning = english().find(phrase_of(tokens, at, size, based));
        if (meaning == nullptr) continue;
        // That a word occurs in chat says nothing of its meaning.
        if (!based && size == 1 && meaning->classes == kChat &&
            english().canon_of(*meaning) == token.text)
          continue;
        // "us" is the country in capitals or after "the" only.
        if (size == 1 && token.text == "us" && !token.upper) continue;
        token.canon = english().canon_of(*meaning);
        const bool past = (meaning->classes & kPast) != 0;
        token.inflection = past ? Inflection::past : based ? base.inflection : Inflection::none;
        if (past) {
          if (const Meaning* again = english().find(token.canon))
            token.canon = english().canon_of(*again);
        }
        taken = size;
        break;
      }
    }
    if (taken == 0) {
      taken = 1;
      if (token.kind == Kind::word) {
        token.canon = base.word;
        token.inflection = base.inflection;
      }
    }
    const bool verbal = !kept.empty() && (english().classes(kept.back().text) & kGerund) != 0;
    const bool auxiliary = kept.empty() || (at > 0 && has(kept.back(), kLight));
    if (token.inflection == Inflection::ing && (verbal || auxiliary))
      token.inflection = Inflection::none;
    if (taken > 1) token.text = phrase_of(tokens, at, taken, false);
    kept.push_back(std::move(token));
    at += taken;
  }
  tokens = std::move(kept);
}

namespace {

bool is_light(const std::vector<Token>& tokens, std::size_t at) {
  const Token& token = tokens[at];
  if (token.kind != Kind::word || token.quoted || !has(token, kLight)) return false;
  if (token.text == "a" && token.capital && at > 0) return false;  // "vitamin A"
  // "exactly 20 words"
  if (token.text == "do" || token.text == "does" || token.text == "doing") {
    const bool bound = at > 0 && (tokens[at - 1].text == "to" || has(tokens[at - 1], kSubject));
    return at + 1 < tokens.size() && !bound;
  }
  const bool limits = token.text == "exactly" || token.text == "just" || token.text == "even";
  return !(limits && at + 1 < tokens.size() &&
           (tokens[at + 1].kind == Kind::number || has(tokens[at + 1], kQuantifier | kDate)));
}

bool points(const std::vector<Token>& tokens) {
  std::size_t named = 0;
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    const Token& token = tokens[at];
    if (has(token, kPointer) && named < 2) {
      // "is it safe to", "how long does it take", "what do they use in", "that" as a conjunction
      const bool empty_it = token.text == "it" && tokens.size() > at + 2;
      const bool people = (token.text == "they" || token.text == "there" || token.text == "that") &&
                          tokens.size() > at + 2;
      const bool with_noun =
          (token.text == "this" || token.text == "these") && tokens.size() > at + 3;
      if (!empty_it && !people && !with_noun) return true;
    }
    if (!has(token, kLight | kSoft | kQuestion | kPreposition | kSubject)) ++named;
  }
  return false;
}

void unify_persons(std::vector<Token>& tokens) {
  const auto is = [](std::string_view name) {
    return [name](const Token& t) { return t.text == name; };
  };
  const bool self = std::ranges::any_of(tokens, is("i")) || std::ranges::any_of(tokens, is("we"));
  const bool other = std::ranges::any_of(tokens, is("you"));
  if (self && other) return;
  for (Token& token : tokens) {
    if (token.kind == Kind::word &&
        (token.text == "i" || token.text == "we" || token.text == "you"))
      token.canon = "one";
  }
}

}  // namespace

void read_english(Tokens&& read, CanonicalForm& form) {
  std::vector<Token> tokens = std::move(read.list);
  correct_question_words(tokens);
  expand_contractions(tokens);
  drop_surroundings(tokens);
  unify_english_numbers(tokens);
  move_inner_part(tokens);
  move_leading_part(tokens);
  drop_surroundings(tokens);
  turn_possibility(tokens);
  turn_maker(tokens);
  read_frame(tokens, form);
  refine_frame(tokens, form);
  read_marks(tokens, form);
  turn_possessives(tokens);
  read_commas(tokens);
  // "where can I buy", "where do I buy", "where to buy"
  if (form.frame == "where" && !tokens.empty() && has(tokens[0], kSubject | kPreposition))
    std::erase_if(form.marks, [](const std::string& m) { return m == "can" || m == "should"; });
  form.pointing = points(tokens);
  give_meanings(tokens);
  unify_persons(tokens);
  std::vector<Token> kept;
  for (std::size_t at = 0; at < tokens.size(); ++at)
    if (!is_light(tokens, at)) kept.push_back(tokens[at]);
  form.tokens = std::move(kept);
}

}  // namespace gate
