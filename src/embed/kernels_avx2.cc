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

constexpr std::size_t kTileRows = 4;
constexpr std::size_t kHalf = 8;  // columns in a register

// Adds four products to each of eight sums. Two products at a time meet in 16 bits, which hold them
// when the weights are narrow; else weights and bytes are widened first.
inline void add_products(__m256i& sums, const __m256i& four, const std::int8_t* at, bool narrow) {
  const __m256i weights = _mm256_load_si256(reinterpret_cast<const __m256i*>(at));
  if (narrow) {
    const __m256i pairs = _mm256_maddubs_epi16(four, weights);
    sums = _mm256_add_epi32(sums, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
    return;
  }
  const __m256i bytes = _mm256_cvtepu8_epi16(_mm256_castsi256_si128(four));
  const __m256i low =
      _mm256_madd_epi16(bytes, _mm256_cvtepi8_epi16(_mm256_castsi256_si128(weights)));
  const __m256i high =
      _mm256_madd_epi16(bytes, _mm256_cvtepi8_epi16(_mm256_extracti128_si256(weights, 1)));
  // Neighbours belong to one column; adding them leaves the columns in the order 0 1 4 5 2 3 6 7.
  const __m256i added = _mm256_hadd_epi32(low, high);
  sums = _mm256_add_epi32(sums, _mm256_permute4x64_epi64(added, 0b11011000));
}

void finish(const __m256i& sum, std::int32_t zero, float scale, const ByteLayer& layer,
            std::size_t column, float* out) {
  const auto* column_sums = reinterpret_cast<const __m256i*>(&layer.sums[column]);
  const __m256i shifted = _mm256_sub_epi32(
      sum, _mm256_mullo_epi32(_mm256_set1_epi32(zero), _mm256_load_si256(column_sums)));
  const __m256 scales = _mm256_mul_ps(_mm256_set1_ps(scale), _mm256_load_ps(&layer.scales[column]));
  _mm256_storeu_ps(out, _mm256_fmadd_ps(_mm256_cvtepi32_ps(shifted), scales,
                                        _mm256_load_ps(&layer.bias[column])));
}

template <std::size_t kRows, bool kNarrow>
void multiply_rows(const ByteRows& in, std::size_t row, const ByteLayer& layer, std::size_t column,
                   float* out) {
  const std::int8_t* weights = layer.weights.data() + layer.place_of(0, column);
  const std::uint8_t* bytes = in.bytes + row * in.stride;
  __m256i sums[kRows][2];
  for (std::size_t i = 0; i < kRows; ++i) sums[i][0] = sums[i][1] = _mm256_setzero_si256();
  for (std::size_t k = 0; k < layer.inputs; k += 4) {
    const std::int8_t* at = weights + k * ByteLayer::kBlock;
    for (std::size_t i = 0; i < kRows; ++i) {
      std::int32_t four = 0;
      std::memcpy(&four, bytes + i * in.stride + k, sizeof four);
      const __m256i each = _mm256_set1_epi32(four);
      add_products(sums[i][0], each, at, kNarrow);
      add_products(sums[i][1], each, at + kHalf * 4, kNarrow);
    }
  }
  for (std::size_t i = 0; i < kRows; ++i) {
    float* to = out + (row + i) * layer.outputs + column;
    for (std::size_t half = 0; half < 2; ++half) {
      finish(sums[i][half], in.zeros[row + i], in.scales[row + i], layer, column + half * kHalf,
             to + half * kHalf);
    }
  }
}

using MultiplyRows = void (*)(const ByteRows&, std::size_t, const ByteLayer&, std::size_t, float*);
constexpr MultiplyRows kVariants[2][kTileRows] = {
    {multiply_rows<1, false>, multiply_rows<2, false>, multiply_rows<3, false>,
     multiply_rows<4, false>},
    {multiply_rows<1, true>, multiply_rows<2, true>, multiply_rows<3, true>,
     multiply_rows<4, true>},
};

void multiply_bytes(const ByteRows& in, const ByteLayer& layer, float* out) {
  for (std::size_t column = 0; column < layer.outputs; column += ByteLayer::kBlock) {
    for (std::size_t row = 0; row < in.rows; row += kTileRows) {
      const std::size_t rows = in.rows - row < kTileRows ? in.rows - row : kTileRows;
      kVariants[layer.narrow ? 1 : 0][rows - 1](in, row, layer, column, out);
    }
  }
}

}  // namespace

constinit const Kernels detail::kAvx2Kernels = {
    .name = "avx2",
    .multiply_bytes = multiply_bytes,
    .multiply_floats = multiply_floats,
    .quantize = quantize,
    .attend = attend,
    .gelu = gelu,
    .add_and_normalize = add_and_normalize,
};

}  // namespace mynah::embed

#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
