// SPDX-License-Identifier: Apache-2.0
// One answer to everything.
#include "gateway/embedded/not_served.h"

#include <utility>

#include "base/text.h"
#include "gateway/error_reply.h"

namespace mynah {
namespace {

Task<> refuse(std::string service, http::ServerStream& exchange) {
  const ErrorReply error{501, "not-served",
                         cat("Embedded service ", service, " does not answer HTTP requests.")};
  std::string body = error_body(exchange.request().value_or(":path", ""), error);
  // A caller that has gone away needs no answer.
  if (!co_await exchange.respond(error_head(error, body.size()), http::End::no)) co_return;
  (co_await exchange.write(Slice::of(std::move(body)), http::End::yes)).ignore();
}

}  // namespace

http::LocalHandler not_served(std::string service) {
  return [service = std::move(service)](http::ServerStream& exchange) {
    return refuse(service, exchange);
  };
}

}  // namespace mynah
