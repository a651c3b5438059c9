// SPDX-License-Identifier: Apache-2.0
// Running a pattern: all ways through the program at once, one character of the text after the
// other, in the order of their preference (Thompson's and Pike's method). A step that is reached
// twice at one place is followed once, which bounds the work.
#include "mynah/regex.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace mynah {
inline namespace plugin {

class RegexRun final {
 public:
  RegexRun(const Regex& regex, std::string_view text, std::size_t places)
      : regex_(regex), text_(text), places_(places), reached_(regex.steps_.size(), kNever) {}

  // The places of the best fit that begins at `from` or, unless it is anchored, behind it; none
  // when there is none. `to_end`: only what ends with the text fits.
  std::optional<std::vector<std::size_t>> run(std::size_t from, bool anchored, bool to_end) {
    std::optional<std::vector<std::size_t>> best;
    Threads now;
    Threads then;
    for (std::size_t at = from;; at += length_) {
      decode(at);
      then.clear();
      // The beginning at this place comes behind all that began before it.
      if (!best && (!anchored || at == from)) follow(now, 0, at, std::vector(places_, kNever));
      if (now.empty() && (best || anchored)) break;
      for (Thread& thread : now) {
        const Regex::Step& step = regex_.steps_[thread.step];
        if (step.op == Regex::Op::match) {
          if (to_end && at < text_.size()) continue;
          best = std::move(thread.places);
          break;  // What is left is less preferred.
        }
        if (at < text_.size() && takes(step))
          pending_.emplace_back(thread.step + 1, std::move(thread.places));
      }
      if (at >= text_.size()) break;
      advance(then, at + length_);
      std::swap(now, then);
    }
    return best;
  }

 private:
  static constexpr std::size_t kNever = ~std::size_t{0};
  struct Thread {
    std::size_t step;
    std::vector<std::size_t> places;
  };
  using Threads = std::vector<Thread>;

  // The character at `at`, what stands before it, and how long it is; a byte that is no UTF-8
  // counts as a character of its own.
  void decode(std::size_t at) {
    const std::string_view rest = text_.substr(at);
    const std::size_t size = utf8_length(rest);
    length_ = size == 0 ? 1 : size;
    if (rest.empty()) return;
    const auto lead = static_cast<unsigned char>(rest[0]);
    code_ = size <= 1 ? lead : lead & (0xFFU >> (size + 1));
    if (size == 0) code_ = 0x110000U + lead;
    for (std::size_t i = 1; i < size; ++i)
      code_ = code_ << 6U | (static_cast<unsigned char>(rest[i]) & 0x3FU);
  }

  [[nodiscard]] static bool in(const Regex::Set& set, std::uint32_t code) {
    for (const Regex::Range& range : set.ranges) {
      if (code >= range.first && code <= range.last) return true;
    }
    return false;
  }

  [[nodiscard]] bool takes(const Regex::Step& step) const {
    const bool folds = regex_.ignores_case_ && code_ < 128;
    const std::uint32_t folded =
        folds ? static_cast<unsigned char>(lower(static_cast<char>(code_))) : code_;
    if (step.op == Regex::Op::character) return folded == static_cast<std::uint32_t>(step.first);
    if (step.op == Regex::Op::any) return step.flag || code_ != '\n';
    const Regex::Set& set = regex_.sets_[static_cast<std::size_t>(step.first)];
    bool inside = in(set, code_) || in(set, folded);
    if (folds && folded >= 'a' && folded <= 'z') inside |= in(set, folded - 32);
    return inside != set.negated;
  }

  [[nodiscard]] bool is_word(std::size_t at) const {
    return at < text_.size() && (is_alpha(text_[at]) || is_digit(text_[at]) || text_[at] == '_');
  }

  [[nodiscard]] bool holds(const Regex::Step& step, std::size_t at) const {
    switch (step.op) {
      case Regex::Op::begin:
        return at == 0 || (step.flag && text_[at - 1] == '\n');
      case Regex::Op::end:
        return at == text_.size() || (step.flag && text_[at] == '\n');
      default:
        return ((at > 0 && is_word(at - 1)) != is_word(at)) != step.flag;
    }
  }

  void advance(Threads& to, std::size_t at) {
    for (auto& [step, places] : pending_) follow(to, step, at, std::move(places));
    pending_.clear();
  }

  // Adds the thread, once it has come to a step that takes a character or ends. A list of our own
  // in place of recursion: patterns are longer than a machine's stack is deep.
  void follow(Threads& to, std::size_t first, std::size_t at, std::vector<std::size_t> places) {
    todo_.push_back({first, std::move(places)});
    while (!todo_.empty()) {
      Thread thread = std::move(todo_.back());
      todo_.pop_back();
      while (reached_[thread.step] != at) {
        reached_[thread.step] = at;
        const Regex::Step& step = regex_.steps_[thread.step];
        const auto target = [&](std::int32_t by) {
          return static_cast<std::size_t>(static_cast<std::ptrdiff_t>(thread.step) + by);
        };
        if (step.op == Regex::Op::jump) {
          thread.step = target(step.first);
        } else if (step.op == Regex::Op::split) {
          todo_.push_back({target(step.second), thread.places});
          thread.step = target(step.first);
        } else if (step.op == Regex::Op::save) {
          const auto place = static_cast<std::size_t>(step.first);
          if (place < places_) thread.places[place] = at;
          ++thread.step;
        } else if (step.op >= Regex::Op::begin && step.op <= Regex::Op::word) {
          if (!holds(step, at)) break;
          ++thread.step;
        } else {
          to.push_back(std::move(thread));
          break;
        }
      }
    }
  }

  const Regex& regex_;
  std::string_view text_;  // tidy: allow string_view: the argument of one call
  std::size_t places_;
  std::vector<std::size_t> reached_;  // by step: the place at which it was followed last
  std::vector<Thread> todo_;
  std::vector<std::pair<std::size_t, std::vector<std::size_t>>> pending_;
  std::size_t length_ = 0;
  std::uint32_t code_ = 0;
};

std::string_view Match::operator[](std::size_t group) const {
  if (group >= size() || places_[group * 2] > text_.size() || places_[group * 2 + 1] > text_.size())
    return {};
  return text_.substr(places_[group * 2], places_[group * 2 + 1] - places_[group * 2]);
}

bool Regex::matches(std::string_view text) const {
  return RegexRun(*this, text, 0).run(0, true, true).has_value();
}

bool Regex::found_in(std::string_view text) const {
  return RegexRun(*this, text, 0).run(0, false, false).has_value();
}

std::optional<Match> Regex::find(std::string_view text, std::size_t from) const {
  if (from > text.size()) return std::nullopt;
  auto places = RegexRun(*this, text, groups_ * 2).run(from, false, false);
  if (!places) return std::nullopt;
  Match match;
  match.text_ = text;
  match.places_ = *std::move(places);
  return match;
}

std::string Regex::replace_all(std::string_view text, std::string_view with) const {
  std::string made;
  std::size_t at = 0;
  while (const auto match = find(text, at)) {
    made += text.substr(at, match->begin() - at);
    for (std::size_t i = 0; i < with.size(); ++i) {
      const char next = i + 1 < with.size() ? with[i + 1] : '\0';
      if (with[i] != '$' || (next != '$' && !is_digit(next))) {
        made += with[i];
        continue;
      }
      ++i;
      if (next == '$') {
        made += '$';
      } else {
        made += (*match)[static_cast<std::size_t>(next - '0')];
      }
    }
    at = match->end();
    if (match->begin() < match->end()) continue;
    // Nothing was taken: one character goes on, so that the search does.
    if (at >= text.size()) return made;
    const std::size_t size = std::max<std::size_t>(1, utf8_length(text.substr(at)));
    made += text.substr(at, size);
    at += size;
  }
  return made += text.substr(std::min(at, text.size()));
}

}  // namespace plugin
}  // namespace mynah
