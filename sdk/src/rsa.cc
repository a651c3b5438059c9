// SPDX-License-Identifier: Apache-2.0
// Powers modulo a number of up to 4096 bits, in words of 32 bits, by Montgomery's multiplication.
#include "rsa.h"

#include <string>
#include <vector>

#include "mynah/hmac.h"

namespace mynah {
inline namespace plugin {
namespace inner {

namespace {

using Words = std::vector<std::uint32_t>;  // the lowest first

Words words_of(std::string_view bytes, std::size_t count) {
  Words words(count);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[bytes.size() - 1 - i]);
    words[i / 4] |= std::uint32_t{byte} << i % 4 * 8;
  }
  return words;
}

bool less(const Words& a, const Words& b) {
  for (std::size_t i = a.size(); i-- > 0;) {
    if (a[i] != b[i]) return a[i] < b[i];
  }
  return false;
}

// a -= b; the borrow that is left is dropped.
void subtract(Words& a, const Words& b) {
  std::uint64_t borrow = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const std::uint64_t difference = std::uint64_t{a[i]} - b[i] - borrow;
    a[i] = static_cast<std::uint32_t>(difference);
    borrow = difference >> 63U;
  }
}

class Modulus final {
 public:
  explicit Modulus(Words modulus) : modulus_(std::move(modulus)) {
    // The inverse of the lowest word modulo 2^32, by Newton: each step doubles the right bits.
    std::uint32_t inverse = 1;
    for (int i = 0; i < 5; ++i) inverse *= 2 - modulus_[0] * inverse;
    negative_inverse_ = 0 - inverse;
  }

  // a * b / R, where R = 2^(32 n); both below the modulus.
  [[nodiscard]] Words multiply(const Words& a, const Words& b) const {
    const std::size_t n = modulus_.size();
    Words sum(n + 2);
    for (std::size_t i = 0; i < n; ++i) {
      add_product(sum, b, a[i]);
      add_product(sum, modulus_, sum[0] * negative_inverse_);
      // The lowest word is zero now.
      for (std::size_t j = 0; j + 1 < sum.size(); ++j) sum[j] = sum[j + 1];
      sum[n + 1] = 0;
    }
    const bool over = sum[n] != 0;
    sum.resize(n);
    if (over || !less(sum, modulus_)) subtract(sum, modulus_);
    return sum;
  }

  // R^2 modulo the modulus: one, doubled as often as R^2 has bits.
  [[nodiscard]] Words square_of_r() const {
    Words number(modulus_.size());
    number[0] = 1;
    for (std::size_t i = 0; i < modulus_.size() * 64; ++i) {
      const bool over = number.back() >> 31U != 0;
      for (std::size_t j = number.size(); j-- > 0;)
        number[j] = number[j] << 1U | (j > 0 ? number[j - 1] >> 31U : 0);
      if (over || !less(number, modulus_)) subtract(number, modulus_);
    }
    return number;
  }

  [[nodiscard]] Words power(const Words& base, std::uint64_t exponent) const {
    const Words factor = multiply(base, square_of_r());
    Words result = factor;
    int bit = 63;
    while ((exponent >> bit & 1U) == 0) --bit;
    while (bit-- > 0) {
      result = multiply(result, result);
      if ((exponent >> bit & 1U) != 0) result = multiply(result, factor);
    }
    Words one(modulus_.size());
    one[0] = 1;
    return multiply(result, one);
  }

 private:
  static void add_product(Words& sum, const Words& number, std::uint32_t factor) {
    std::uint64_t carry = 0;
    for (std::size_t j = 0; j < number.size(); ++j) {
      carry += std::uint64_t{number[j]} * factor + sum[j];
      sum[j] = static_cast<std::uint32_t>(carry);
      carry >>= 32U;
    }
    carry += sum[number.size()];
    sum[number.size()] = static_cast<std::uint32_t>(carry);
    sum[number.size() + 1] += static_cast<std::uint32_t>(carry >> 32U);
  }

  Words modulus_;
  std::uint32_t negative_inverse_ = 0;
};

}  // namespace

bool rsa_sha256_verifies(std::string_view modulus, std::uint64_t exponent, std::string_view message,
                         std::string_view signature) {
  if (signature.size() != modulus.size() || exponent == 0) return false;
  const std::size_t count = (modulus.size() + 3) / 4;
  const Words number = words_of(signature, count);
  const Words limit = words_of(modulus, count);
  if (!less(number, limit)) return false;
  const Words opened = Modulus(limit).power(number, exponent);
  std::string bytes(modulus.size(), '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[bytes.size() - 1 - i] = static_cast<char>(opened[i / 4] >> i % 4 * 8);

  // 00 01 ff … ff 00, what SHA-256 is called, the hash: written and compared, never parsed.
  constexpr std::string_view kName(
      "\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20", 19);
  const auto hash = Sha256().add(message).bytes();
  std::string wanted(modulus.size() - kName.size() - hash.size() - 1, '\xFF');
  wanted[0] = '\0';
  wanted[1] = '\x01';
  wanted += '\0';
  wanted += kName;
  wanted += as_text(hash);
  return bytes == wanted;
}

}  // namespace inner
}  // namespace plugin
}  // namespace mynah
