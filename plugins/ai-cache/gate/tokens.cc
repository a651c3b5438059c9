// SPDX-License-Identifier: Apache-2.0
// A question is decoded, each code point folded, and the result cut into chunks at blanks and
// Chinese characters. A chunk with symbols is code, and goes on until its brackets are closed.
#include "tokens.h"

#include <algorithm>

#include "han.h"

namespace gate {

namespace {

constexpr std::string_view kCodeSymbols = "_={}<>[]\\|~^*@#;$+%&()/`";

bool is_digit(char32_t c) { return c >= '0' && c <= '9'; }
bool is_lower(char32_t c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char32_t c) { return c >= 'A' && c <= 'Z'; }
bool is_letter(char32_t c) { return is_lower(c) || is_upper(c) || (c >= 0xC0 && c < 0x2000); }
bool is_blank(char32_t c) { return c == ' ' || c == '\n'; }
bool is_quote(char32_t c) { return c == '\'' || c == '"'; }

char32_t lowered(char32_t c) {
  if (is_upper(c)) return c + 32;
  if ((c >= 0xC0 && c <= 0xDE && c != 0xD7) || (c >= 0x391 && c <= 0x3A9) ||
      (c >= 0x410 && c <= 0x42F))
    return c + 32;
  if (c >= 0x400 && c <= 0x40F) return c + 80;
  return c;
}

// One spelling of the marks that are written in several ways; 0 is left out.
char32_t folded(char32_t c) {
  if (c >= 0xFF01 && c <= 0xFF5E) c -= 0xFEE0;
  if (c < 0x80) return c == '\t' || c == '\r' || c == '\f' || c == '\v' ? U' ' : c;
  if (c == 0x3000 || c == 0xA0 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F) return ' ';
  if (c == 0x2018 || c == 0x2019 || c == 0x2BC) return '\'';
  if (c == 0x201C || c == 0x201D || c == 0xAB || c == 0xBB || (c >= 0x300A && c <= 0x300F))
    return '"';
  if (c >= 0x2010 && c <= 0x2015) return '-';
  if (c == 0x2212) return '-';
  if (c == 0x3002) return '.';
  if (c == 0x3001) return ',';
  if (c == 0x2026) return '.';
  if (c == 0xAD || (c >= 0x200B && c <= 0x200F) || c == 0xFEFF || (c >= 0xFE00 && c <= 0xFE0F))
    return 0;
  return simplified(c);
}

// "café" is "cafe" when that is a word; in other languages accents tell words apart.
std::string without_accents(std::u32string_view word) {
  static constexpr std::string_view kPlain = "aaaaaaaceeeeiiiidnooooo/ouuuuyty";
  std::string plain;
  for (const char32_t c : word) {
    if (c < 0x80) {
      plain += static_cast<char>(c);
    } else if (c >= 0xE0 && c <= 0xFF) {
      plain += kPlain[c - 0xE0];
    } else {
      return {};
    }
  }
  return plain;
}

class Reader final {
 public:
  Reader(std::string_view question, std::size_t tokens_max) : tokens_max_(tokens_max) {
    for (const char32_t c : decoded(question)) {
      if (c == 0xFFFD || (c < ' ' && !is_blank(c) && c != '\t' && c != '\r')) out_.valid = false;
      const char32_t unified = folded(c);
      if (unified != 0) text_ += unified;
    }
  }

  Tokens read() && {
    while (at_ < text_.size() && out_.valid) {
      step();
      if (out_.list.size() > tokens_max_) out_.valid = false;
    }
    if (!out_.exact.empty()) out_.exact += quotes_;
    return std::move(out_);
  }

 private:
  [[nodiscard]] char32_t peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : U'\0';
  }

  void step() {
    const char32_t c = peek();
    if (c == '\n') return stop();
    if (is_blank(c)) {
      ++at_;
    } else if (is_han(c)) {
      han();
    } else if (c == '`') {
      backticks();
    } else if (is_quote(c)) {
      quotes_ += static_cast<char>(c);
      if (c == '"') quoted_ = !quoted_;
      ++at_;
    } else if (std::u32string_view(U".?!:,;").contains(c) && !starts_word(at_ + 1)) {
      stop();
    } else {
      chunk();
    }
  }

