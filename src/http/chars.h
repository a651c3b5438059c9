// SPDX-License-Identifier: Apache-2.0
// Which characters may stand where (RFC 9110 section 5, RFC 3986), as tables, and the scan over
// field values.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace mynah::http {

namespace chars {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}
constexpr bool contains(std::string_view set, char c) {
  return set.find(c) != std::string_view::npos;
}

constexpr bool is_token_slow(char c) {
  return is_alpha(c) || is_digit(c) || contains("!#$%&'*+-.^_`|~", c);
}
// HTAB, SP, visible characters and bytes above 127.
constexpr bool is_value_slow(unsigned char c) { return c == '\t' || (c >= 0x20 && c != 0x7F); }
// Visible ASCII without what a URI cannot hold; what browsers leave bare in a query is let through.
constexpr bool is_query_slow(unsigned char c) {
  return c > 0x20 && c < 0x7F && !contains("\"<>#", static_cast<char>(c));
}
constexpr bool is_path_slow(unsigned char c) {
  return is_query_slow(c) && !contains("\\^`{}", static_cast<char>(c));
}
constexpr bool is_host_slow(char c) { return is_alpha(c) || is_digit(c) || contains("-._~", c); }

enum Class : unsigned char { kValue = 1, kQuery = 2, kPath = 4, kHost = 8, kToken = 16 };

constexpr auto kClasses = [] {
  std::array<unsigned char, 256> table{};
  for (unsigned i = 0; i < 256; ++i) {
    const auto u = static_cast<unsigned char>(i);
    const auto c = static_cast<char>(u);
    table[i] =
        static_cast<unsigned char>((is_value_slow(u) ? kValue : 0) |
                                   (is_query_slow(u) ? kQuery : 0) | (is_path_slow(u) ? kPath : 0) |
                                   (is_host_slow(c) ? kHost : 0) | (is_token_slow(c) ? kToken : 0));
  }
  return table;
}();

// A token's character in lower case; 0 for what cannot stand in a token.
constexpr auto kTokenLower = [] {
  std::array<char, 256> table{};
  for (unsigned i = 0; i < 256; ++i) {
    const auto c = static_cast<char>(static_cast<unsigned char>(i));
    table[i] = is_token_slow(c) ? lower(c) : '\0';
  }
  return table;
}();

}  // namespace chars

inline bool is_of(chars::Class kind, char c) {
  return (chars::kClasses[static_cast<unsigned char>(c)] & kind) != 0;
}

inline bool all_of(chars::Class kind, std::string_view text) {
  for (const char c : text) {
    if (!is_of(kind, c)) return false;
  }
  return true;
}

inline bool is_token(std::string_view text) { return !text.empty() && all_of(chars::kToken, text); }

// The first character at or after `at` that cannot stand in a field value (CR and LF among them),
// or `end`.
inline const char* find_value_end(const char* at, const char* end) {
#if defined(__SSE2__)
  const __m128i control_max = _mm_set1_epi8(0x1F);
  const __m128i tab = _mm_set1_epi8('\t');
  const __m128i del = _mm_set1_epi8(0x7F);
  while (end - at >= 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, control_max), bytes);
    const __m128i illegal = _mm_or_si128(_mm_andnot_si128(_mm_cmpeq_epi8(bytes, tab), control),
                                         _mm_cmpeq_epi8(bytes, del));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(illegal));
    if (mask != 0) return at + __builtin_ctz(mask);
    at += 16;
  }
#endif
  while (at != end && is_of(chars::kValue, *at)) ++at;
  return at;
}

// True if the text can be sent as a field value: nothing in it ends the line or confuses a reader.
inline bool is_field_value(std::string_view text) {
  const char* const end = text.data() + text.size();
  return find_value_end(text.data(), end) == end;
}

// Compares with `lower`, which is in lower case.
inline bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (chars::lower(text[i]) != lower[i]) return false;
  }
  return true;
}

inline std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Takes the next member off a comma-separated list, trimmed; false at the end. Empty members are
// returned as they are.
inline bool next_member(std::string_view& list, std::string_view& member) {
  if (list.data() == nullptr) return false;
  const std::size_t comma = list.find(',');
  member = trim_blanks(list.substr(0, comma));
  list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
  if (comma != std::string_view::npos && list.data() == nullptr) list = std::string_view("", 0);
  return true;
}

}  // namespace mynah::http
