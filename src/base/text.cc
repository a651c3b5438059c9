// SPDX-License-Identifier: Apache-2.0
// Text: see the header. Doubles are read and written here alone, since the two standard libraries
// differ in them.
#include "base/text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <cstring>

namespace mynah {

CatPiece::CatPiece(double number)
    : text_(buffer_, static_cast<std::size_t>(
                         std::to_chars(buffer_, buffer_ + sizeof buffer_, number).ptr - buffer_)) {}

void append_pieces(std::string& to, std::initializer_list<std::string_view> pieces) {
#ifndef __wasm__  // Modules are short of room for code, and their pieces are short.
  std::size_t bytes = to.size();
  for (const std::string_view piece : pieces) bytes += piece.size();
  // Growth stays geometric when one string is appended to again and again.
  if (bytes > to.capacity()) to.reserve(std::max(bytes, to.empty() ? bytes : 2 * to.capacity()));
#endif
  for (const std::string_view piece : pieces) to.append(piece);
}

std::string join(std::span<const std::string> items, std::string_view separator) {
  std::string joined;
  for (const std::string& item : items) {
    if (&item != items.data()) joined += separator;
    joined += item;
  }
  return joined;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = lower(c);
  return result;
}

bool iequals(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> split(std::string_view text, char separator, std::size_t parts_max) {
  std::vector<std::string_view> parts;
  while (parts.size() + 1 < parts_max) {
    const std::size_t end = text.find(separator);
    if (end == std::string_view::npos) break;
    parts.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  parts.push_back(text);
  return parts;
}

Halves cut(std::string_view text, std::string_view separator) {
  const std::size_t at = text.find(separator);
  if (at == std::string_view::npos) return {text, {}, false};
  return {text.substr(0, at), text.substr(at + separator.size()), true};
}

bool matches_glob(std::string_view text, std::string_view pattern) {
  std::size_t t = 0;
  std::size_t p = 0;
  // Where the last star stands and how much text it has taken so far: the only place to go back to.
  std::size_t star = std::string_view::npos;
  std::size_t taken = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      taken = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++taken;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

Result<std::int64_t> parse_int(std::string_view text) { return parse_number<std::int64_t>(text); }

Result<std::uint64_t> parse_unsigned(std::string_view text) {
  return parse_number<std::uint64_t>(text);
}

namespace {

// A decimal number in ASCII, which both standard libraries then read alike.
bool is_decimal(std::string_view text) {
  std::size_t at = text.starts_with('-') ? 1 : 0;
  std::size_t digits = 0;
  while (at < text.size() && is_digit(text[at])) ++at, ++digits;
  if (at < text.size() && text[at] == '.') {
    ++at;
    while (at < text.size() && is_digit(text[at])) ++at, ++digits;
  }
  if (digits == 0) return false;
  if (at < text.size() && lower(text[at]) == 'e') {
    ++at;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    const std::size_t exponent = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    if (at == exponent) return false;
  }
  return at == text.size();
}

double to_double(std::string_view decimal) {
#ifdef _LIBCPP_VERSION
  // This library's from_chars knows integers only.
  return std::strtod(std::string(decimal).c_str(), nullptr);
#else
  double number = 0;
  const auto end = std::from_chars(decimal.data(), decimal.data() + decimal.size(), number);
  if (end.ec != std::errc::result_out_of_range) return number;
  // Too large and too small are told apart by the C library only.
  return std::strtod(std::string(decimal).c_str(), nullptr);
#endif
}

}  // namespace

Result<double> parse_double(std::string_view text) {
  if (!is_decimal(text)) {
    return Error{Errc::invalid_argument, cat("\"", text.substr(0, 40), "\" is not a number")};
  }
  const double number = to_double(text);
  if (!std::isfinite(number)) {
    return Error{Errc::invalid_argument, cat("\"", text.substr(0, 40), "\" is out of range")};
  }
  return number;
}

std::size_t find_invalid_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    std::uint64_t word = 0;
    if (at + sizeof word <= text.size()) {
      std::memcpy(&word, text.data() + at, sizeof word);
      if ((word & 0x8080808080808080U) == 0) {
        at += sizeof word;
        continue;
      }
    }
    const std::size_t length = utf8_length(text.substr(at));
    if (length == 0) return at;
    at += length;
  }
  return std::string_view::npos;
}

std::string_view utf8_prefix(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  std::size_t end = bytes_max;
  // A character has at most three continuation bytes; a longer run is not UTF-8 and is cut where it
  // is.
  for (int back = 0; back < 4 && end > 0; ++back, --end) {
    if ((static_cast<unsigned char>(text[end]) & 0xC0U) != 0x80U) return text.substr(0, end);
  }
  return text.substr(0, bytes_max);
}

void append_utf8(std::string& to, char32_t character) {
  if (character > 0x10FFFF || (character >= 0xD800 && character < 0xE000)) character = 0xFFFD;
  // From the last byte to the first: six bits a byte, until the rest fits beside the mark of the
  // length.
  char bytes[4];
  std::size_t begin = sizeof bytes;
  unsigned lead_most = 0x7F;
  unsigned mark = 0;
  while (character > lead_most) {
    bytes[--begin] = static_cast<char>(0x80U | (character & 0x3FU));
    character >>= 6;
    mark = mark == 0 ? 0xC0U : mark >> 1 | 0x80U;
    lead_most = mark == 0xC0U ? 0x1FU : lead_most >> 1;
  }
  bytes[--begin] = static_cast<char>(mark | character);
  to.append(bytes + begin, sizeof bytes - begin);
}

namespace {

// Longer names are never guessed at, which bounds the work.
constexpr std::size_t kNameMax = 64;

// Edits (insert, drop, change, swap of neighbours) that make `b` of `a`, without regard to ASCII
// case.
std::size_t edits_between(std::string_view a, std::string_view b) {
  // Edits between the first i letters of one and the first j of the other.
  unsigned char edits[kNameMax + 1][kNameMax + 1];
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      unsigned fewest = static_cast<unsigned>(i + j);
      if (i > 0 && j > 0) {
        const char x = lower(a[i - 1]);
        const char y = lower(b[j - 1]);
        fewest = std::min(std::min(edits[i - 1][j], edits[i][j - 1]) + 1U,
                          edits[i - 1][j - 1] + (x == y ? 0U : 1U));
        if (i > 1 && j > 1 && x == lower(b[j - 2]) && y == lower(a[i - 2]))
          fewest = std::min(fewest, edits[i - 2][j - 2] + 1U);
      }
      edits[i][j] = static_cast<unsigned char>(fewest);
    }
  }
  return edits[a.size()][b.size()];
}

}  // namespace

std::string_view nearest(std::string_view name, std::span<const std::string_view> candidates) {
  std::string_view best;
  if (name.size() > kNameMax) return best;
  // A third of the letters may be wrong, one in a short name; anything farther is no misspelling.
  std::size_t fewest = std::max<std::size_t>(1, name.size() / 3) + 1;
  for (const std::string_view candidate : candidates) {
    if (candidate.size() > kNameMax || candidate.empty()) continue;
    const std::size_t edits = edits_between(name, candidate);
    if (edits < fewest) {
      fewest = edits;
      best = candidate;
    }
  }
  return best;
}

}  // namespace mynah
