// SPDX-License-Identifier: Apache-2.0
// Kernels: the sums of products that search spends its time in, in the best form that this
// processor has (AVX2, SSSE3, or plain C++), chosen once when the program starts. All forms give
// the same integers; sums of floats may differ in their last bits.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mynah::vector {

// Rows of bytes are padded with zeros to a multiple of this.
inline constexpr std::size_t kRowStep = 32;
constexpr std::size_t padded(std::size_t dimension) {
  return (dimension + kRowStep - 1) / kRowStep * kRowStep;
}

struct Kernels {
  const char* name;
  // Of two rows whose bytes lie in -127…127; `count` is a multiple of kRowStep.
  std::int32_t (*dot)(const std::int8_t* a, const std::int8_t* b, std::size_t count);
  // Σ x·(256·high + low), and Σ (x − step·(256·high + low))².
  float (*dot_fine)(const float* x, const std::int8_t* high, const std::int8_t* low,
                    std::size_t count);
  float (*gap_fine)(const float* x, const std::int8_t* high, const std::int8_t* low, float step,
                    std::size_t count);
};

// The best for this processor, and the plain ones that all others are tested against.
const Kernels& kernels();
const Kernels& plain_kernels();
// All that this processor has.
const Kernels* find_kernels(std::size_t index);

}  // namespace mynah::vector