  // ".net" and ":root" are words that begin with a stop.
  [[nodiscard]] bool starts_word(std::size_t at) const {
    const bool after_blank = at < 2 || is_blank(text_[at - 2]);
    return after_blank && at < text_.size() && (is_letter(text_[at]) || is_digit(text_[at])) &&
           (text_[at - 1] == '.' || text_[at - 1] == ':');
  }

  void stop() {
    const char32_t c = peek();
    while (at_ < text_.size() &&
           (is_blank(peek()) || std::u32string_view(U".?!:,;").contains(peek())))
      ++at_;
    std::string text;
    append_utf8(text, c);
    push({.kind = c == ',' ? Kind::comma : Kind::stop, .text = text, .canon = text});
  }

  void han() {
    out_.has_han = true;
    std::string text;
    append_utf8(text, text_[at_++]);
    push({.kind = Kind::han, .text = text, .canon = text});
  }

  void backticks() {
    const std::size_t fence = text_.find_first_not_of(U'`', at_);
    const std::size_t end = fence == std::u32string::npos ? fence : text_.find(U'`', fence);
    const std::u32string_view inside =
        fence == std::u32string::npos ? std::u32string_view{}
                                      : std::u32string_view(text_).substr(
                                            fence, end == std::u32string::npos ? end : end - fence);
    at_ = end == std::u32string::npos ? text_.size() : text_.find_first_not_of(U'`', end);
    at_ = std::min(at_, text_.size());
    if (std::ranges::all_of(inside, is_letter)) return word(inside);
    code(inside);
  }

  // What stands between two blanks, or longer while brackets are open.
  void chunk() {
    const std::size_t begin = at_;
    std::size_t end = begin;
    while (end < text_.size() && !is_blank(text_[end]) && !is_han(text_[end]) && text_[end] != '`')
      ++end;
    std::u32string_view piece = std::u32string_view(text_).substr(begin, end - begin);
    const std::size_t lead = std::min(piece.find_first_not_of(U"(\"'"), piece.size());
    if (lead > 0 && lead < piece.size() && is_plain(trimmed(piece.substr(lead)))) {
      note_quotes(piece.substr(0, lead));
      at_ += lead;
      return;
    }
    const std::u32string_view core = trimmed(piece);
    if (core.empty()) {
      ++at_;
      return;
    }
    if (is_plain(core)) {
      at_ += core.size();
      words(core);
      note_tail(piece.size() - core.size());
      return;
    }
    while (end < text_.size() && opens(std::u32string_view(text_).substr(begin, end - begin)) > 0) {
      ++end;
      while (end < text_.size() && !is_blank(text_[end])) ++end;
    }
    piece = trimmed_stops(std::u32string_view(text_).substr(begin, end - begin));
    at_ = begin + std::max<std::size_t>(piece.size(), 1);
    code(piece);
  }

  // Closing marks that belong to the sentence are passed over; its stops are read next.
  void note_tail(std::size_t size) {
    for (; size > 0 && at_ < text_.size(); --size) {
      const char32_t c = peek();
      if (c == ')' || is_quote(c)) {
        note_quotes(std::u32string_view(text_).substr(at_, 1));
        ++at_;
      } else {
        break;
      }
    }
  }

  void note_quotes(std::u32string_view marks) {
    for (const char32_t c : marks) {
      if (!is_quote(c)) continue;
      quotes_ += static_cast<char>(c);
      if (c == '"') quoted_ = !quoted_;
    }
  }

  static std::u32string_view trimmed(std::u32string_view piece) {
    const std::size_t last = piece.find_last_not_of(U".?!:,;)\"'");
    if (last == std::u32string_view::npos) return {};
    std::size_t end = last + 1;
    // "f()" and "401(k)" keep their brackets.
    if (end < piece.size() && piece[end] == ')' &&
        piece.substr(0, end).find(U'(') != std::u32string_view::npos)
      ++end;
    return piece.substr(0, end);
  }

  static std::u32string_view trimmed_stops(std::u32string_view piece) {
    while (piece.size() > 1 && std::u32string_view(U".?!,").contains(piece.back()))
      piece.remove_suffix(1);
    return piece;
  }

