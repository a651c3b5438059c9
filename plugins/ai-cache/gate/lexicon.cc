// SPDX-License-Identifier: Apache-2.0
// The lists are copied once into one text; slots of an open hash table point into it.
#include "lexicon.h"

#include <algorithm>
#include <utility>

namespace gate {

namespace {

constexpr std::size_t kSlots = 8192;   // of words
constexpr std::size_t kFirsts = 1024;  // of first parts of phrases

struct NamedClass {
  const char* name;
  Class value;
};

constexpr NamedClass kClasses[] = {
    {"light", kLight},         {"soft", kSoft},         {"chat", kChat},
    {"negation", kNegation},   {"date", kDate},         {"quantifier", kQuantifier},
    {"unit", kUnit},           {"question", kQuestion}, {"preposition", kPreposition},
    {"pointer", kPointer},     {"modal", kModal},       {"format", kFormat},
    {"task", kTask},           {"subject", kSubject},   {"comparison", kComparison},
    {"connector", kConnector}, {"fixed", kFixed},       {"gerund", kGerund},
};

std::size_t hash_of(std::string_view word) {
  std::uint64_t value = 0xcbf29ce484222325ULL;
  for (const char c : word) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return static_cast<std::size_t>(value ^ (value >> 29));
}

// What ends a phrase's first part: an underscore, or one character of Chinese.
std::string_view first_of(std::string_view phrase) {
  const auto lead = static_cast<unsigned char>(phrase[0]);
  if (lead >= 0xE0) return phrase.substr(0, lead >= 0xF0 ? 4 : 3);
  return phrase.substr(0, phrase.find('_'));
}

std::size_t parts_of(std::string_view phrase) {
  if (static_cast<unsigned char>(phrase[0]) >= 0xE0) return (phrase.size() + 2) / 3;
  return static_cast<std::size_t>(std::ranges::count(phrase, '_')) + 1;
}

std::string_view take(std::string_view& from, char until) {
  const std::size_t end = std::min(from.find(until), from.size());
  const std::string_view part = from.substr(0, end);
  from.remove_prefix(std::min(end + 1, from.size()));
  return part;
}

}  // namespace

Lexicon::Lexicon(std::initializer_list<std::string_view> texts, std::string_view antonyms)
    : slots_(kSlots), longest_(kFirsts) {
  for (const std::string_view text : texts) text_ += text;
  const std::size_t words = text_.size();
  text_ += antonyms;
  std::string_view rest = std::string_view(text_).substr(0, words);
  while (!rest.empty()) read_line(take(rest, '\n'));
  // A pair is an entry of its own: no word has a blank in it.
  rest = std::string_view(text_).substr(words);
  while (!rest.empty()) {
    const std::string_view pair = take(rest, '\n');
    if (!pair.empty()) add(pair, pair, 0);
  }
}

void Lexicon::read_line(std::string_view line) {
  if (line.empty() || line[0] == '#') return;
  std::uint32_t classes = 0;
  bool past = false;
  std::string_view head;
  if (line[0] == '@') {
    const std::string_view name = take(line, ' ').substr(1);
    const auto found = std::ranges::find(kClasses, name, &NamedClass::name);
    if (found != std::end(kClasses)) classes = found->value;
  } else {
    past = line[0] == '!';
    if (past) line.remove_prefix(1);
    head = take(line, ' ');
    if (!past) add(head, head, kHead);
  }
  while (!line.empty()) {
    const std::string_view word = take(line, ' ');
    if (!word.empty()) add(word, head.empty() ? word : head, past ? kPast : classes);
  }
}

std::uint32_t Lexicon::offset(std::string_view part) const {
  return static_cast<std::uint32_t>(part.data() - text_.data());
}

std::size_t Lexicon::slot_of(std::string_view word) const {
  std::size_t slot = hash_of(word) % kSlots;
  while (slots_[slot].key_size != 0 &&
         std::string_view(text_).substr(slots_[slot].key_at, slots_[slot].key_size) != word)
    slot = (slot + 1) % kSlots;
  return slot;
}

// A word may stand in several lines: the last one that gives it a meaning counts, classes add up.
void Lexicon::add(std::string_view word, std::string_view canon, std::uint32_t classes) {
  Meaning& meaning = slots_[slot_of(word)];
  if (meaning.key_size == 0) {
    // A table that is full to the brim would be searched for ever.
    if (++used_ * 4 > kSlots * 3) __builtin_trap();
    meaning.key_at = offset(word);
    meaning.key_size = static_cast<std::uint16_t>(word.size());
    meaning.canon_at = meaning.key_at;
    meaning.canon_size = meaning.key_size;
    note_length(word);
  }
  if (canon != word) {
    meaning.canon_at = offset(canon);
    meaning.canon_size = static_cast<std::uint16_t>(canon.size());
  }
  meaning.classes |= classes;
}

void Lexicon::note_length(std::string_view phrase) {
  auto& longest = longest_[hash_of(first_of(phrase)) % kFirsts];
  longest = std::max(longest, static_cast<std::uint8_t>(parts_of(phrase)));
}

const Meaning* Lexicon::find(std::string_view word) const {
  const Meaning& meaning = slots_[slot_of(word)];
  return meaning.key_size == 0 ? nullptr : &meaning;
}

std::uint32_t Lexicon::classes(std::string_view word) const {
  const Meaning* meaning = find(word);
  return meaning == nullptr ? 0 : meaning->classes;
}

std::size_t Lexicon::longest(std::string_view first) const {
  return longest_[hash_of(first) % kFirsts];
}

bool Lexicon::are_antonyms(std::string_view a, std::string_view b) const {
  std::string pair;
  for (const auto& [x, y] : {std::pair(a, b), std::pair(b, a)}) {
    pair.assign(x) += ' ';
    pair += y;
    if (find(pair) != nullptr) return true;
  }
  return false;
}

}  // namespace gate
