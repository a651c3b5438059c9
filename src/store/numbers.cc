// SPDX-License-Identifier: Apache-2.0
// Numbers and patterns, strictly read.
#include "store/numbers.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace mynah::store {
namespace {

constexpr std::size_t kRealBytesMax = 5 * 1024;

// Runs strtod or strtold over all of the text.
template <class Real, class Convert>
std::optional<Real> convert_whole(std::string_view text, Convert convert) {
  if (text.empty() || text.size() >= kRealBytesMax) return std::nullopt;
  const std::string copy(text);
  if (std::isspace(static_cast<unsigned char>(copy[0])) != 0) return std::nullopt;
  char* end = nullptr;
  errno = 0;
  const Real value = convert(copy.c_str(), &end);
  if (end != copy.c_str() + copy.size() || std::isnan(value)) return std::nullopt;
  if (errno == ERANGE && (std::isinf(value) || std::fpclassify(value) == FP_ZERO))
    return std::nullopt;
  return value;
}

// One element of a pattern against one character. Steps over the element.
bool matches_one(std::string_view pattern, std::size_t& at, char c) {
  if (pattern[at] == '?') {
    ++at;
    return true;
  }
  if (pattern[at] == '\\' && at + 1 < pattern.size()) {
    at += 2;
    return pattern[at - 1] == c;
  }
  if (pattern[at] != '[') return pattern[at++] == c;
  ++at;
  const bool inverted = at < pattern.size() && pattern[at] == '^';
  if (inverted) ++at;
  bool matched = false;
  while (at < pattern.size() && pattern[at] != ']') {
    if (pattern[at] == '\\' && at + 1 < pattern.size()) {
      ++at;
      matched |= pattern[at++] == c;
    } else if (at + 2 < pattern.size() && pattern[at + 1] == '-') {
      const auto low = std::min(pattern[at], pattern[at + 2]);
      const auto high = std::max(pattern[at], pattern[at + 2]);
      matched |= low <= c && c <= high;
      at += 3;
    } else {
      matched |= pattern[at++] == c;
    }
  }
  if (at < pattern.size()) ++at;
  return matched != inverted;
}

}  // namespace

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  if (digits.starts_with('0') && text.size() > 1) return std::nullopt;
  return value;
}

std::optional<double> parse_real(std::string_view text) {
  return convert_whole<double>(text,
                               [](const char* from, char** end) { return std::strtod(from, end); });
}

std::optional<long double> parse_long_real(std::string_view text) {
  if (text.size() >= 256) return std::nullopt;
  return convert_whole<long double>(
      text, [](const char* from, char** end) { return std::strtold(from, end); });
}

std::string long_real_text(long double value) {
  char text[5 * 1024];
  int size = std::snprintf(text, sizeof text, "%.17Lf", value);
  if (size < 0 || static_cast<std::size_t>(size) >= sizeof text) return "0";
  std::string_view trimmed(text, static_cast<std::size_t>(size));
  if (trimmed.find('.') != std::string_view::npos) {
    while (trimmed.ends_with('0')) trimmed.remove_suffix(1);
    if (trimmed.ends_with('.')) trimmed.remove_suffix(1);
  }
  return trimmed == "-0" ? "0" : std::string(trimmed);
}

// Only the last star is ever tried again: what an earlier one could take besides, the later one can
// take as well.
bool glob_matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t star_text = 0;
  while (t < text.size()) {
    std::size_t next = p;
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_text = t;
    } else if (p < pattern.size() && matches_one(pattern, next, text[t])) {
      p = next;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++star_text;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace mynah::store
