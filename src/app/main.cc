// SPDX-License-Identifier: Apache-2.0
// The program: `mynah COMMAND …`. See command_line.h.
#include "app/command_line.h"

int main(int argc, char** argv) { return mynah::run_command_line(argc, argv); }
