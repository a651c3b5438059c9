// SPDX-License-Identifier: Apache-2.0
// Which variants this machine runs.
#include "embed/kernels.h"

#include <vector>

namespace mynah::embed {

std::size_t attention_room(std::size_t length, std::size_t head_width) {
  const std::size_t row = padded(length, kColumns);
  const std::size_t wide = padded(head_width, kColumns);
  return row * (2 * wide + head_width + row);
}

std::span<const Kernels* const> kernels_of_this_machine() {
  static const std::vector<const Kernels*> found = [] {
    std::vector<const Kernels*> kernels = {&detail::kPlainKernels};
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
      kernels.push_back(&detail::kAvx2Kernels);
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni"))
      kernels.push_back(&detail::kAvx512Kernels);
    return kernels;
  }();
  return found;
}

}  // namespace mynah::embed
