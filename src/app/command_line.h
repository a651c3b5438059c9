// SPDX-License-Identifier: Apache-2.0
// The command line: what the user typed becomes one function call.
//
// The exit status is 0 when it is done, 1 when it was refused or failed (the reason is on stderr),
// 2 for wrong usage.
#pragma once

namespace mynah {

int run_command_line(int argc, char** argv);

}  // namespace mynah
