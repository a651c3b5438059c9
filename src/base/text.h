// SPDX-License-Identifier: Apache-2.0
// Work on text: building it, ASCII case and blanks, numbers out of it, UTF-8, and the guess at a
// misspelt name.
//
//   const std::string line = cat("listen on ", address, ": ", port);  // one allocation, no
//   streams, no format strings MYNAH_LET(const auto port, parse_number<std::uint16_t>(text));
//
// Nothing here looks at a locale. Functions that return a view return a part of their argument.
#pragma once

#include <bit>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/result.h"

namespace mynah {

// ---- Building

// One argument of cat: text, a character, or a number, which is spelt into a buffer that travels
// with it.
class CatPiece final {
 public:
  CatPiece(std::string_view text) : text_(text) {}
  CatPiece(const std::string& text) : text_(text) {}
  CatPiece(const char* text) : text_(text) {}
  CatPiece(char character) : text_(buffer_, 1) { buffer_[0] = character; }
  template <std::integral T>
    requires(!std::same_as<T, bool> && !std::same_as<T, char>)
  CatPiece(T number)
      : text_(buffer_,
              static_cast<std::size_t>(
                  std::to_chars(buffer_, buffer_ + sizeof buffer_, number).ptr - buffer_)) {}
  // The shortest spelling that reads back as the same number.
  CatPiece(double number);
  CatPiece(const CatPiece&) = delete;
  CatPiece& operator=(const CatPiece&) = delete;

  [[nodiscard]] std::string_view text() const { return text_; }

 private:
  char buffer_[32];
  std::string_view text_;  // tidy: allow string_view: lives for one call
};

// Appends the pieces to `to`, which grows at most once.
void append_pieces(std::string& to, std::initializer_list<std::string_view> pieces);

template <class... T>
std::string cat(const T&... pieces) {
  std::string joined;
  append_pieces(joined, {CatPiece(pieces).text()...});
  return joined;
}
template <class... T>
void append(std::string& to, const T&... pieces) {
  append_pieces(to, {CatPiece(pieces).text()...});
}

// The items with `separator` between each two.
std::string join(std::span<const std::string> items, std::string_view separator);

// ---- ASCII

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

std::string lower(std::string_view text);
// Equal but for the case of ASCII letters.
bool iequals(std::string_view a, std::string_view b);
// Without the blanks (space, tab, CR, LF) at both ends.
std::string_view trim(std::string_view text);

// The parts between separators, empty ones included: "a,,b" has three and "" has one. Parts after
// the `parts_max`-th stay together in it.
std::vector<std::string_view> split(
    std::string_view text, char separator,
    std::size_t parts_max = std::numeric_limits<std::size_t>::max());

struct Halves {
  std::string_view before;  // tidy: allow string_view: part of the argument
  std::string_view after;   // tidy: allow string_view: part of the argument
  bool found = false;
};
// What stands before and after the first separator; all of it before when there is none.
Halves cut(std::string_view text, std::string_view separator);

// `text` fits `pattern`, in which `*` stands for any run of bytes and `?` for one byte. Linear for
// the usual patterns, never worse than the product of both lengths.
bool matches_glob(std::string_view text, std::string_view pattern);

// ---- Numbers: the whole text must be one, in decimal, without blanks or a leading '+'.

Result<std::int64_t> parse_int(std::string_view text);
Result<std::uint64_t> parse_unsigned(std::string_view text);
// Refuses what is not finite, be it spelt so ("inf") or too large.
Result<double> parse_double(std::string_view text);

// As above for any integer type, with the type's own range.
template <std::integral T>
Result<T> parse_number(std::string_view text) {
  T number{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure == std::errc() && end == text.data() + text.size() && !text.empty()) return number;
  if (failure == std::errc::result_out_of_range) {
    return Error{Errc::invalid_argument, cat("\"", text.substr(0, 40), "\" is out of range")};
  }
  return Error{Errc::invalid_argument, cat("\"", text.substr(0, 40), "\" is not a whole number")};
}

// ---- UTF-8

// The length in bytes of the well-formed character at the start of `text`; 0 when there is none (or
// no text). Overlong forms, surrogates and what lies beyond U+10FFFF are not well formed.
inline std::size_t utf8_length(std::string_view text);
// Where the first byte stands that is not part of a well-formed character; npos when all is well.
std::size_t find_invalid_utf8(std::string_view text);
inline bool is_utf8(std::string_view text) {
  return find_invalid_utf8(text) == std::string_view::npos;
}
// The longest beginning of at most `bytes_max` bytes that does not end inside a character.
std::string_view utf8_prefix(std::string_view text, std::size_t bytes_max);
// Appends the character; U+FFFD when it is not one.
void append_utf8(std::string& to, char32_t character);

// ---- Guessing

// The candidate that `name` was most likely meant to be: the nearest by edits (a swap of neighbours
// counts as one), if it is near for its length; else empty. For "unknown field \"adress\"; did you
// mean \"address\"?".
std::string_view nearest(std::string_view name, std::span<const std::string_view> candidates);

inline std::size_t utf8_length(std::string_view text) {
  // The first four bytes, the first one lowest; zeros, which continue nothing, where the text ends.
  static_assert(std::endian::native == std::endian::little);
  std::uint32_t bytes = 0;
  if (text.size() >= 4) {
    std::memcpy(&bytes, text.data(), 4);
  } else {
    std::memcpy(&bytes, text.data(), text.size());
  }
  if ((bytes & 0x80U) == 0) return text.empty() ? 0 : 1;
  // The marks of lead and continuations first, then the bits that tell forms which are too long or
  // out of range.
  if ((bytes & 0xC0C0F0U) == 0x8080E0U) {
    const std::uint32_t top = bytes & 0x200FU;
    return top != 0 && top != 0x200DU ? 3 : 0;
  }
  if ((bytes & 0xC0E0U) == 0x80C0U) return (bytes & 0x1EU) != 0 ? 2 : 0;
  if ((bytes & 0xC0C0C0F8U) != 0x808080F0U) return 0;
  const bool beyond = (bytes & 0x04U) != 0 && (bytes & 0x3003U) != 0;
  return (bytes & 0x3007U) != 0 && !beyond ? 4 : 0;
}

}  // namespace mynah
