// SPDX-License-Identifier: Apache-2.0
// Lexicon: what the gate knows of words and phrases that occur in questions. The lists are text, in
// lexicon_english.cc and lexicon_chinese.cc, and are read once.
//
//   buy purchase              the words of a line mean what its first one means
//   @negation not never       each of these is of a class
//   !go went gone             the later ones are the past of the first
//
// A phrase is written with underscores: united_states. Lines that begin with # are remarks.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace gate {

enum Class : std::uint32_t {
  kLight = 1U << 0U,  // weighs nothing
  kSoft = 1U << 1U,   // may stand on one side only
  kChat = 1U << 2U,   // a clause of nothing but these says nothing about what is asked
  kNegation = 1U << 3U,
  kQuantifier = 1U << 4U,
  kDate = 1U << 5U,
  kUnit = 1U << 6U,
  kPreposition = 1U << 7U,  // begins a part that may stand elsewhere
  kQuestion = 1U << 8U,     // what, how
  kPointer = 1U << 9U,      // it, this
  kModal = 1U << 10U,
  kFormat = 1U << 11U,  // the shape of an answer
  kTask = 1U << 12U,    // works on a text that follows
  kComparison = 1U << 13U,
  kConnector = 1U << 14U,  // what stands on its sides may change places
  kPast = 1U << 15U,       // an irregular past form
  kSubject = 1U << 16U,    // I, you, we, one
  kFixed = 1U << 17U,      // no misspelling of anything
  kHead = 1U << 19U,       // others mean what it means
  kGerund = 1U << 18U,     // after it a form in -ing is the verb itself
};

struct Meaning {
  std::uint32_t key_at = 0;
  std::uint32_t canon_at = 0;
  std::uint16_t key_size = 0;
  std::uint16_t canon_size = 0;
  std::uint32_t classes = 0;
};

class Lexicon final {
 public:
  Lexicon(std::initializer_list<std::string_view> texts, std::string_view antonyms);

  // Null when nothing is known of it.
  [[nodiscard]] const Meaning* find(std::string_view word) const;
  [[nodiscard]] std::uint32_t classes(std::string_view word) const;
  [[nodiscard]] std::string_view canon_of(const Meaning& meaning) const {
    return std::string_view(text_).substr(meaning.canon_at, meaning.canon_size);
  }
  // The most words, or characters, of a phrase that begins with this one.
  [[nodiscard]] std::size_t longest(std::string_view first) const;
  [[nodiscard]] bool are_antonyms(std::string_view a, std::string_view b) const;

 private:
  enum class Line : std::uint8_t { synonyms, classes, past };
  void read_line(std::string_view line);
  void add(std::string_view word, std::string_view canon, std::uint32_t classes);
  void note_length(std::string_view phrase);
  [[nodiscard]] std::size_t slot_of(std::string_view word) const;
  [[nodiscard]] std::uint32_t offset(std::string_view part) const;

  std::string text_;
  std::vector<Meaning> slots_;
  std::vector<std::uint8_t> longest_;  // by a hash of the first word
  std::size_t used_ = 0;
};

const Lexicon& english();
const Lexicon& chinese();

}  // namespace gate
