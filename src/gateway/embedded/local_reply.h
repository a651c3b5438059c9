// SPDX-License-Identifier: Apache-2.0
// What handlers of embedded services do alike: gather a request's body, and answer with JSON.
#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include "base/headers.h"
#include "base/result.h"
#include "base/slice.h"
#include "base/task.h"
#include "http/stream.h"

namespace mynah {

// Errc::too_large when it has more bytes.
inline Task<Result<std::string>> read_body(http::ServerStream& exchange, std::size_t bytes_max) {
  SliceChain bytes;
  bool ended = exchange.request_ended();
  while (!ended) {
    MYNAH_CO_LET(http::Piece piece, co_await exchange.read());
    ended = piece.end == http::End::yes;
    bytes.append(std::move(piece.bytes));
    if (bytes.size() > bytes_max)
      co_return Error{Errc::too_large, "The request has too large a body."};
  }
  co_return bytes.copy();
}

// `more` are headers beside those that say what the body is.
inline Task<Status> respond_json(http::ServerStream& exchange, int status, std::string body,
                                 Headers more = {}) {
  Headers head;
  head.add(":status", std::to_string(status));
  head.add("content-type", "application/json");
  head.add("content-length", std::to_string(body.size()));
  for (const auto& [name, value] : more) head.add(name, value);
  MYNAH_CO_OK(co_await exchange.respond(head, http::End::no));
  co_return co_await exchange.write(Slice::of(std::move(body)), http::End::yes);
}

}  // namespace mynah
