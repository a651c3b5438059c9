// SPDX-License-Identifier: Apache-2.0
// The compiling process of the tests; the program has the same behind a hidden command.
#include "wasm/compile_process.h"

int main(int count, char** arguments) {
  return count == 2 ? mynah::wasm::compile_child_main(arguments[1]) : 2;
}
