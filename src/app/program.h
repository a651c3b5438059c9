// SPDX-License-Identifier: Apache-2.0
// `mynah run`: builds every part of the gateway, connects them, and runs until it is told to end.
//
// Threads: the main one is the control thread: signals, the configuration file, the console's
// address. Each worker has one. Besides, there are a small pool for what blocks, the writer of the
// log, the store's own, and a ticker by which the time of plug-ins is measured.
//
// SIGHUP, or a change of the configuration's files, reads the configuration anew; a bad one is
// refused and the running one stays. SIGTERM or SIGINT drains: the gateway stops being ready, stops
// listening after a grace, lets exchanges in flight end, and goes; a second one ends it at once.
#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "control/config/load.h"

namespace mynah {

struct RunOptions {
  std::string config;  // Empty: the defaults.
  std::string data;    // Empty: what the configuration says.
};

// Returns when the gateway has ended as it was asked to.
Status run_gateway(const RunOptions& options);

control::Environment environment_of_process();

}  // namespace mynah
