// SPDX-License-Identifier: Apache-2.0
// Addresses as 16 bytes, sets as ascending ranges of them.
#include "mynah/cidr.h"

#include <algorithm>

#include "base/text.h"

namespace mynah {
inline namespace plugin {

namespace {

std::optional<unsigned> number_in(std::string_view text, unsigned base, unsigned most) {
  unsigned number = 0;
  if (text.empty() || text.size() > 4) return std::nullopt;
  for (const char c : text) {
    const char letter = lower(c);
    const unsigned digit = is_digit(c) ? static_cast<unsigned>(c - '0')
                           : letter >= 'a' && letter <= 'f'
                               ? static_cast<unsigned>(letter - 'a') + 10
                               : 16;
    if (digit >= base) return std::nullopt;
    number = number * base + digit;
  }
  if (number > most) return std::nullopt;
  return number;
}

// a.b.c.d into four bytes
bool read_version4(std::string_view text, std::uint8_t* to) {
  const auto parts = split(text, '.');
  if (parts.size() != 4) return false;
  for (std::size_t i = 0; i < 4; ++i) {
    const auto number = number_in(parts[i], 10, 255);
    // A leading zero means an octal number to some readers.
    if (!number || (parts[i].size() > 1 && parts[i][0] == '0')) return false;
    to[i] = static_cast<std::uint8_t>(*number);
  }
  return true;
}

// Groups of hexadecimal digits between colons; how many bytes they fill, or -1.
int read_groups(std::string_view text, std::uint8_t* to, std::size_t room) {
  if (text.empty()) return 0;
  std::size_t filled = 0;
  for (const std::string_view group : split(text, ':')) {
    if (group.contains('.')) {
      const bool last = group.data() + group.size() == text.data() + text.size();
      if (!last || filled + 4 > room || !read_version4(group, to + filled)) return -1;
      return static_cast<int>(filled + 4);
    }
    const auto number = number_in(group, 16, 0xFFFF);
    if (!number || filled + 2 > room) return -1;
    to[filled++] = static_cast<std::uint8_t>(*number >> 8U);
    to[filled++] = static_cast<std::uint8_t>(*number & 0xFFU);
  }
  return static_cast<int>(filled);
}

bool read_version6(std::string_view text, std::uint8_t* to) {
  const Halves halves = cut(text, "::");
  if (!halves.found) return read_groups(text, to, 16) == 16;
  std::uint8_t tail[16] = {};
  const int before = read_groups(halves.before, to, 16);
  const int after = read_groups(halves.after, tail, 16);
  if (before < 0 || after < 0 || before + after > 14) return false;
  std::copy_n(tail, after, to + 16 - after);
  return true;
}

std::string_view without_port(std::string_view text) {
  if (text.starts_with('[')) return text.substr(1, text.find(']') - 1);
  // One colon is a port's, more are an address's.
  const std::size_t colon = text.find(':');
  return colon == text.rfind(':') ? text.substr(0, colon) : text;
}

}  // namespace

std::optional<NetworkAddress> NetworkAddress::parse(std::string_view text) {
  NetworkAddress address;
  text = without_port(text);
  if (read_version6(text, address.bytes.data())) {
    constexpr std::uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    address.version4 = std::equal(kMapped, kMapped + 12, address.bytes.begin());
    return address;
  }
  address.bytes = {};
  address.bytes[10] = address.bytes[11] = 0xFF;
  address.version4 = true;
  if (read_version4(text, address.bytes.data() + 12)) return address;
  return std::nullopt;
}

Result<CidrSet> CidrSet::parse(std::span<const std::string> entries) {
  CidrSet set;
  for (const std::string& entry : entries) {
    const Halves halves = cut(entry, "/");
    const auto address = NetworkAddress::parse(halves.before);
    const bool whole = address && halves.before == without_port(halves.before);
    const unsigned most = address && address->version4 && !halves.before.contains(':') ? 32 : 128;
    const auto bits = halves.found ? number_in(halves.after, 10, most) : most;
    if (!whole || !bits)
      return Error{Errc::invalid_argument, cat("\"", entry, "\" is no address or network")};
    Range range{address->bytes, address->bytes};
    for (unsigned bit = *bits + 128 - most; bit < 128; ++bit) {
      const auto mask = static_cast<std::uint8_t>(0x80U >> bit % 8);
      range.first[bit / 8] = static_cast<std::uint8_t>(range.first[bit / 8] & ~mask);
      range.last[bit / 8] = static_cast<std::uint8_t>(range.last[bit / 8] | mask);
    }
    set.ranges_.push_back(range);
  }
  std::ranges::sort(set.ranges_, {}, &Range::first);
  std::size_t kept = 0;
  for (const Range& range : set.ranges_) {
    if (kept > 0 && range.first <= set.ranges_[kept - 1].last) {
      set.ranges_[kept - 1].last = std::max(set.ranges_[kept - 1].last, range.last);
    } else {
      set.ranges_[kept++] = range;
    }
  }
  set.ranges_.resize(kept);
  return set;
}

bool CidrSet::contains(const NetworkAddress& address) const {
  const auto behind = std::ranges::upper_bound(ranges_, address.bytes, {}, &Range::first);
  return behind != ranges_.begin() && address.bytes <= std::prev(behind)->last;
}

bool CidrSet::contains(std::string_view address) const {
  const auto parsed = NetworkAddress::parse(address);
  return parsed && contains(*parsed);
}

}  // namespace plugin
}  // namespace mynah
