// SPDX-License-Identifier: Apache-2.0
// What stands for an embedded service that does not answer over HTTP: the store, which is reached
// as Redis, and those that this version does not have.
#pragma once

#include <string>

#include "http/local_exchange.h"

namespace mynah {

// Answers every request with 501 and the reason.
http::LocalHandler not_served(std::string service);

}  // namespace mynah
