// SPDX-License-Identifier: Apache-2.0
// An embedded service that answers HTTP requests, on connections of other programs. The password
// comes where their clients send keys: `authorization: Bearer …` (OpenAI, DashScope), or
// `dashvector-auth-token`. Without it every request is answered with 401.
#pragma once

#include <memory>

#include "aio/loop.h"
#include "gateway/embedded/service_port.h"
#include "http/local_exchange.h"

namespace mynah {

std::unique_ptr<PortSpeaker> speak_http(Loop& loop, http::LocalHandler handler,
                                        const model::Service& service, PortMeters& meters);

}  // namespace mynah
