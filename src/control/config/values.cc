// SPDX-License-Identifier: Apache-2.0
// Parsing and checking of values.
#include "control/config/values.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstring>
#include <limits>

#include <re2/re2.h>

#include "base/text.h"
#include "control/config/problems.h"

namespace mynah::control {

namespace {

struct Unit {
  const char* name;
  std::uint64_t factor;
};

constexpr std::array<Unit, 6> kTimes = {
    {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"min", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
constexpr std::array<Unit, 4> kShownTimes = {
    {{"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}}};
constexpr std::array<Unit, 8> kSizes = {{{"B", 1},
                                         {"kB", 1000},
                                         {"KB", 1000},
                                         {"MB", 1'000'000},
                                         {"GB", 1'000'000'000},
                                         {"KiB", model::kKiB},
                                         {"MiB", model::kMiB},
                                         {"GiB", model::kGiB}}};
constexpr std::array<Unit, 3> kShownSizes = {
    {{"GiB", model::kGiB}, {"MiB", model::kMiB}, {"KiB", model::kKiB}}};

constexpr std::uint64_t kTimeMax = 365ULL * 86'400'000;
constexpr std::uint64_t kSizeMax = 1ULL << 50;

Error wrong(std::string_view expected, std::string_view text) {
  return {Errc::invalid_argument, cat("expected ", expected, ", got ", in_quotes(text))};
}

// A number at the start of the text and the unit behind it; both are cut off. Zero when the text
// does not start so, or when the product is larger than `limit`.
template <std::size_t N>
bool take_quantity(std::string_view& text, const std::array<Unit, N>& units, std::uint64_t limit,
                   std::uint64_t& total) {
  std::size_t digits = 0;
  while (digits < text.size() && is_digit(text[digits])) ++digits;
  std::size_t letters = 0;
  while (digits + letters < text.size() && is_alpha(text[digits + letters])) ++letters;
  const auto number = parse_unsigned(text.substr(0, digits));
  const std::string_view name = text.substr(digits, letters);
  const auto* unit = std::ranges::find(units, name, &Unit::name);
  if (!number || unit == units.end()) return false;
  if (*number > limit / unit->factor) return false;
  total += *number * unit->factor;
  text.remove_prefix(digits + letters);
  return total <= limit;
}

template <std::size_t N>
std::string show(std::uint64_t number, const std::array<Unit, N>& units) {
  for (const Unit& unit : units) {
    if (number > 0 && number % unit.factor == 0) return cat(number / unit.factor, unit.name);
  }
  return cat(number);
}

// The characters of a token, of which names of headers and methods are made.
bool is_token(std::string_view text) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [kOthers](char c) {
    return is_alpha(c) || is_digit(c) || kOthers.find(c) != std::string_view::npos;
  });
}

bool is_label(std::string_view label) {
  if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-')
    return false;
  return std::ranges::all_of(
      label, [](char c) { return is_alpha(c) || is_digit(c) || c == '-' || c == '_'; });
}

bool is_dns_name(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  return std::ranges::all_of(split(text, '.'), is_label);
}

// Digits and dots only: meant as an IPv4 address, and never a DNS name.
bool looks_like_ipv4(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return is_digit(c) || c == '.'; });
}

bool is_address(const std::string& text) { return Address::from_ip(text, 0).ok(); }

void lower_in_place(std::string& text) { text = lower(text); }

}  // namespace

Result<model::Milliseconds> parse_duration(std::string_view text) {
  constexpr std::string_view kExpected = "a duration such as 500ms, 10s, 5m or 1h, at most 365d";
  if (text == "0") return model::Milliseconds{0};
  std::uint64_t total = 0;
  std::string_view rest = text;
  do {
    if (!take_quantity(rest, kTimes, kTimeMax, total)) return wrong(kExpected, text);
  } while (!rest.empty());
  return model::Milliseconds{static_cast<std::int64_t>(total)};
}

std::string show_duration(model::Milliseconds duration) {
  if (duration.count() == 0) return "0";
  return show(static_cast<std::uint64_t>(duration.count()), kShownTimes);
}

Result<std::uint64_t> parse_size(std::string_view text) {
  constexpr std::string_view kExpected = "a number of bytes such as 4096, 64KiB, 32MiB or 1GiB";
  std::uint64_t total = 0;
  std::string_view rest = text;
  if (!text.empty() && is_digit(text.back())) {
    const auto number = parse_unsigned(text);
    if (!number || *number > kSizeMax) return wrong(kExpected, text);
    return *number;
  }
  if (!take_quantity(rest, kSizes, kSizeMax, total) || !rest.empty()) return wrong(kExpected, text);
  return total;
}

std::string show_size(std::uint64_t bytes) { return show(bytes, kShownSizes); }

Result<model::Cidr> parse_cidr(std::string_view text) {
  const Halves halves = cut(text, "/");
  const std::string ip(halves.before);
  model::Cidr block;
  std::uint8_t bits_max = 128;
  if (::inet_pton(AF_INET6, ip.c_str(), block.address.data()) != 1) {
    block.address = {};
    block.address[10] = block.address[11] = 0xff;
    bits_max = 32;
    if (::inet_pton(AF_INET, ip.c_str(), block.address.data() + 12) != 1) {
      return wrong("a block of addresses such as 10.0.0.0/8 or 2001:db8::/32", text);
    }
  }
  std::uint8_t bits = bits_max;
  if (halves.found) {
    const auto given = parse_number<std::uint8_t>(halves.after);
    if (!given || *given > bits_max) {
      return wrong(cat("a prefix length from 0 to ", bits_max), halves.after);
    }
    bits = *given;
  }
  block.prefix_bits = static_cast<std::uint8_t>(128 - bits_max + bits);
  for (std::size_t bit = block.prefix_bits; bit < 128; ++bit) {
    if ((block.address[bit / 8] >> (7 - bit % 8) & 1) == 0) continue;
    return Error{Errc::invalid_argument,
                 cat(in_quotes(text), " is not a block: bits behind /", bits, " are set")};
  }
  return block;
}

Result<model::Url> parse_url(std::string_view text) {
  constexpr std::string_view kExpected = "a URL such as http://collector.example:4318/v1/traces";
  model::Url url;
  const Halves scheme = cut(text, "://");
  url.tls = scheme.before == "https";
  if (!scheme.found || (!url.tls && scheme.before != "http")) return wrong(kExpected, text);
  const std::size_t path = scheme.after.find_first_of("/?#");
  std::string_view authority = scheme.after.substr(0, path);
  if (path != std::string_view::npos) url.target = scheme.after.substr(path);
  if (!url.target.starts_with('/')) url.target.insert(0, "/");
  if (url.target.find_first_of("# \t\r\n") != std::string::npos) return wrong(kExpected, text);

  url.port = url.tls ? 443 : 80;
  const std::size_t colon = authority.rfind(':');
  if (colon != std::string_view::npos && !authority.ends_with(']')) {
    const auto port = parse_number<std::uint16_t>(authority.substr(colon + 1));
    if (!port || *port == 0) return wrong(kExpected, text);
    url.port = *port;
    authority = authority.substr(0, colon);
  }
  if (authority.starts_with('[') && authority.ends_with(']')) {
    authority = authority.substr(1, authority.size() - 2);
  }
  url.host = authority;
  if (!check_host(url.host)) return wrong(kExpected, text);
  return url;
}

Result<model::StatusRange> parse_status_range(std::string_view text) {
  const Halves halves = cut(text, "-");
  const auto first = parse_number<std::uint16_t>(halves.before);
  const auto last = halves.found ? parse_number<std::uint16_t>(halves.after) : first;
  if (!first || !last || *first < 100 || *last > 599 || *first > *last) {
    return wrong("a status from 100 to 599 or a range such as 200-299", text);
  }
  return model::StatusRange{*first, *last};
}

Status check_name(std::string& text) {
  const bool legal = !text.empty() && text.size() <= 128 && std::ranges::all_of(text, [](char c) {
    return is_alpha(c) || is_digit(c) || c == '.' || c == '_' || c == '-' || c == '/';
  });
  const auto is_edge = [](char c) { return is_alpha(c) || is_digit(c) || c == '_'; };
  if (legal && is_edge(text.front()) && is_edge(text.back())) return ok();
  return wrong("a name of 1 to 128 letters, digits, and . _ - / between them", text);
}

Status check_host_pattern(std::string& text) {
  lower_in_place(text);
  if (text == "*") return ok();
  std::string_view name = text;
  if (name.starts_with("*.")) name.remove_prefix(2);
  if (is_dns_name(name) || is_address(text)) return ok();
  return wrong("a host such as a.example, *.example or *, without a port", text);
}

Status check_host(std::string& text) {
  lower_in_place(text);
  if (is_address(text) || (is_dns_name(text) && !looks_like_ipv4(text))) return ok();
  return wrong("a DNS name or an address", text);
}

Status check_header_name(std::string& text) {
  constexpr std::array<std::string_view, 6> kFraming = {
      "connection", "content-length", "keep-alive", "te", "transfer-encoding", "upgrade"};
  lower_in_place(text);
  if (!is_token(text) || text.size() > 256) return wrong("the name of a header", text);
  if (std::ranges::find(kFraming, text) == kFraming.end()) return ok();
  return Error{Errc::invalid_argument,
               cat("the header ", in_quotes(text), " belongs to the connection, not to routes")};
}

Status check_header_value(std::string& text) {
  const bool legal = std::ranges::all_of(text, [](char c) {
    return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  });
  if (legal && trim(text).size() == text.size()) return ok();
  return wrong("a header's value: no control characters, no blanks at its ends", text);
}

Status check_method(std::string& text) {
  const bool upper = std::ranges::none_of(text, [](char c) { return c >= 'a' && c <= 'z'; });
  if (is_token(text) && upper && text.size() <= 32) return ok();
  return wrong("an HTTP method in capitals, such as GET", text);
}

Status check_path(std::string& text) {
  const bool legal =
      text.starts_with('/') && std::ranges::all_of(text, [](char c) {
        return static_cast<unsigned char>(c) > 0x20 && c != 0x7f && c != '?' && c != '#';
      });
  if (legal) return ok();
  return wrong("a path that starts with \"/\", without query", text);
}

Status check_regex(std::string& text) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(8 << 20);
  const re2::RE2 regex(text, options);
  if (regex.ok()) return ok();
  return Error{Errc::invalid_argument,
               cat("not a regular expression: ", regex.error(), " in ", in_quotes(text))};
}

Status check_sha256(std::string& text) {
  lower_in_place(text);
  const bool hex =
      std::ranges::all_of(text, [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
  if (hex && text.size() == 64) return ok();
  return wrong("64 hexadecimal digits", text);
}

Status check_not_empty(std::string& text) {
  if (!text.empty()) return ok();
  return Error{Errc::invalid_argument, "must not be empty"};
}

}  // namespace mynah::control
