// SPDX-License-Identifier: Apache-2.0
// The curve y^2 = x^3 - 3x + b modulo a prime p; its points are multiples 0 … n - 1 of one point G.
// Numbers have 256 bits and never need memory beyond the stack.
#include "p256.h"

#include <array>
#include <cstddef>
#include <cstdint>

#include "mynah/hmac.h"

namespace mynah {
inline namespace plugin {
namespace inner {

namespace {

constexpr std::size_t kWords = 8;
constexpr std::size_t kBytes = 32;
using Number = std::array<std::uint32_t, kWords>;  // the lowest word first

constexpr Number kPrime = {0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0, 0, 0, 1, 0xFFFFFFFF};
constexpr Number kOrder = {0xFC632551, 0xF3B9CAC2, 0xA7179E84, 0xBCE6FAAD,
                           0xFFFFFFFF, 0xFFFFFFFF, 0,          0xFFFFFFFF};
constexpr Number kB = {0x27D2604B, 0x3BCE3C3E, 0xCC53B0F6, 0x651D06B0,
                       0x769886BC, 0xB3EBBD55, 0xAA3A93E7, 0x5AC635D8};
constexpr Number kGx = {0xD898C296, 0xF4A13945, 0x2DEB33A0, 0x77037D81,
                        0x63A440F2, 0xF8BCE6E5, 0xE12C4247, 0x6B17D1F2};
constexpr Number kGy = {0x37BF51F5, 0xCBB64068, 0x6B315ECE, 0x2BCE3357,
                        0x7C0F9E16, 0x8EE7EB4A, 0xFE1A7F9B, 0x4FE342E2};

Number number_of(std::string_view bytes) {
  Number number{};
  for (std::size_t i = 0; i < kBytes; ++i)
    number[i / 4] |= std::uint32_t{static_cast<unsigned char>(bytes[kBytes - 1 - i])} << i % 4 * 8;
  return number;
}

bool is_zero(const Number& number) { return number == Number{}; }

bool less(const Number& a, const Number& b) {
  for (std::size_t i = kWords; i-- > 0;) {
    if (a[i] != b[i]) return a[i] < b[i];
  }
  return false;
}

// Both answer what does not fit.
std::uint32_t add_to(Number& a, const Number& b) {
  std::uint64_t carry = 0;
  for (std::size_t i = 0; i < kWords; ++i) {
    carry += std::uint64_t{a[i]} + b[i];
    a[i] = static_cast<std::uint32_t>(carry);
    carry >>= 32U;
  }
  return static_cast<std::uint32_t>(carry);
}
std::uint32_t take_from(Number& a, const Number& b) {
  std::uint64_t borrow = 0;
  for (std::size_t i = 0; i < kWords; ++i) {
    const std::uint64_t difference = std::uint64_t{a[i]} - b[i] - borrow;
    a[i] = static_cast<std::uint32_t>(difference);
    borrow = difference >> 63U;
  }
  return static_cast<std::uint32_t>(borrow);
}

bool bit(const Number& number, int place) {
  const auto at = static_cast<unsigned>(place);
  return (number[at / 32] >> at % 32 & 1U) != 0;
}

// Arithmetic modulo a prime above 2^255. Products are Montgomery's: a * b / R, where R = 2^256; a
// number that is kept as its product with R is "in form".
class Modulus final {
 public:
  explicit Modulus(const Number& prime) : prime_(prime) {
    // The inverse of the lowest word modulo 2^32, by Newton: each step doubles the right bits.
    std::uint32_t inverse = 1;
    for (int i = 0; i < 5; ++i) inverse *= 2 - prime_[0] * inverse;
    negative_inverse_ = 0 - inverse;
    // One, doubled as often as R^2 has bits.
    square_of_r_[0] = 1;
    for (std::size_t i = 0; i < 2 * 8 * kBytes; ++i) square_of_r_ = sum(square_of_r_, square_of_r_);
  }

  [[nodiscard]] Number product(const Number& a, const Number& b) const {
    std::array<std::uint32_t, kWords + 2> sum{};
    for (std::size_t i = 0; i < kWords; ++i) {
      add_product(sum, b, a[i]);
      add_product(sum, prime_, sum[0] * negative_inverse_);
      // The lowest word is zero now.
      for (std::size_t j = 0; j + 1 < sum.size(); ++j) sum[j] = sum[j + 1];
      sum.back() = 0;
    }
    Number made;
    for (std::size_t i = 0; i < kWords; ++i) made[i] = sum[i];
    if (sum[kWords] != 0 || !less(made, prime_)) take_from(made, prime_);
    return made;
  }
  [[nodiscard]] Number square(const Number& a) const { return product(a, a); }
  [[nodiscard]] Number sum(Number a, const Number& b) const {
    if (add_to(a, b) != 0 || !less(a, prime_)) take_from(a, prime_);
    return a;
  }
  [[nodiscard]] Number difference(Number a, const Number& b) const {
    if (take_from(a, b) != 0) add_to(a, prime_);
    return a;
  }
  [[nodiscard]] Number in_form(const Number& a) const { return product(a, square_of_r_); }

  // 1 / a by Fermat, as a to the power of the prime less two; in form, as `a` is.
  [[nodiscard]] Number inverse(const Number& a) const {
    Number power = prime_;
    power[0] -= 2;  // The lowest word of neither prime is less than that.
    Number made = a;
    for (int place = 254; place >= 0; --place) {
      made = square(made);
      if (bit(power, place)) made = product(made, a);
    }
    return made;
  }

 private:
  static void add_product(std::array<std::uint32_t, kWords + 2>& sum, const Number& number,
                          std::uint32_t factor) {
    std::uint64_t carry = 0;
    for (std::size_t j = 0; j < kWords; ++j) {
      carry += std::uint64_t{number[j]} * factor + sum[j];
      sum[j] = static_cast<std::uint32_t>(carry);
      carry >>= 32U;
    }
    carry += sum[kWords];
    sum[kWords] = static_cast<std::uint32_t>(carry);
    sum[kWords + 1] += static_cast<std::uint32_t>(carry >> 32U);
  }

  Number prime_;
  Number square_of_r_{};
  std::uint32_t negative_inverse_ = 0;
};

// x / z^2 and y / z^3 are the coordinates, all in form; z is zero for the point at infinity.
struct Point {
  Number x{};
  Number y{};
  Number z{};
};

class Curve final {
 public:
  Curve() : field_(kPrime) {}

  [[nodiscard]] const Modulus& field() const { return field_; }

  [[nodiscard]] Point point(const Number& x, const Number& y) const {
    return {field_.in_form(x), field_.in_form(y), field_.in_form({1})};
  }

  // Whether x and y, z being one, satisfy the equation.
  [[nodiscard]] bool holds(const Point& p) const {
    const Number three = field_.in_form({3});
    const Number right = field_.sum(
        field_.product(p.x, field_.difference(field_.square(p.x), three)), field_.in_form(kB));
    return field_.square(p.y) == right;
  }

  [[nodiscard]] Point twice(const Point& p) const {
    const Modulus& f = field_;
    const Number delta = f.square(p.z);
    const Number gamma = f.square(p.y);
    const Number beta = f.product(p.x, gamma);
    const Number slope = f.product(f.difference(p.x, delta), f.sum(p.x, delta));
    const Number alpha = f.sum(slope, f.sum(slope, slope));
    const Number twice_beta = f.sum(beta, beta);
    const Number beta4 = f.sum(twice_beta, twice_beta);
    const Number gamma2 = f.square(f.sum(gamma, gamma));  // 4 gamma^2
    Point made;
    made.x = f.difference(f.square(alpha), f.sum(beta4, beta4));
    made.y = f.difference(f.product(alpha, f.difference(beta4, made.x)), f.sum(gamma2, gamma2));
    made.z = f.difference(f.difference(f.square(f.sum(p.y, p.z)), gamma), delta);
    return made;
  }

  [[nodiscard]] Point sum(const Point& p, const Point& q) const {
    if (is_zero(p.z)) return q;
    if (is_zero(q.z)) return p;
    const Modulus& f = field_;
    const Number pz2 = f.square(p.z);
    const Number qz2 = f.square(q.z);
    const Number px = f.product(p.x, qz2);
    const Number py = f.product(p.y, f.product(q.z, qz2));
    const Number across = f.difference(f.product(q.x, pz2), px);
    const Number up = f.difference(f.product(q.y, f.product(p.z, pz2)), py);
    // The same x: one point twice, or two points whose sum is at infinity.
    if (is_zero(across)) return is_zero(up) ? twice(p) : Point{};
    const Number across2 = f.square(across);
    const Number across3 = f.product(across, across2);
    const Number v = f.product(px, across2);
    Point made;
    made.x = f.difference(f.difference(f.square(up), across3), f.sum(v, v));
    made.y = f.difference(f.product(up, f.difference(v, made.x)), f.product(py, across3));
    made.z = f.product(f.product(p.z, q.z), across);
    return made;
  }

 private:
  Modulus field_;
};

// Whether the point's x, taken modulo the order, is r: without a division, and r + n may be below
// the prime.
bool has_x(const Curve& curve, const Point& point, Number r) {
  const Modulus& f = curve.field();
  const Number z2 = f.square(point.z);
  if (f.product(f.in_form(r), z2) == point.x) return true;
  return add_to(r, kOrder) == 0 && less(r, kPrime) && f.product(f.in_form(r), z2) == point.x;
}

}  // namespace

bool p256_is_key(std::string_view x, std::string_view y) {
  if (x.size() != kBytes || y.size() != kBytes) return false;
  const Number px = number_of(x);
  const Number py = number_of(y);
  const Curve curve;
  return less(px, kPrime) && less(py, kPrime) && curve.holds(curve.point(px, py));
}

bool p256_sha256_verifies(std::string_view x, std::string_view y, std::string_view message,
                          std::string_view signature) {
  if (signature.size() != 2 * kBytes || !p256_is_key(x, y)) return false;
  const Number r = number_of(signature);
  const Number s = number_of(signature.substr(kBytes));
  if (is_zero(r) || is_zero(s) || !less(r, kOrder) || !less(s, kOrder)) return false;

  const Modulus order(kOrder);
  const auto hash = Sha256().add(message).bytes();
  Number digest = number_of(as_text(hash));
  if (!less(digest, kOrder)) take_from(digest, kOrder);
  const Number inverse = order.inverse(order.in_form(s));
  const Number times_g = order.product(digest, inverse);
  const Number times_key = order.product(r, inverse);

  const Curve curve;
  const Point g = curve.point(kGx, kGy);
  const Point key = curve.point(number_of(x), number_of(y));
  const Point both = curve.sum(g, key);
  Point sum;
  for (int place = 255; place >= 0; --place) {
    sum = curve.twice(sum);
    const bool first = bit(times_g, place);
    const bool second = bit(times_key, place);
    if (first || second) sum = curve.sum(sum, first && second ? both : first ? g : key);
  }
  return !is_zero(sum.z) && has_x(curve, sum, r);
}

}  // namespace inner
}  // namespace plugin
}  // namespace mynah
