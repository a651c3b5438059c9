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

struct Unit {
  using Register = __m512i;
  // As many rows at a time as leave registers for two blocks of weights.
  static constexpr std::size_t kTileRows = 12;
  static constexpr std::size_t kLanes = ByteLayer::kBlock;
  static constexpr std::size_t kPrefetchBytes = 2048;
  struct Weights {
    __m512i left;
    __m512i right;
  };

  static inline void clear(Register& sums) { sums = _mm512_setzero_si512(); }

  static inline void load(Weights& weights, const std::int8_t* left, const std::int8_t* right) {
    weights.left = _mm512_load_si512(left);
    weights.right = _mm512_load_si512(right);
    // The weights of a model do not fit into the second cache: the next ones are called for early.
    _mm_prefetch(left + kPrefetchBytes, _MM_HINT_T0);
    _mm_prefetch(right + kPrefetchBytes, _MM_HINT_T0);
  }

  static inline void add(Register (&sums)[2], std::int32_t four, const Weights& weights) {
    const __m512i each = _mm512_set1_epi32(four);
    sums[0] = _mm512_dpbusd_epi32(sums[0], each, weights.left);
    sums[1] = _mm512_dpbusd_epi32(sums[1], each, weights.right);
  }
};

void multiply_bytes(const ByteRows& in, const ByteLayer& layer, float* out) {
  multiply_by_registers<Unit>(in, layer, out);
}

}  // namespace

constinit const Kernels detail::kAvx512Kernels = kernels_with("avx512", multiply_bytes);

}  // namespace mynah::embed

#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
