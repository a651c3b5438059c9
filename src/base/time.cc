// SPDX-License-Identifier: Apache-2.0
// Spelling wall time. The calendar is the standard library's; it knows no time zones here, and none
// are needed.
#include "base/time.h"

#include <array>
#include <optional>

#include "base/text.h"

namespace mynah {
namespace {

namespace chrono = std::chrono;

constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct Calendar {
  chrono::sys_days day;
  chrono::year_month_day date;
  chrono::hh_mm_ss<Duration> time;

  explicit Calendar(WallTime wall)
      : day(chrono::floor<chrono::days>(wall)),
        date(day),
        time(wall - chrono::time_point_cast<Duration>(day)) {}
};

void append_digits(std::string& to, std::int64_t number, int width) {
  std::int64_t unit = 1;
  for (int i = 1; i < width; ++i) unit *= 10;
  for (; unit > 0; unit /= 10) to += static_cast<char>('0' + number / unit % 10);
}

void append_clock(std::string& to, const Calendar& at) {
  append_digits(to, at.time.hours().count(), 2);
  to += ':';
  append_digits(to, at.time.minutes().count(), 2);
  to += ':';
  append_digits(to, at.time.seconds().count(), 2);
}

// Reads fixed fields off the front of a text; once one does not fit, nothing fits any more.
class Fields final {
 public:
  explicit Fields(std::string_view text) : rest_(text) {}

  int digits(std::size_t width) {
    int number = 0;
    for (std::size_t i = 0; i < width; ++i) {
      if (rest_.empty() || !is_digit(rest_.front())) return fail();
      number = number * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    return number;
  }
  void literal(std::string_view text) {
    if (!rest_.starts_with(text)) return void(fail());
    rest_.remove_prefix(text.size());
  }
  template <std::size_t N>
  int one_of(const std::array<std::string_view, N>& names) {
    for (std::size_t i = 0; i < N; ++i) {
      if (!rest_.starts_with(names[i])) continue;
      rest_.remove_prefix(names[i].size());
      return static_cast<int>(i);
    }
    return fail();
  }
  char any_of(std::string_view characters) {
    if (rest_.empty() || characters.find(rest_.front()) == std::string_view::npos) {
      fail();
      return '\0';
    }
    const char taken = rest_.front();
    rest_.remove_prefix(1);
    return taken;
  }
  // Up to nine digits count; what follows is finer than the clock.
  Duration fraction() {
    if (!rest_.starts_with('.')) return {};
    rest_.remove_prefix(1);
    if (rest_.empty() || !is_digit(rest_.front())) return Duration(fail());
    std::int64_t value = 0;
    for (std::int64_t unit = 100'000'000; !rest_.empty() && is_digit(rest_.front()); unit /= 10) {
      value += unit * (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    return Duration(value);
  }
  [[nodiscard]] bool done() const { return fits_ && rest_.empty(); }

 private:
  int fail() {
    fits_ = false;
    rest_ = {};
    return 0;
  }

  std::string_view rest_;  // tidy: allow string_view: lives for one call
  bool fits_ = true;
};

struct Parts {
  int year = 0;
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
};

std::optional<WallTime> assemble(const Parts& parts) {
  const chrono::year_month_day date(chrono::year(parts.year),
                                    chrono::month(static_cast<unsigned>(parts.month)),
                                    chrono::day(static_cast<unsigned>(parts.day)));
  const bool in_range = date.ok() && parts.year >= 1700 && parts.year <= 2200 && parts.hour < 24 &&
                        parts.minute < 60 && parts.second <= 60;
  if (!in_range) return std::nullopt;
  return WallTime(chrono::sys_days(date)) + chrono::hours(parts.hour) +
         chrono::minutes(parts.minute) + chrono::seconds(parts.second);
}

Error not_a_time(std::string_view text, std::string_view form) {
  return {Errc::invalid_argument,
          cat("\"", text.substr(0, 40), "\" is not a time such as \"", form, "\"")};
}

}  // namespace

std::string http_date(WallTime time) {
  const Calendar at(time);
  std::string text = cat(kDays[chrono::weekday(at.day).c_encoding()], ", ");
  append_digits(text, unsigned{at.date.day()}, 2);
  append(text, " ", kMonths[unsigned{at.date.month()} - 1], " ");
  append_digits(text, int{at.date.year()}, 4);
  text += ' ';
  append_clock(text, at);
  text += " GMT";
  return text;
}

Result<WallTime> parse_http_date(std::string_view text) {
  Fields fields(text);
  Parts parts;
  fields.one_of(kDays);
  fields.literal(", ");
  parts.day = fields.digits(2);
  fields.literal(" ");
  parts.month = fields.one_of(kMonths) + 1;
  fields.literal(" ");
  parts.year = fields.digits(4);
  fields.literal(" ");
  parts.hour = fields.digits(2);
  fields.literal(":");
  parts.minute = fields.digits(2);
  fields.literal(":");
  parts.second = fields.digits(2);
  fields.literal(" GMT");
  const auto time = assemble(parts);
  if (!fields.done() || !time) return not_a_time(text, "Sun, 06 Nov 1994 08:49:37 GMT");
  return *time;
}

std::string rfc3339(WallTime time) {
  const Calendar at(time);
  std::string text;
  append_digits(text, int{at.date.year()}, 4);
  text += '-';
  append_digits(text, unsigned{at.date.month()}, 2);
  text += '-';
  append_digits(text, unsigned{at.date.day()}, 2);
  text += 'T';
  append_clock(text, at);
  text += '.';
  append_digits(text, at.time.subseconds().count() / 1'000'000, 3);
  text += 'Z';
  return text;
}

Result<WallTime> parse_rfc3339(std::string_view text) {
  Fields fields(text);
  Parts parts;
  parts.year = fields.digits(4);
  fields.literal("-");
  parts.month = fields.digits(2);
  fields.literal("-");
  parts.day = fields.digits(2);
  fields.any_of("Tt ");
  parts.hour = fields.digits(2);
  fields.literal(":");
  parts.minute = fields.digits(2);
  fields.literal(":");
  parts.second = fields.digits(2);
  const Duration fraction = fields.fraction();
  const char zone = fields.any_of("Zz+-");
  Duration offset{};
  if (zone == '+' || zone == '-') {
    const int hours = fields.digits(2);
    fields.literal(":");
    const int minutes = fields.digits(2);
    if (hours > 23 || minutes > 59) return not_a_time(text, "2026-11-21T15:34:00Z");
    offset = chrono::hours(hours) + chrono::minutes(minutes);
    if (zone == '-') offset = -offset;
  }
  const auto time = assemble(parts);
  if (!fields.done() || !time) return not_a_time(text, "2026-11-21T15:34:00Z");
  return *time + fraction - offset;
}

}  // namespace mynah
