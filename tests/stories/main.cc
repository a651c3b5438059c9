// SPDX-License-Identifier: Apache-2.0
// story_gateway [--wasm MODULE] STORY...: plays stories on a whole gateway; with a module, those of
// a plug-in.
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>

#include "gateway_stage.h"
#include "story/run.h"

int main(int count, char** arguments) {
  using namespace mynah::story;
  const bool plugin = count > 2 && std::strcmp(arguments[1], "--wasm") == 0;
  const int first = plugin ? 3 : 1;
  if (count <= first) {
    // tidy: allow printf: a runner of tests
    std::fputs("usage: story_gateway [--wasm MODULE] STORY...\n", stderr);
    return 2;
  }
  mynah::Result<MakeGateway> make = gateway_of_story();
  if (plugin) {
    std::ifstream file(arguments[2], std::ios::binary);
    std::ostringstream bytes;
    bytes << file.rdbuf();
    make = gateway_with_plugin(bytes.str());
  }
  if (!make) {
    // tidy: allow printf: a runner of tests
    std::fprintf(stderr, "%s: %s\n", arguments[2], make.error().what.c_str());
    return 1;
  }
  const auto stage = gateway_stage(*std::move(make));
  return run_files(count - first, arguments + first, *stage);
}
