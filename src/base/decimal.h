// SPDX-License-Identifier: Apache-2.0
// Decimal: a whole number's digits, in little code, where text.h's cat() would bring the library's
// spelling of numbers into a small plug-in.
//
//   cat("line ", Decimal(line).text())
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mynah {

class Decimal final {
 public:
  explicit Decimal(std::uint64_t number, bool negative = false) {
    do {
      digits_[--begin_] = static_cast<char>('0' + number % 10);
      number /= 10;
    } while (number > 0);
    if (negative) digits_[--begin_] = '-';
  }
  // Any signed number.
  static Decimal of(std::int64_t number) {
    const auto bits = static_cast<std::uint64_t>(number);
    return Decimal(number < 0 ? 0 - bits : bits, number < 0);
  }

  [[nodiscard]] std::string_view text() const [[clang::lifetimebound]] {
    return {digits_ + begin_, sizeof digits_ - begin_};
  }

 private:
  char digits_[21];
  std::size_t begin_ = sizeof digits_;
};

}  // namespace mynah
