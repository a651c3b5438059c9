// SPDX-License-Identifier: Apache-2.0
// The acceptance of a neighbour. Tokens that stand on both sides are paired; what is left over has
// to be explained, and every explanation rewrites the stored side, so that in the end both sides
// hold the same words and only their order is to be judged.
#include <algorithm>
#include <array>
#include <utility>

#include "gate.h"
#include "han.h"
#include "lexicon.h"

namespace gate {

namespace {

constexpr std::size_t kBlockMax = 8;  // tokens of an item that changes places
constexpr std::size_t kBackMax = 4;   // equal tokens at the edges that may belong to such an item
constexpr int kHanSlipsMax = 1;
constexpr std::ptrdiff_t kLeftMax = 16;  // tokens of one side that the other one lacks

std::uint32_t classes_of(const Token& token, bool is_chinese) {
  return (is_chinese ? chinese() : english()).classes(token.canon) |
         (is_chinese ? chinese() : english()).classes(token.text);
}

std::string joined(const std::vector<Token>& tokens) {
  std::string text;
  for (const Token& token : tokens) {
    if (!text.empty()) text += ' ';
    text += token.text;
  }
  return text;
}

template <typename Range, typename Value>
bool holds(const Range& range, const Value& value) {
  return std::ranges::find(range, value) != std::end(range);
}

Verdict refused(Reason reason, std::string detail) { return {reason, std::move(detail)}; }

// ---- marks

Reason reason_of_mark(std::string_view mark) {
  if (mark == "not") return Reason::negation;
  if (mark == "can" || mark == "should" || mark == "would" || mark == "must" || mark == "may")
    return Reason::modal;
  return Reason::tense;
}

std::vector<std::string> only_in(const std::vector<std::string>& a,
                                 const std::vector<std::string>& b) {
  std::vector<std::string> rest;
  std::ranges::set_difference(a, b, std::back_inserter(rest));
  return rest;
}

class Alignment final {
 public:
  Alignment(const CanonicalForm& asked, const CanonicalForm& stored)
      : chinese_(asked.chinese),
        method_(asked.frame == "how"),
        distance_(asked.frame == "distance"),
        a_(asked.tokens),
        b_(stored.tokens) {
    did_a_ = holds(asked.marks, "did");
    did_b_ = holds(stored.marks, "did");
  }

  Verdict judge() {
    pair();
    // So much cannot be explained, and to try would take long.
    if (std::ranges::count(pair_a_, kFree) > kLeftMax ||
        std::ranges::count(pair_b_, kFree) > kLeftMax)
      return refused(Reason::wording, "too many words differ");
    if (left() && chinese_) explain_slips_of_han();
    if (left()) explain_words();
    if (left()) explain_initials(a_, pair_a_, b_, pair_b_);
    if (left()) explain_initials(b_, pair_b_, a_, pair_a_);
    if (left()) explain_joined(a_, pair_a_, b_, pair_b_);
    if (left()) explain_joined(b_, pair_b_, a_, pair_a_);
    drop_soft(a_, pair_a_);
    drop_soft(b_, pair_b_);
    if (left()) return refuse_rest();
    if (did_changes_ != (did_a_ != did_b_)) return refused(Reason::tense, "past");
    if (!same_order()) return refused(Reason::order, joined(a_) + " / " + joined(b_));
    return {};
  }

 private:
  static constexpr int kFree = -1;
  static constexpr int kExplained = -2;  // its words count as those of the other side

  [[nodiscard]] bool left() const { return holds(pair_a_, kFree) || holds(pair_b_, kFree); }

  void match(std::size_t i, std::size_t j) {
    pair_a_[i] = static_cast<int>(j);
    pair_b_[j] = static_cast<int>(i);
    b_[j].canon = a_[i].canon;
  }

  // Equal words, those with the same ending first; "did end" and "ended" are the same.
  void pair() {
    pair_a_.assign(a_.size(), kFree);
    pair_b_.assign(b_.size(), kFree);
    for (const bool alike : {true, false}) {
      for (std::size_t i = 0; i < a_.size(); ++i) {
        if (pair_a_[i] != kFree) continue;
        for (std::size_t j = 0; j < b_.size(); ++j) {
          if (pair_b_[j] != kFree || a_[i].canon != b_[j].canon) continue;
          if (alike ? a_[i].inflection != b_[j].inflection : !may_differ(a_[i], b_[j])) continue;
          match(i, j);
          break;
        }
      }
    }
  }

  bool may_differ(const Token& a, const Token& b) {
    if (a.inflection == Inflection::past && b.inflection == Inflection::none && did_b_ && !did_a_)
      return did_changes_ = true;
    if (b.inflection == Inflection::past && a.inflection == Inflection::none && did_a_ && !did_b_)
      return did_changes_ = true;
    return false;
  }

