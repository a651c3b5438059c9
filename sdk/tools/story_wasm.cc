// SPDX-License-Identifier: Apache-2.0
// story_run --wasm MODULE FILE...: plays stories on a .wasm in the real host library.
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>

#include "story/run.h"

int main(int count, char** arguments) {
  if (count < 4 || std::strcmp(arguments[1], "--wasm") != 0) {
    // tidy: allow printf: a runner of tests
    std::fputs("usage: story_run --wasm MODULE STORY...\n", stderr);
    return 2;
  }
  std::ifstream file(arguments[2], std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  const auto machine = mynah::story::wasm_machine(bytes.str());
  if (!machine) {
    // tidy: allow printf: a runner of tests
    std::fprintf(stderr, "%s: %s\n", arguments[2], machine.error().what.c_str());
    return 1;
  }
  const auto stage = mynah::story::plugin_stage(*machine);
  return mynah::story::run_files(count - 3, arguments + 3, *stage);
}
