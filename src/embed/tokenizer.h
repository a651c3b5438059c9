// SPDX-License-Identifier: Apache-2.0
// Text to the tokens of a BERT model: WordPiece, as a `tokenizer.json` describes it.
//
//   MYNAH_LET(Tokenizer tokenizer, Tokenizer::parse(std::move(json)));
//   Tokens tokens = tokenizer.encode("What is a mynah?", 512);
//
// The text is cleaned and, where the model wants it, lowered and stripped of accents; it is cut
// into words at blanks, signs and ideographs; each word becomes the longest pieces that the
// vocabulary has, or the one unknown token. Names of special tokens in a text are plain text here:
// nobody forges the end of a text by writing "[SEP]".
//
// A vocabulary without a single capital letter belongs to a model that was trained on small
// letters, so that text is lowered for it whatever the file says: published files of Chinese models
// forget to, and then all words in capitals are the same unknown token.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"

namespace mynah::embed {

struct Tokens {
  // With the special ones at both ends; at most as many as were asked for.
  std::vector<std::uint32_t> ids;
  // Of those that stand for the text: all, and those that tell the model nothing of what it says:
  // the unknown token, and words of a script that the vocabulary knows as single letters only.
  std::size_t of_text = 0;
  std::size_t meaningless = 0;
  bool truncated = false;  // the text has more tokens
};

class Tokenizer final {
 public:
  // Errc::unsupported when the file describes another kind of tokenizer, Errc::invalid_argument
  // when it is damaged.
  static Result<Tokenizer> parse(std::string json);

  // Takes time in proportion to the part of the text that the tokens stand for. `tokens_max` has
  // room for the special ones.
  [[nodiscard]] Tokens encode(std::string_view text, std::size_t tokens_max) const;

  // One more than the highest number of a token.
  [[nodiscard]] std::size_t size() const { return size_; }
  // The tokens' spelling, for people and tests; empty for a number without one.
  [[nodiscard]] std::string spell(std::uint32_t id) const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  using Vocabulary = std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>>;

  class Encoding;

  Vocabulary vocabulary_;
  std::size_t size_ = 0;
  std::size_t piece_bytes_max_ = 0;
  std::size_t word_characters_max_ = 0;
  std::string continuation_;
  std::uint32_t unknown_ = 0;
  std::vector<std::uint32_t> before_;  // what stands before and after a text
  std::vector<std::uint32_t> after_;
  bool clean_ = true;
  bool split_ideographs_ = true;
  bool strip_marks_ = false;
  bool lower_ = false;

  friend class TokenizerFile;
};

}  // namespace mynah::embed