  // "salary of" and "salary for", "in Quora" and "on Quora": where direction plays no part.
  static bool are_near(const std::string& a, const std::string& b) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kNear = {
        {{"of", "for"}, {"of", "in"}, {"in", "on"}}};
    return std::ranges::any_of(kNear, [&](const auto& near) {
      return (a == near.first && b == near.second) || (a == near.second && b == near.first);
    });
  }

  // Hypothermia is no misspelt hyperthermia.
  static bool are_opposed(std::string_view a, std::string_view b) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kPrefixes = {
        {{"hyper", "hypo"},
         {"inter", "intra"},
         {"macro", "micro"},
         {"ante", "anti"},
         {"endo", "exo"},
         {"infra", "intra"},
         {"pre", "pro"},
         {"mono", "non"}}};
    return std::ranges::any_of(kPrefixes, [&](const auto& prefix) {
      const auto& [x, y] = prefix;
      return (a.starts_with(x) && b.starts_with(y)) || (a.starts_with(y) && b.starts_with(x));
    });
  }

  void explain_words() {
    for (std::size_t i = 0; i < a_.size(); ++i) {
      for (std::size_t j = 0; j < b_.size() && pair_a_[i] == kFree; ++j) {
        if (pair_b_[j] == kFree && is_slip(a_[i], b_[j])) match(i, j);
      }
    }
  }

  [[nodiscard]] bool is_slip(const Token& a, const Token& b) const {
    if (a.kind != Kind::word || b.kind != Kind::word || a.quoted || b.quoted) return false;
    if (are_near(a.canon, b.canon)) return true;
    if (((classes_of(a, false) | classes_of(b, false)) & (kFixed | kNegation)) != 0) return false;
    if (are_opposed(a.text, b.text)) return false;
    // One of them says the opposite of the other more often than it is a slip for it.
    for (const std::string_view prefix : {"un", "in", "im", "non", "dis", "ir", "il", "de", "a"}) {
      if (a.text == std::string(prefix) + b.text || b.text == std::string(prefix) + a.text)
        return false;
    }
    return is_misspelling(a.text, b.text) || is_misspelling(a.canon, b.text) ||
           is_misspelling(a.text, b.canon) || is_misspelling(a.canon, b.canon);
  }

  // A character for one that sounds the same, in the same place.
  void explain_slips_of_han() {
    int slips = 0;
    for (std::size_t i = 0; i < a_.size(); ++i) {
      if (pair_a_[i] != kFree || a_[i].kind != Kind::han) continue;
      for (std::size_t j = 0; j < b_.size(); ++j) {
        if (pair_b_[j] != kFree || b_[j].kind != Kind::han || !same_neighbours(i, j)) continue;
        const std::u32string x = decoded(a_[i].text);
        const std::u32string y = decoded(b_[j].text);
        if (x.size() != 1 || y.size() != 1 || !sound_alike(x[0], y[0])) continue;
        if (((classes_of(a_[i], true) | classes_of(b_[j], true)) & kFixed) != 0) continue;
        if (++slips > kHanSlipsMax) return;
        match(i, j);
        break;
      }
    }
  }

  [[nodiscard]] bool same_neighbours(std::size_t i, std::size_t j) const {
    const auto before_a = i > 0 ? a_[i - 1].canon : "";
    const auto before_b = j > 0 ? b_[j - 1].canon : "";
    const auto after_a = i + 1 < a_.size() ? a_[i + 1].canon : "";
    const auto after_b = j + 1 < b_.size() ? b_[j + 1].canon : "";
    return before_a == before_b && after_a == after_b;
  }

  // "ISS" for "International Space Station", "i18n" for "internationalization".
  static void explain_initials(std::vector<Token>& shorts, std::vector<int>& pair_short,
                               std::vector<Token>& longs, std::vector<int>& pair_long) {
    for (std::size_t i = 0; i < shorts.size(); ++i) {
      const std::string& letters = shorts[i].text;
      if (pair_short[i] != kFree || shorts[i].kind != Kind::word || letters.size() < 2 ||
          letters.size() > 8)
        continue;
      for (std::size_t j = 0; j < longs.size(); ++j) {
        const std::size_t end = spelled_out(letters, longs, pair_long, j);
        if (end == 0) continue;
        longs[j].canon = shorts[i].canon;
        pair_long[j] = static_cast<int>(i);
        pair_short[i] = static_cast<int>(j);
        collapse(longs, pair_long, j + 1, end);
        break;
      }
    }
  }

