// SPDX-License-Identifier: Apache-2.0
// The end of a process that found a bug in itself.
// tidy: allow-file printf: the process ends here, and so does its log
#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace mynah {

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: broken invariant: %s\n", file, line, condition);
  std::fflush(stderr);
  std::abort();
}

}  // namespace mynah
