// SPDX-License-Identifier: Apache-2.0
// Hexadecimal, Base64 and percent-encoding.
#include "base/encoding.h"

#include <array>
#include <cstdint>

#include "base/text.h"

namespace mynah {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kStandard =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kForAddresses =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::uint8_t kNoDigit = 0xFF;
using Digits = std::array<std::uint8_t, 256>;

// The value of each character of the alphabet.
constexpr Digits values_of(std::string_view alphabet) {
  Digits values{};
  for (std::uint8_t& value : values) value = kNoDigit;
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}

std::uint8_t byte(std::string_view text, std::size_t index) {
  return static_cast<std::uint8_t>(text[index]);
}

std::uint8_t hex_digit(char c) {
  static constexpr Digits kValues = values_of(kHex);
  return kValues[static_cast<unsigned char>(lower(c))];
}

std::string encode_64(std::string_view bytes, std::string_view alphabet) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : bytes) {
    bits = bits << 8U | static_cast<unsigned char>(c);
    for (held += 8; held >= 6; held -= 6) text += alphabet[bits >> (held - 6) & 63U];
  }
  if (held > 0) text += alphabet[bits << (6 - held) & 63U];
  return text;
}

Result<std::string> decode_64(std::string_view text, const Digits& values) {
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  int held = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::uint8_t value = values[byte(text, i)];
    if (value == kNoDigit) return Error{Errc::invalid_argument, cat("not Base64 at byte ", i)};
    bits = bits << 6U | value;
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes += static_cast<char>(bits >> held & 0xFFU);
    }
  }
  // A lone digit, or bits behind the last byte that an encoder would have left zero.
  if (text.size() % 4 == 1 || (bits & ((1U << held) - 1)) != 0) {
    return Error{Errc::invalid_argument, "not Base64: its end is not one"};
  }
  return bytes;
}

}  // namespace

std::string hex(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    text += kHex[byte(bytes, i) >> 4U];
    text += kHex[byte(bytes, i) & 15U];
  }
  return text;
}

Result<std::string> parse_hex(std::string_view text) {
  if (text.size() % 2 != 0)
    return Error{Errc::invalid_argument, "not hexadecimal: an odd number of digits"};
  std::string bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const std::uint8_t high = hex_digit(text[i]);
    const std::uint8_t low = hex_digit(text[i + 1]);
    if (high == kNoDigit || low == kNoDigit) {
      return Error{Errc::invalid_argument,
                   cat("not hexadecimal at byte ", high == kNoDigit ? i : i + 1)};
    }
    bytes += static_cast<char>(high << 4U | low);
  }
  return bytes;
}

std::string base64(std::string_view bytes) {
  std::string text = encode_64(bytes, kStandard);
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

Result<std::string> parse_base64(std::string_view text) {
  static constexpr Digits kValues = values_of(kStandard);
  if (text.size() % 4 != 0)
    return Error{Errc::invalid_argument, "not Base64: its length is no multiple of four"};
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  return decode_64(text, kValues);
}

std::string base64url(std::string_view bytes) { return encode_64(bytes, kForAddresses); }

Result<std::string> parse_base64url(std::string_view text) {
  static constexpr Digits kValues = values_of(kForAddresses);
  return decode_64(text, kValues);
}

std::string percent_encode(std::string_view text) {
  std::string encoded;
  encoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~') {
      encoded += c;
      continue;
    }
    constexpr std::string_view kUpper = "0123456789ABCDEF";
    encoded += '%';
    encoded += kUpper[byte(text, i) >> 4U];
    encoded += kUpper[byte(text, i) & 15U];
  }
  return encoded;
}

Result<std::string> percent_decode(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const std::uint8_t high = i + 1 < text.size() ? hex_digit(text[i + 1]) : kNoDigit;
    const std::uint8_t low = i + 2 < text.size() ? hex_digit(text[i + 2]) : kNoDigit;
    if (high == kNoDigit || low == kNoDigit) {
      return Error{Errc::invalid_argument,
                   cat("no two hexadecimal digits behind the % at byte ", i)};
    }
    decoded += static_cast<char>(high << 4U | low);
    i += 2;
  }
  return decoded;
}

}  // namespace mynah
