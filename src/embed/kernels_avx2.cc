// SPDX-License-Identifier: Apache-2.0
// For processors with AVX2 and FMA.
#include <cstring>
#include <immintrin.h>

#include "embed/kernels.h"

#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#endif
#include "embed/kernels_body.h"

namespace mynah::embed {
namespace {

// Adds four products to each of eight sums. Two products at a time meet in 16 bits, which hold them
// when the weights are narrow; else weights and bytes are widened first.
template <bool kNarrow>
inline void add_products(__m256i& sums, const __m256i& four, const __m256i& weights) {
  if constexpr (kNarrow) {
    const __m256i pairs = _mm256_maddubs_epi16(four, weights);
    sums = _mm256_add_epi32(sums, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
  } else {
    const __m256i bytes = _mm256_cvtepu8_epi16(_mm256_castsi256_si128(four));
    const __m256i low =
        _mm256_madd_epi16(bytes, _mm256_cvtepi8_epi16(_mm256_castsi256_si128(weights)));
    const __m256i high =
        _mm256_madd_epi16(bytes, _mm256_cvtepi8_epi16(_mm256_extracti128_si256(weights, 1)));
    // Neighbours belong to one column; adding them leaves the columns in the order
    // 0 1 4 5 2 3 6 7.
    const __m256i added = _mm256_hadd_epi32(low, high);
    sums = _mm256_add_epi32(sums, _mm256_permute4x64_epi64(added, 0b11011000));
  }
}

template <bool kNarrow>
struct Unit {
  using Register = __m256i;
  static constexpr std::size_t kTileRows = 4;
  static constexpr std::size_t kLanes = 8;
  struct Weights {
    __m256i left;
    __m256i right;
  };

  static inline void clear(Register& sums) { sums = _mm256_setzero_si256(); }

  static inline void load(Weights& weights, const std::int8_t* left, const std::int8_t* right) {
    weights.left = _mm256_load_si256(reinterpret_cast<const __m256i*>(left));
    weights.right = _mm256_load_si256(reinterpret_cast<const __m256i*>(right));
  }

  static inline void add(Register (&sums)[2], std::int32_t four, const Weights& weights) {
    const __m256i each = _mm256_set1_epi32(four);
    add_products<kNarrow>(sums[0], each, weights.left);
    add_products<kNarrow>(sums[1], each, weights.right);
  }
};

void multiply_bytes(const ByteRows& in, const ByteLayer& layer, float* out) {
  if (layer.narrow) return multiply_by_registers<Unit<true>>(in, layer, out);
  multiply_by_registers<Unit<false>>(in, layer, out);
}

}  // namespace

constinit const Kernels detail::kAvx2Kernels = kernels_with("avx2", multiply_bytes);

}  // namespace mynah::embed

#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
