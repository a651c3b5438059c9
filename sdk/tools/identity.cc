// SPDX-License-Identifier: Apache-2.0
// identity_<plug-in> FILE: writes what the plug-in that is linked into this program says about
// itself, for the custom section of its .wasm.
#include <cstdio>

#include "mynah/plugin.h"

int main(int count, char** arguments) {
  if (count != 2) return 2;
  std::FILE* file = std::fopen(arguments[1], "wb");
  if (file == nullptr) return 1;
  const std::string json = mynah::inner::identity_json();
  const bool written = std::fwrite(json.data(), 1, json.size(), file) == json.size();
  return std::fclose(file) == 0 && written ? 0 : 1;
}