  // Where the words end that begin with these letters; 0 when they do not.
  static std::size_t spelled_out(std::string_view letters, const std::vector<Token>& words,
                                 const std::vector<int>& pairs, std::size_t at) {
    std::size_t letter = 0;
    std::size_t taken = 0;
    for (; at < words.size() && letter < letters.size(); ++at) {
      const Token& token = words[at];
      if (token.kind != Kind::word && token.kind != Kind::number) return 0;
      const bool starts = token.text[0] == letters[letter];
      if (starts && pairs[at] == kFree) {
        ++letter;
        ++taken;
      } else if (taken == 0 || (english().classes(token.text) & kPreposition) == 0) {
        if (!(starts && (token.text == "of" || token.text == "and"))) return 0;
        ++letter;
      }
    }
    return letter == letters.size() && taken >= 2 ? at : 0;
  }

  // The words of a run count as its first one.
  static void collapse(std::vector<Token>& tokens, std::vector<int>& pairs, std::size_t from,
                       std::size_t to) {
    for (std::size_t at = from; at < to; ++at) pairs[at] = kExplained;
    (void)tokens;
  }

  // "powerbank" for "power bank".
  static void explain_joined(std::vector<Token>& shorts, std::vector<int>& pair_short,
                             std::vector<Token>& longs, std::vector<int>& pair_long) {
    for (std::size_t i = 0; i < shorts.size(); ++i) {
      if (pair_short[i] != kFree || shorts[i].text.size() < 6) continue;
      for (std::size_t j = 0; j + 1 < longs.size(); ++j) {
        if (pair_long[j] != kFree || pair_long[j + 1] != kFree) continue;
        if (longs[j].text + longs[j + 1].text != shorts[i].text &&
            longs[j].canon + longs[j + 1].canon != shorts[i].canon)
          continue;
        longs[j].canon = shorts[i].canon;
        pair_long[j] = static_cast<int>(i);
        pair_short[i] = static_cast<int>(j);
        pair_long[j + 1] = kExplained;
        break;
      }
    }
  }

  void drop_soft(const std::vector<Token>& tokens, std::vector<int>& pairs) const {
    for (std::size_t at = 0; at < tokens.size(); ++at) {
      const std::string& canon = tokens[at].canon;
      // How one does something is the same for what is mine and for what is yours.
      const bool owner = method_ && (canon == "my" || canon == "our" || canon == "your");
      const bool soft = owner || (classes_of(tokens[at], chinese_) & kSoft) != 0;
      if (pairs[at] == kFree && !tokens[at].quoted && soft) pairs[at] = kExplained;
    }
  }

  // ---- why not

  static std::vector<Token> free_of(const std::vector<Token>& tokens,
                                    const std::vector<int>& pairs) {
    std::vector<Token> rest;
    for (std::size_t at = 0; at < tokens.size(); ++at)
      if (pairs[at] == kFree) rest.push_back(tokens[at]);
    return rest;
  }

  [[nodiscard]] Verdict refuse_rest() const {
    const std::vector<Token> a = free_of(a_, pair_a_);
    const std::vector<Token> b = free_of(b_, pair_b_);
    return refused(reason_of(a, b), joined(a) + " / " + joined(b));
  }

  [[nodiscard]] Reason reason_of(const std::vector<Token>& a, const std::vector<Token>& b) const {
    std::uint32_t all = 0;
    bool number = false;
    bool name = false;
    for (const auto* side : {&a, &b}) {
      for (const Token& token : *side) {
        all |= classes_of(token, chinese_);
        number |= token.kind == Kind::number;
        name |= token.capital;
      }
    }
    const Lexicon& lexicon = chinese_ ? chinese() : english();
    for (const Token& x : a)
      for (const Token& y : b)
        if (lexicon.are_antonyms(x.canon, y.canon) || lexicon.are_antonyms(x.text, y.text))
          return Reason::antonym;
    if ((all & kNegation) != 0) return Reason::negation;
    if (number) return Reason::number;
    if ((all & kDate) != 0) return Reason::date;
    if ((all & kUnit) != 0) return Reason::unit;
    if ((all & kComparison) != 0) return Reason::comparison;
    if ((all & kQuantifier) != 0) return Reason::quantifier;
    if ((all & kFormat) != 0) return Reason::format;
    if (a.empty() || b.empty()) return Reason::scope;
    if (name) return Reason::name;
    return Reason::wording;
  }

  // ---- order

  using Words = std::vector<std::string>;

  static Words words_of(const std::vector<Token>& tokens, const std::vector<int>& pairs) {
    Words words;
    for (std::size_t at = 0; at < tokens.size(); ++at)
      if (pairs[at] != kExplained) words.push_back(tokens[at].canon);
    return words;
  }

