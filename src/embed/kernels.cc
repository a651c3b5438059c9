// SPDX-License-Identifier: Apache-2.0
// Which variants this machine runs.
#include "embed/kernels.h"

#include <sys/syscall.h>
#include <unistd.h>
#include <vector>

namespace mynah::embed {
namespace {

// Programs must ask the system before they use tiles, since these make every thread's state larger.
bool may_use_tiles() {
  constexpr long kRequestPermission = 0x1023;  // ARCH_REQ_XCOMP_PERM
  constexpr long kTileData = 18;               // XFEATURE_XTILEDATA
  return ::syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

}  // namespace

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
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512vnni")) {
      kernels.push_back(&detail::kAvx512Kernels);
      if (__builtin_cpu_supports("amx-tile") && __builtin_cpu_supports("amx-int8") &&
          may_use_tiles())
        kernels.push_back(&detail::kAmxKernels);
    }
    return kernels;
  }();
  return found;
}

}  // namespace mynah::embed
