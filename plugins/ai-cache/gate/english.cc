// SPDX-License-Identifier: Apache-2.0
// The order of the steps matters: contractions before numbers, numbers before openings, openings
// before the kind of question, and meanings of words last.
#include "english.h"

#include <algorithm>
#include <array>

#include "contractions.h"
#include "meanings.h"
#include "numbers.h"
#include "openings.h"
#include "parts.h"
#include "pattern.h"
#include "surroundings.h"

namespace gate {

namespace {

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
      {"author", "wrote"},      {"writer", "wrote"},          {"inventor", "invented"},
      {"founder", "founded"},   {"creator", "created"},       {"painter", "painted"},
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

// Who asks for good books, for the best or the top ones wants the same list.
void unify_praise(std::vector<Token>& tokens, const CanonicalForm& form) {
  if (!form.frame.empty() && form.frame != "which") return;
  const auto first = std::ranges::find_if(
      tokens, [](const Token& t) { return t.text != "the" && t.text != "a" && t.text != "some"; });
  if (first == tokens.end()) return;
  if (first->canon == "best" || first->canon == "top" || first->canon == "great")
    first->canon = "good";
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
  move_parts(tokens);
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
    std::erase_if(form.marks, [](const std::string& m) { return m == "can"; });
  form.pointing = points(tokens);
  give_meanings(tokens);
  unify_praise(tokens, form);
  unify_persons(tokens);
  std::vector<Token> kept;
  for (std::size_t at = 0; at < tokens.size(); ++at)
    if (!is_light(tokens, at)) kept.push_back(tokens[at]);
  form.tokens = std::move(kept);
}

}  // namespace gate
