// SPDX-License-Identifier: Apache-2.0
// The forms of each sum. Bytes are multiplied as (|a|, b·sign a), because the instruction takes one
// unsigned factor; two products of at most 127·127 fit into its 16 bits.
#include "vector/kernels.h"

#include <algorithm>
#include <array>
#include <span>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace mynah::vector {
namespace {

std::int32_t dot_plain(const std::int8_t* a, const std::int8_t* b, std::size_t count) {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += std::int32_t{a[i]} * std::int32_t{b[i]};
  return sum;
}

// Several sums side by side, so that the compiler may use wide registers without reordering what
// it must not.
template <class Term>
[[gnu::always_inline]] inline float sum_of(std::size_t count, Term term) {
  constexpr std::size_t kLanes = 16;
  float sums[kLanes] = {};
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) sums[lane] += term(i + lane);
  }
  for (; i < count; ++i) sums[0] += term(i);
  float sum = 0;
  for (const float each : sums) sum += each;
  return sum;
}

[[gnu::always_inline]] inline float value_at(const std::int8_t* high, const std::int8_t* low,
                                             std::size_t i) {
  return static_cast<float>(std::int32_t{high[i]} * 256 + std::int32_t{low[i]});
}

[[gnu::always_inline]] inline float dot_fine_of(const float* x, const std::int8_t* high,
                                                const std::int8_t* low, std::size_t count) {
  return sum_of(count, [=](std::size_t i) { return x[i] * value_at(high, low, i); });
}

[[gnu::always_inline]] inline float gap_fine_of(const float* x, const std::int8_t* high,
                                                const std::int8_t* low, float step,
                                                std::size_t count) {
  return sum_of(count, [=](std::size_t i) {
    const float gap = x[i] - step * value_at(high, low, i);
    return gap * gap;
  });
}

float dot_fine_plain(const float* x, const std::int8_t* high, const std::int8_t* low,
                     std::size_t count) {
  return dot_fine_of(x, high, low, count);
}

float gap_fine_plain(const float* x, const std::int8_t* high, const std::int8_t* low, float step,
                     std::size_t count) {
  return gap_fine_of(x, high, low, step, count);
}

constexpr Kernels kPlain = {"plain", dot_plain, dot_fine_plain, gap_fine_plain};

#if defined(__x86_64__)

[[gnu::target("ssse3")]] std::int32_t dot_ssse3(const std::int8_t* a, const std::int8_t* b,
                                                std::size_t count) {
  const __m128i ones = _mm_set1_epi16(1);
  __m128i sum = _mm_setzero_si128();
  for (std::size_t i = 0; i < count; i += 16) {
    const __m128i x = _mm_loadu_si128(reinterpret_cast<const __m128i*>(a + i));
    const __m128i y = _mm_loadu_si128(reinterpret_cast<const __m128i*>(b + i));
    const __m128i pairs = _mm_maddubs_epi16(_mm_abs_epi8(x), _mm_sign_epi8(y, x));
    sum = _mm_add_epi32(sum, _mm_madd_epi16(pairs, ones));
  }
  sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4E));
  sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xB1));
  return _mm_cvtsi128_si32(sum);
}

[[gnu::target("avx2,fma")]] std::int32_t dot_avx2(const std::int8_t* a, const std::int8_t* b,
                                                  std::size_t count) {
  const __m256i ones = _mm256_set1_epi16(1);
  __m256i sum = _mm256_setzero_si256();
  for (std::size_t i = 0; i < count; i += 32) {
    const __m256i x = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(a + i));
    const __m256i y = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(b + i));
    const __m256i pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(x), _mm256_sign_epi8(y, x));
    sum = _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, ones));
  }
  __m128i half = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
  half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0x4E));
  half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0xB1));
  return _mm_cvtsi128_si32(half);
}

[[gnu::target("avx2,fma")]] inline __m256 values_avx2(const std::int8_t* high,
                                                      const std::int8_t* low) {
  const __m256i top = _mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(high)));
  const __m256i rest = _mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(low)));
  return _mm256_cvtepi32_ps(_mm256_add_epi32(_mm256_slli_epi32(top, 8), rest));
}

[[gnu::target("avx2,fma")]] inline float total_avx2(__m256 sums) {
  alignas(32) std::array<float, 8> lanes;
  _mm256_store_ps(lanes.data(), sums);
  float total = 0;
  for (const float lane : lanes) total += lane;
  return total;
}

[[gnu::target("avx2,fma")]] float dot_fine_avx2(const float* x, const std::int8_t* high,
                                                const std::int8_t* low, std::size_t count) {
  __m256 sums = _mm256_setzero_ps();
  std::size_t i = 0;
  for (; i + 8 <= count; i += 8)
    sums = _mm256_fmadd_ps(_mm256_loadu_ps(x + i), values_avx2(high + i, low + i), sums);
  return total_avx2(sums) + dot_fine_plain(x + i, high + i, low + i, count - i);
}

[[gnu::target("avx2,fma")]] float gap_fine_avx2(const float* x, const std::int8_t* high,
                                                const std::int8_t* low, float step,
                                                std::size_t count) {
  __m256 sums = _mm256_setzero_ps();
  const __m256 steps = _mm256_set1_ps(step);
  std::size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const __m256 gap =
        _mm256_fnmadd_ps(steps, values_avx2(high + i, low + i), _mm256_loadu_ps(x + i));
    sums = _mm256_fmadd_ps(gap, gap, sums);
  }
  return total_avx2(sums) + gap_fine_plain(x + i, high + i, low + i, step, count - i);
}

constexpr Kernels kSsse3 = {"ssse3", dot_ssse3, dot_fine_plain, gap_fine_plain};
constexpr Kernels kAvx2 = {"avx2", dot_avx2, dot_fine_avx2, gap_fine_avx2};

bool has_ssse3() { return __builtin_cpu_supports("ssse3") != 0; }
bool has_avx2() {
  return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
}

#endif

}  // namespace

const Kernels& plain_kernels() { return kPlain; }

const Kernels* find_kernels(std::size_t index) {
  if (index == 0) return &kPlain;
#if defined(__x86_64__)
  if (index == 1 && has_ssse3()) return &kSsse3;
  if (index == 2 && has_avx2()) return &kAvx2;
#endif
  return nullptr;
}

const Kernels& kernels() {
  static const Kernels* const best = [] {
    const Kernels* found = &kPlain;
    for (std::size_t i = 1; i < 3; ++i) {
      if (const Kernels* better = find_kernels(i)) found = better;
    }
    return found;
  }();
  return *best;
}

}  // namespace mynah::vector
