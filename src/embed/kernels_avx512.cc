// SPDX-License-Identifier: Apache-2.0
// For processors with AVX-512 and its instruction for products of bytes (VNNI).
#include <cstring>
#include <immintrin.h>

#include "embed/kernels.h"

#ifdef __clang__
#pragma clang attribute push(                                                          \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma"))), \
    apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma")
#endif
#include "embed/kernels_body.h"

namespace mynah::embed {
namespace {

// As many rows at a time as leave registers for two blocks of weights.
constexpr std::size_t kTileRows = 12;
constexpr std::size_t kPrefetchBytes = 2048;

void finish(const __m512i& sum, std::int32_t zero, float scale, const ByteLayer& layer,
            std::size_t column, float* out) {
  const __m512i shifted = _mm512_sub_epi32(
      sum, _mm512_mullo_epi32(_mm512_set1_epi32(zero), _mm512_load_si512(&layer.sums[column])));
  const __m512 scales = _mm512_mul_ps(_mm512_set1_ps(scale), _mm512_load_ps(&layer.scales[column]));
  _mm512_storeu_ps(out, _mm512_fmadd_ps(_mm512_cvtepi32_ps(shifted), scales,
                                        _mm512_load_ps(&layer.bias[column])));
}

template <std::size_t kRows>
void multiply_rows(const ByteRows& in, std::size_t row, const ByteLayer& layer, std::size_t column,
                   float* out) {
  const std::size_t block_bytes = layer.inputs * ByteLayer::kBlock;
  const std::int8_t* left = layer.weights.data() + layer.place_of(0, column);
  const std::int8_t* right = left + block_bytes;
  const std::uint8_t* bytes = in.bytes + row * in.stride;
  __m512i sums[kRows][2];
  for (std::size_t i = 0; i < kRows; ++i) sums[i][0] = sums[i][1] = _mm512_setzero_si512();
  for (std::size_t k = 0; k < layer.inputs; k += 4) {
    const std::size_t at = k * ByteLayer::kBlock;
    const __m512i left_weights = _mm512_load_si512(left + at);
    const __m512i right_weights = _mm512_load_si512(right + at);
    // The weights of a model do not fit into the second cache: the next ones are called for early.
    _mm_prefetch(left + at + kPrefetchBytes, _MM_HINT_T0);
    _mm_prefetch(right + at + kPrefetchBytes, _MM_HINT_T0);
    for (std::size_t i = 0; i < kRows; ++i) {
      std::int32_t four = 0;
      std::memcpy(&four, bytes + i * in.stride + k, sizeof four);
      const __m512i each = _mm512_set1_epi32(four);
      sums[i][0] = _mm512_dpbusd_epi32(sums[i][0], each, left_weights);
      sums[i][1] = _mm512_dpbusd_epi32(sums[i][1], each, right_weights);
    }
  }
  for (std::size_t i = 0; i < kRows; ++i) {
    float* to = out + (row + i) * layer.outputs + column;
    for (std::size_t half = 0; half < 2; ++half) {
      finish(sums[i][half], in.zeros[row + i], in.scales[row + i], layer,
             column + half * ByteLayer::kBlock, to + half * ByteLayer::kBlock);
    }
  }
}

using MultiplyRows = void (*)(const ByteRows&, std::size_t, const ByteLayer&, std::size_t, float*);
constexpr MultiplyRows kVariants[kTileRows] = {
    multiply_rows<1>, multiply_rows<2>,  multiply_rows<3>,  multiply_rows<4>,
    multiply_rows<5>, multiply_rows<6>,  multiply_rows<7>,  multiply_rows<8>,
    multiply_rows<9>, multiply_rows<10>, multiply_rows<11>, multiply_rows<12>,
};

void multiply_bytes(const ByteRows& in, const ByteLayer& layer, float* out) {
  for (std::size_t column = 0; column < layer.outputs; column += 2 * ByteLayer::kBlock) {
    for (std::size_t row = 0; row < in.rows; row += kTileRows) {
      const std::size_t rows = in.rows - row < kTileRows ? in.rows - row : kTileRows;
      kVariants[rows - 1](in, row, layer, column, out);
    }
  }
}

}  // namespace

constinit const Kernels detail::kAvx512Kernels = {
    .name = "avx512",
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