  static int opens(std::u32string_view piece) {
    int depth = 0;
    for (const char32_t c : piece) {
      if (c == '(' || c == '[' || c == '{') ++depth;
      if (c == ')' || c == ']' || c == '}') --depth;
    }
    return depth;
  }

  // Whether it is made of words and numbers, and not code.
  static bool is_plain(std::u32string_view piece) {
    if (piece.empty()) return false;
    if (piece.size() > 1 && piece[0] == '-' && !is_digit(piece[1])) return false;
    if (piece == U"-" || piece == U"&") return true;
    if (piece.ends_with(U"(k)") || piece.ends_with(U"(s)"))
      return is_plain(piece.substr(0, piece.size() - 3));
    if (piece.size() <= 3 && (piece.ends_with(U"++") || piece.ends_with(U"#")) &&
        is_letter(piece[0]))
      return true;
    if (piece[0] == '$' || piece[0] == '#') {
      return piece.size() > 1 && is_digit(piece[1]) && is_plain(piece.substr(1));
    }
    if (piece.back() == '%' || piece.back() == '+') {
      return piece.size() > 1 && is_digit(piece[piece.size() - 2]) &&
             is_plain(piece.substr(0, piece.size() - 1));
    }
    const std::size_t slash = piece.find(U'/');
    if (slash != std::u32string_view::npos) {
      return slash > 0 && slash + 1 < piece.size() && std::ranges::count(piece, U'/') == 1 &&
             is_plain(piece.substr(0, slash)) && is_plain(piece.substr(slash + 1));
    }
    const std::size_t et = piece.find(U'&');
    if (et != std::u32string_view::npos) {
      return et > 0 && et + 1 < piece.size() && is_letter(piece[et - 1]) &&
             is_letter(piece[et + 1]);
    }
    return std::ranges::none_of(
        piece, [](char32_t c) { return c < 0x80 && kCodeSymbols.contains(static_cast<char>(c)); });
  }

  // A plain piece, taken apart at hyphens, slashes and between digits and letters.
  void words(std::u32string_view piece) {
    if (piece.ends_with(U"(k)") || piece.ends_with(U"(s)")) {
      std::u32string joined(piece.substr(0, piece.size() - 3));
      if (piece.ends_with(U"(k)")) joined += U'k';
      return words(joined);
    }
    if (piece == U"&") return word(U"and");
    if (piece == U"-") return;
    if (piece[0] == '#') piece.remove_prefix(1);
    const bool dollars = piece[0] == '$';
    if (dollars) piece.remove_prefix(1);
    std::size_t begin = 0;
    while (begin < piece.size()) {
      if (piece[begin] == '-' || piece[begin] == '/' || piece[begin] == '\'') {
        ++begin;
        continue;
      }
      begin += is_digit(piece[begin]) ? number(piece.substr(begin)) : letters(piece.substr(begin));
    }
    if (dollars) word(U"dollar");
  }

  // Digits with what belongs to them: "1,000", "3.5", "22.04.1", "1/2", "19th", "10k".
  std::size_t number(std::u32string_view piece) {
    std::size_t size = 0;
    std::u32string digits;
    while (size < piece.size()) {
      const char32_t c = piece[size];
      const bool inner = size + 1 < piece.size() && is_digit(piece[size + 1]);
      if (is_digit(c) || (c == '.' && inner) || (c == ':' && inner) ||
          (c == '/' && inner && digits.find(U'/') == std::u32string::npos)) {
        digits += c;
      } else if (!(c == ',' && inner)) {
        break;
      }
      ++size;
    }
    std::u32string_view rest = piece.substr(size);
    const bool ordinal = rest.starts_with(U"st") || rest.starts_with(U"nd") ||
                         rest.starts_with(U"rd") || rest.starts_with(U"th");
    if (ordinal && (rest.size() == 2 || !is_letter(rest[2]))) {
      digits += U"th";
      size += 2;
    }
    std::string text;
    for (const char32_t c : digits) append_utf8(text, c);
    push({.kind = Kind::number, .text = text, .canon = text});
    if (piece.substr(size) == U"%") {
      word(U"percent");
      ++size;
    }
    if (piece.substr(size) == U"+") {
      word(U"plus");
      ++size;
    }
    return size;
  }

