// SPDX-License-Identifier: Apache-2.0
// An exchange with a handler inside the process: what embedded services are reached by. The two
// ends are joined in memory, with the back-pressure that a connection would have, so neither can
// tell the difference.
#pragma once

#include <functional>

#include "aio/loop.h"
#include "http/stream.h"

namespace mynah::http {

// Serves one exchange; see ServerStream.
using LocalHandler = std::function<Task<>(ServerStream& exchange)>;

// Opens an exchange with the handler, which starts when the head of the request is sent and is
// dropped when the stream is released. `loop` and what the handler uses outlive the stream.
ClientStreamPtr open_local(Loop& loop, LocalHandler handler);

}  // namespace mynah::http
