// SPDX-License-Identifier: Apache-2.0
// The search for the empty line. It stops at LF characters only: each must follow a CR, and the
// head ends where two line ends meet.
#include "http/h1.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace mynah::http {
namespace {

// The first LF at or after `at` that matters: one without CR before it, or one that ends an empty
// line. The two bytes before `at` are readable.
const char* find_notable_lf(const char* at, const char* end) {
#if defined(__SSE2__)
  const __m128i lf = _mm_set1_epi8('\n');
  const __m128i cr = _mm_set1_epi8('\r');
  while (end - at >= 16) {
    const __m128i here = _mm_cmpeq_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at)), lf);
    const __m128i before =
        _mm_cmpeq_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at - 1)), cr);
    const __m128i second =
        _mm_cmpeq_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at - 2)), lf);
    const __m128i plain = _mm_andnot_si128(second, before);
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(_mm_andnot_si128(plain, here)));
    if (mask != 0) return at + __builtin_ctz(mask);
    at += 16;
  }
#endif
  while (at != end && !(*at == '\n' && (at[-1] != '\r' || at[-2] == '\n'))) ++at;
  return at;
}

}  // namespace

HeadSearch::Found HeadSearch::search(std::string_view bytes) {
  const char* const begin = bytes.data();
  const char* const end = begin + bytes.size();
  // No head ends in its first two bytes; an LF there stands alone or opens with an empty line,
  // which is no head either.
  if (at_ < 2) {
    const std::size_t first = bytes.substr(0, 2).find('\n');
    if (first != std::string_view::npos) {
      at_ = first;
      return Found::refused;
    }
    if (bytes.size() < 2) return Found::nothing_yet;
    at_ = 2;
  }
  const char* const lf = find_notable_lf(begin + at_, end);
  at_ = static_cast<std::size_t>(lf - begin);
  if (lf == end) return Found::nothing_yet;
  if (lf[-1] != '\r') return Found::refused;
  ++at_;
  return Found::end;
}

}  // namespace mynah::http
