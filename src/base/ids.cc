// SPDX-License-Identifier: Apache-2.0
// Ids out of random bits and the time.
#include "base/ids.h"

#include <algorithm>

#include "base/text.h"

namespace mynah {
namespace {

// The lowest `digits` digits of the number, at `to`.
void put_hex(char* to, std::uint64_t bits, int digits) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (int i = digits; i-- > 0; bits >>= 4U) to[i] = kDigits[bits & 15U];
}

std::string spell_uuid(std::uint64_t high, std::uint64_t low) {
  std::string text(36, '-');
  put_hex(text.data(), high >> 32U, 8);
  put_hex(text.data() + 9, high >> 16U, 4);
  put_hex(text.data() + 14, high, 4);
  put_hex(text.data() + 19, low >> 48U, 4);
  put_hex(text.data() + 24, low, 12);
  return text;
}

// The high half with its version; the low half with the variant of all such UUIDs.
constexpr std::uint64_t with_version(std::uint64_t high, std::uint64_t version) {
  return (high & ~0xF000ULL) | version << 12U;
}
constexpr std::uint64_t with_variant(std::uint64_t low) {
  return (low & ~(3ULL << 62U)) | 2ULL << 62U;
}

std::uint64_t next_nonzero(Random& random) {
  std::uint64_t bits = random.next();
  while (bits == 0) bits = random.next();
  return bits;
}

// Fixed-width lower-case hexadecimal, which the standard of traces asks for.
std::optional<std::uint64_t> read_hex(std::string_view text) {
  std::uint64_t bits = 0;
  for (const char c : text) {
    const bool letter = c >= 'a' && c <= 'f';
    if (!is_digit(c) && !letter) return std::nullopt;
    bits = bits << 4U | static_cast<std::uint64_t>(letter ? c - 'a' + 10 : c - '0');
  }
  return bits;
}

}  // namespace

std::string uuid_v4(Random& random) {
  const std::uint64_t high = random.next();
  return spell_uuid(with_version(high, 4), with_variant(random.next()));
}

std::string uuid_v7(Random& random, WallTime now) {
  const auto since = std::chrono::floor<std::chrono::milliseconds>(now.time_since_epoch()).count();
  const std::uint64_t high = static_cast<std::uint64_t>(since) << 16U | (random.next() & 0xFFFU);
  return spell_uuid(with_version(high, 7), with_variant(random.next()));
}

bool is_request_id(std::string_view text) {
  return !text.empty() && text.size() <= 128 && std::ranges::all_of(text, [](char c) {
    return c > ' ' && c < 0x7F && c != '"' && c != '\\';
  });
}

TraceContext begin_trace(Random& random, bool sampled) {
  const std::uint64_t high = next_nonzero(random);
  const std::uint64_t low = random.next();
  return {{high, low}, next_nonzero(random), sampled};
}

TraceContext child_span(const TraceContext& parent, Random& random) {
  return {parent.trace, next_nonzero(random), parent.sampled};
}

std::string traceparent(const TraceContext& context) {
  return cat("00-", trace_id(context), "-", span_id(context.span), context.sampled ? "-01" : "-00");
}

std::optional<TraceContext> parse_traceparent(std::string_view text) {
  constexpr std::size_t kLength = 55;
  if (text.size() < kLength) return std::nullopt;
  const auto version = read_hex(text.substr(0, 2));
  const bool longer = text.size() > kLength;
  if (!version || *version == 0xFF || (longer && (*version == 0 || text[kLength] != '-')))
    return std::nullopt;
  if (text[2] != '-' || text[35] != '-' || text[52] != '-') return std::nullopt;
  const auto high = read_hex(text.substr(3, 16));
  const auto low = read_hex(text.substr(19, 16));
  const auto span = read_hex(text.substr(36, 16));
  const auto flags = read_hex(text.substr(53, 2));
  if (!high || !low || !span || !flags || (*high | *low) == 0 || *span == 0) return std::nullopt;
  return TraceContext{{*high, *low}, *span, (*flags & 1U) != 0};
}

std::string trace_id(const TraceContext& context) {
  return cat(span_id(context.trace[0]), span_id(context.trace[1]));
}

std::string span_id(std::uint64_t span) {
  std::string text(16, '0');
  put_hex(text.data(), span, 16);
  return text;
}

}  // namespace mynah