  [[nodiscard]] bool same_order() const {
    const Words a = words_of(a_, pair_a_);
    const Words b = words_of(b_, pair_b_);
    if (a == b) return true;
    if (a.size() != b.size()) return false;
    std::size_t front = 0;
    while (front < a.size() && a[front] == b[front]) ++front;
    std::size_t back = 0;
    while (back < a.size() - front && a[a.size() - 1 - back] == b[b.size() - 1 - back]) ++back;
    for (std::size_t f = front + 1; f-- > 0 && front - f <= kBackMax;) {
      for (std::size_t r = back + 1; r-- > 0 && back - r <= kBackMax;) {
        const Words x(a.begin() + static_cast<std::ptrdiff_t>(f),
                      a.end() - static_cast<std::ptrdiff_t>(r));
        const Words y(b.begin() + static_cast<std::ptrdiff_t>(f),
                      b.end() - static_cast<std::ptrdiff_t>(r));
        if (same_items(x, y) || is_rotation(x, y)) return true;
      }
    }
    return false;
  }

  [[nodiscard]] bool connects(const std::string& word) const {
    const std::uint32_t classes = (chinese_ ? chinese() : english()).classes(word);
    return (classes & kConnector) != 0 ||
           (distance_ && (word == "from" || word == "to" || word == "到"));
  }

  // "gold or lead", "lead or gold": the items between the connectors, in any order.
  [[nodiscard]] bool same_items(const Words& x, const Words& y) const {
    const auto split = [&](const Words& words) {
      std::vector<Words> items(1);
      std::vector<Words> connectors;
      for (const std::string& word : words) {
        if (connects(word)) {
          connectors.push_back({word});
          items.emplace_back();
        } else {
          items.back().push_back(word);
        }
      }
      std::ranges::sort(items);
      std::ranges::sort(connectors);
      return std::pair{std::move(items), std::move(connectors)};
    };
    const auto [items_x, connectors_x] = split(x);
    if (connectors_x.empty()) return false;
    const auto [items_y, connectors_y] = split(y);
    const bool short_items = std::ranges::all_of(
        items_x, [](const Words& item) { return !item.empty() && item.size() <= kBlockMax; });
    return short_items && items_x == items_y && connectors_x == connectors_y;
  }

  // One part that begins with a preposition stands before or after the rest.
  [[nodiscard]] bool is_rotation(const Words& x, const Words& y) const {
    for (std::size_t cut = 1; cut < x.size(); ++cut) {
      const auto middle = static_cast<std::ptrdiff_t>(cut);
      const bool rotated = std::equal(x.begin() + middle, x.end(), y.begin()) &&
                           std::equal(x.begin(), x.begin() + middle, y.end() - middle);
      if (rotated && (is_part(x, 0, cut) || is_part(x, cut, x.size()))) return true;
    }
    return false;
  }

  [[nodiscard]] bool is_part(const Words& words, std::size_t from, std::size_t to) const {
    const Lexicon& lexicon = chinese_ ? chinese() : english();
    const auto is_preposition = [&](std::size_t at) {
      return (lexicon.classes(words[at]) & kPreposition) != 0;
    };
    if (chinese_) return is_preposition(from) || is_preposition(to - 1);
    const std::size_t other_end = from == 0 ? words.size() : from;
    return is_preposition(from) && to > from + 1 && !is_preposition(other_end - 1) &&
           !is_preposition(to - 1);
  }

  bool chinese_;
  bool method_;
  bool distance_;
  std::vector<Token> a_;
  std::vector<Token> b_;
  std::vector<int> pair_a_;
  std::vector<int> pair_b_;
  bool did_a_ = false;
  bool did_b_ = false;
  bool did_changes_ = false;
};

}  // namespace

Verdict judge(const CanonicalForm& asked, const CanonicalForm& stored) {
  if (asked.text == stored.text) return {};
  if (asked.opaque || stored.opaque) return refused(Reason::payload, "compared as it stands");
  if (asked.exact != stored.exact) {
    const bool payload = asked.exact.contains('\x1f') || stored.exact.contains('\x1f');
    return refused(payload ? Reason::payload : Reason::code, asked.exact + " / " + stored.exact);
  }
  if (asked.chinese != stored.chinese) return refused(Reason::wording, "another language");
  if (asked.pointing || stored.pointing) return refused(Reason::anaphora, "it points elsewhere");
  if (asked.frame != stored.frame)
    return refused(Reason::frame, asked.frame + " / " + stored.frame);
  std::vector<std::string> marks = only_in(asked.marks, stored.marks);
  std::ranges::copy(only_in(stored.marks, asked.marks), std::back_inserter(marks));
  std::erase(marks, "did");  // the past form of the verb on the other side makes up for it
  if (!marks.empty()) return refused(reason_of_mark(marks.front()), marks.front());
  return Alignment(asked, stored).judge();
}

}  // namespace gate