  std::size_t letters(std::u32string_view piece) {
    std::size_t size = 0;
    while (size < piece.size() && piece[size] != '-' && piece[size] != '/') ++size;
    std::u32string_view run = piece.substr(0, size);
    word(run);
    return size;
  }

  void word(std::u32string_view run) {
    std::u32string low;
    bool upper = !run.empty();
    for (const char32_t c : run) {
      low += lowered(c);
      upper &= !is_lower(c);
    }
    if (low.empty()) return;
    // "U.S." is "us".
    if (low.size() > 2 && low[1] == '.' && (low.size() < 4 || low[3] == '.') && is_lower(low[0]) &&
        is_lower(low[2]))
      std::erase(low, U'.');
    while (!low.empty() && low.back() == '.') low.pop_back();
    std::string text;
    const bool ascii = std::ranges::all_of(low, [](char32_t c) { return c < 0x80; });
    const std::string plain = without_accents(low);
    if (ascii || (!plain.empty() && is_known(plain))) {
      text = plain;
    } else {
      for (const char32_t c : low) append_utf8(text, c);
    }
    push({.kind = Kind::word,
          .text = text,
          .canon = text,
          .capital = is_upper(run[0]),
          .upper = upper && run.size() > 1});
  }

  // Code keeps its case; of its blanks only those stay that part two names or stand in quotes.
  void code(std::u32string_view piece) {
    std::string text;
    char32_t quote = 0;
    char32_t last = 0;
    bool blank = false;
    const auto is_name = [](char32_t c) { return is_letter(c) || is_digit(c) || c == '_'; };
    for (const char32_t c : piece) {
      if (quote == 0 && is_blank(c)) {
        blank = true;
        continue;
      }
      if (blank && is_name(last) && is_name(c)) append_utf8(text, U' ');
      blank = false;
      if (is_quote(c)) quote = quote == c ? 0 : (quote == 0 ? c : quote);
      append_utf8(text, c);
      last = c;
    }
    if (text.empty()) return;
    out_.exact += text;
    out_.exact += '\n';
    push({.kind = Kind::code, .text = text, .canon = text});
  }

  void push(Token&& token) {
    token.quoted = quoted_;
    out_.list.push_back(std::move(token));
  }

  std::size_t tokens_max_;
  std::u32string text_;
  std::size_t at_ = 0;
  bool quoted_ = false;
  std::string quotes_;
  Tokens out_;
};

}  // namespace

void append_utf8(std::string& to, char32_t c) {
  if (c < 0x80) {
    to += static_cast<char>(c);
  } else if (c < 0x800) {
    to += static_cast<char>(0xC0 | c >> 6);
    to += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    to += static_cast<char>(0xE0 | c >> 12);
    to += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    to += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    to += static_cast<char>(0xF0 | c >> 18);
    to += static_cast<char>(0x80 | (c >> 12 & 0x3F));
    to += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    to += static_cast<char>(0x80 | (c & 0x3F));
  }
}

std::u32string decoded(std::string_view text) {
  std::u32string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto first = static_cast<unsigned char>(text[at]);
    const std::size_t size = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    char32_t c = first < 0x80 ? first : first & (0xFF >> (size + 1));
    bool good = first < 0x80 || (first >= 0xC2 && first < 0xF5 && at + size <= text.size());
    for (std::size_t i = 1; good && i < size; ++i) {
      const auto next = static_cast<unsigned char>(text[at + i]);
      good = (next & 0xC0) == 0x80;
      c = c << 6 | (next & 0x3F);
    }
    const bool overlong = (size == 3 && c < 0x800) || (size == 4 && (c < 0x10000 || c > 0x10FFFF));
    if (!good || overlong || (c >= 0xD800 && c < 0xE000)) {
      out += U'\uFFFD';
      ++at;
    } else {
      out += c;
      at += size;
    }
  }
  return out;
}

Tokens read_tokens(std::string_view question, std::size_t tokens_max) {
  return Reader(question, tokens_max).read();
}

}  // namespace gate
