// SPDX-License-Identifier: Apache-2.0
// One pass over the text: characters gather into words, and each finished word is cut into pieces
// at once, so that nothing is done for what lies behind the last token that fits.
#include "embed/tokenizer.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "embed/unicode.h"

namespace mynah::embed {
namespace {

// A word of so many letters that is spelled letter by letter is one that the vocabulary does not
// know; shorter ones may well be whole.
constexpr std::size_t kSpelledLettersMin = 3;

}  // namespace

class Tokenizer::Encoding final {
 public:
  Encoding(const Tokenizer& with, std::size_t tokens_max) : with_(with) {
    tokens_.ids = with.before_;
    const std::size_t special = with.before_.size() + with.after_.size();
    room_ = tokens_max > special ? tokens_max - special : 0;
  }

  Tokens run(std::string_view text) && {
    while (!text.empty() && !tokens_.truncated) take(take_character(text));
    end_word();
    tokens_.ids.insert(tokens_.ids.end(), with_.after_.begin(), with_.after_.end());
    return std::move(tokens_);
  }

 private:
  void take(char32_t c) {
    if (with_.clean_ && is_dropped(c)) return;
    if (is_blank(c)) return end_word();
    const bool alone = with_.split_ideographs_ && is_ideograph(c);
    if (alone) end_word();
    for (const char32_t each : normalized(c)) {
      if (is_blank(each)) {
        end_word();
      } else if (is_punctuation(each)) {
        end_word();
        append(each);
        end_word();
      } else {
        append(each);
      }
    }
    if (alone) end_word();
  }

  const std::vector<char32_t>& normalized(char32_t c) {
    bare_.clear();
    if (with_.strip_marks_) {
      append_without_marks(bare_, c);
    } else {
      bare_.push_back(c);
    }
    if (!with_.lower_) return bare_;
    lowered_.clear();
    for (const char32_t each : bare_) append_lowered(lowered_, each);
    return lowered_;
  }

  // Of a word that is longer than any the vocabulary could know, its length matters only.
  void append(char32_t c) {
    ++characters_;
    if (characters_ > with_.word_characters_max_) return;
    append_utf8(word_, c);
    foreign_ = foreign_ || c >= 0x80;
  }

  void end_word() {
    if (characters_ == 0) return;
    pieces_.clear();
    const bool known = characters_ <= with_.word_characters_max_ && cut_word();
    if (!known) pieces_.assign(1, with_.unknown_);
    const bool spelled =
        foreign_ && pieces_.size() == characters_ && characters_ >= kSpelledLettersMin;
    for (const std::uint32_t piece : pieces_) add(piece, !known || spelled);
    word_.clear();
    characters_ = 0;
    foreign_ = false;
  }

  // The longest piece first, then the longest of what is left; false when there is none.
  bool cut_word() {
    const std::string& mark = with_.continuation_;
    word_.insert(0, mark);
    std::size_t start = mark.size();
    while (start < word_.size()) {
      // Behind the first piece, pieces carry the mark. It is written over what is cut off already.
      const std::size_t from = start == mark.size() ? start : start - mark.size();
      if (from != start) std::ranges::copy(mark, word_.begin() + static_cast<std::ptrdiff_t>(from));
      const auto [piece, length] =
          longest_piece(std::string_view(word_).substr(from), start - from);
      if (length == 0) return false;
      pieces_.push_back(piece);
      start = from + length;
    }
    return true;
  }

  struct Piece {
    std::uint32_t id = 0;
    std::size_t length = 0;
  };
  // Of the text's beginnings that are longer than `mark_bytes`.
  [[nodiscard]] Piece longest_piece(std::string_view text, std::size_t mark_bytes) const {
    std::size_t length = std::min(text.size(), with_.piece_bytes_max_);
    const auto continues = [&](std::size_t at) {
      return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
    };
    for (; length > mark_bytes; --length) {
      if (continues(length)) continue;
      const auto found = with_.vocabulary_.find(text.substr(0, length));
      if (found != with_.vocabulary_.end()) return {found->second, length};
    }
    return {};
  }

  void add(std::uint32_t piece, bool meaningless) {
    if (tokens_.of_text == room_) {
      tokens_.truncated = true;
      return;
    }
    tokens_.ids.push_back(piece);
    ++tokens_.of_text;
    if (meaningless) ++tokens_.meaningless;
  }

  const Tokenizer& with_;
  Tokens tokens_;
  std::size_t room_ = 0;
  std::string word_;  // its beginning, when it is over-long
  std::size_t characters_ = 0;
  bool foreign_ = false;  // has a character beyond ASCII
  std::vector<std::uint32_t> pieces_;
  std::vector<char32_t> bare_;
  std::vector<char32_t> lowered_;
};

Tokens Tokenizer::encode(std::string_view text, std::size_t tokens_max) const {
  return Encoding(*this, tokens_max).run(text);
}

std::string Tokenizer::spell(std::uint32_t id) const {
  const auto found = std::ranges::find(vocabulary_, id, &Vocabulary::value_type::second);
  return found == vocabulary_.end() ? std::string() : found->first;
}

}  // namespace mynah::embed
