// SPDX-License-Identifier: Apache-2.0
// Durations and sizes in words.
#include "base/units.h"

#include <array>

#include "base/text.h"

namespace mynah {
namespace {

struct Scale {
  std::string_view name;  // tidy: allow string_view: a literal
  std::uint64_t size;
};

// Largest first, as spell() takes them off.
constexpr std::array<Scale, 7> kTimes = {{{"d", 86'400'000'000'000},
                                          {"h", 3'600'000'000'000},
                                          {"m", 60'000'000'000},
                                          {"s", 1'000'000'000},
                                          {"ms", 1'000'000},
                                          {"us", 1'000},
                                          {"ns", 1}}};
constexpr std::uint64_t kDurationMax = 36'525 * kTimes[0].size;

constexpr std::array<Scale, 9> kSizes = {{{"TiB", 1ULL << 40U},
                                          {"GiB", 1ULL << 30U},
                                          {"MiB", 1ULL << 20U},
                                          {"KiB", 1ULL << 10U},
                                          {"TB", 1'000'000'000'000},
                                          {"GB", 1'000'000'000},
                                          {"MB", 1'000'000},
                                          {"KB", 1'000},
                                          {"B", 1}}};

template <std::size_t N>
const Scale* find_unit(const std::array<Scale, N>& units, std::string_view name) {
  for (const Scale& unit : units) {
    if (unit.name == name) return &unit;
  }
  return nullptr;
}

// Takes the digits, and the letters behind them, off the front of the text.
std::string_view take_digits(std::string_view& text) {
  std::size_t end = 0;
  while (end < text.size() && is_digit(text[end])) ++end;
  const std::string_view digits = text.substr(0, end);
  text.remove_prefix(end);
  return digits;
}
std::string_view take_letters(std::string_view& text) {
  std::size_t end = 0;
  while (end < text.size() && is_alpha(text[end])) ++end;
  const std::string_view letters = text.substr(0, end);
  text.remove_prefix(end);
  return letters;
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  if (text == "0") return Duration{};
  std::uint64_t sum = 0;
  std::string_view rest = text;
  do {
    const auto number = parse_unsigned(take_digits(rest));
    const Scale* unit = find_unit(kTimes, take_letters(rest));
    if (!number || unit == nullptr) {
      return Error{Errc::invalid_argument,
                   cat("\"", text.substr(0, 40),
                       "\" is not a duration such as \"30s\", \"250ms\" or \"1h30m\"")};
    }
    if (*number > (kDurationMax - sum) / unit->size) {
      return Error{Errc::invalid_argument,
                   cat("\"", text.substr(0, 40), "\" is longer than a hundred years")};
    }
    sum += *number * unit->size;
  } while (!rest.empty());
  return Duration(static_cast<std::int64_t>(sum));
}

std::string spell(Duration duration) {
  if (duration.count() == 0) return "0s";
  std::string text = duration.count() < 0 ? "-" : "";
  std::uint64_t left = static_cast<std::uint64_t>(duration.count());
  if (duration.count() < 0) left = 0 - left;
  for (const Scale& unit : kTimes) {
    if (left >= unit.size) append(text, left / unit.size, unit.name);
    left %= unit.size;
  }
  return text;
}

Result<std::uint64_t> parse_bytes(std::string_view text) {
  std::string_view rest = text;
  const auto number = parse_unsigned(take_digits(rest));
  const Scale* unit = find_unit(kSizes, rest.empty() ? "B" : rest);
  if (!number || unit == nullptr) {
    return Error{
        Errc::invalid_argument,
        cat("\"", text.substr(0, 40), "\" is not a size such as \"4096\", \"64KiB\" or \"10MB\"")};
  }
  if (*number > UINT64_MAX / unit->size) {
    return Error{Errc::invalid_argument, cat("\"", text.substr(0, 40), "\" is too large")};
  }
  return *number * unit->size;
}

std::string spell_bytes(std::uint64_t bytes) {
  for (const Scale& unit : kSizes) {
    const bool binary = unit.name.size() == 3;
    if (binary && bytes >= unit.size && bytes % unit.size == 0)
      return cat(bytes / unit.size, unit.name);
  }
  return cat(bytes, "B");
}

}  // namespace mynah
