// SPDX-License-Identifier: Apache-2.0
// Gathers the body, has the request answered on the pool, sends the answer.
#include "gateway/embedded/vectors.h"

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

#include "base/ids.h"
#include "base/random.h"
#include "base/text.h"
#include "vector/api.h"

namespace mynah {
namespace {

// The client's own name for its request, or the next of this handler's.
std::string request_id_of(const Headers& request, Loop& loop) {
  const std::string_view given = request.value_or("x-request-id", "");
  if (is_request_id(given)) return std::string(given);
  // It only tells answers apart, so a seed that can be guessed will do.
  static std::atomic<std::uint64_t> requests = 0;
  Random dice(static_cast<std::uint64_t>(loop.wall_now().time_since_epoch().count()) +
              requests.fetch_add(1, std::memory_order_relaxed));
  return request_id(dice);
}

Task<> answer(http::ServerStream& exchange, vector::ApiReply reply) {
  Headers head;
  head.add(":status", std::to_string(reply.status));
  head.add("content-type", "application/json");
  head.add("content-length", std::to_string(reply.body.size()));
  // A caller that has gone away needs no answer.
  if (!co_await exchange.respond(head, http::End::no)) co_return;
  (co_await exchange.write(Slice::of(std::move(reply.body)), http::End::yes)).ignore();
}

Task<> serve(Loop& loop, BlockingPool& pool, vector::Database& database, const VectorTimes& times,
             http::ServerStream& exchange) {
  vector::ApiRequest request;
  request.method = exchange.request().value_or(":method", "");
  request.target = exchange.request().value_or(":path", "");
  request.request_id = request_id_of(exchange.request(), loop);
  SliceChain body;
  for (bool ended = exchange.request_ended(); !ended;) {
    auto piece = co_await exchange.read();
    if (!piece) co_return;
    ended = piece->end == http::End::yes;
    body.append(std::move(piece->bytes));
    if (body.size() > vector::kRequestBytesMax) {
      co_return co_await answer(exchange, vector::refusal(413, vector::Reason::too_large,
                                                          cat("the request has more than ",
                                                              vector::kRequestBytesMax, " bytes"),
                                                          request.request_id));
    }
  }
  request.body = body.copy();
  const std::string id = request.request_id;
  Histogram& seconds = times.of(request.method, request.target);
  const Instant begun = loop.clock().now();
  auto reply = co_await pool.run(loop, [&database, request = std::move(request)] {
    return vector::handle(database, request);
  });
  if (!reply) {
    co_return co_await answer(
        exchange, vector::refusal(503, vector::Reason::too_often, reply.error().what, id));
  }
  seconds.observe(Slot::shared(),
                  std::chrono::duration<double>(loop.clock().now() - begun).count());
  co_await answer(exchange, *std::move(reply));
}

}  // namespace

http::LocalHandler embedded_vectors(Loop& loop, BlockingPool& pool, vector::Database& database,
                                    const VectorTimes& times) {
  return [&loop, &pool, &database, &times](http::ServerStream& exchange) {
    return serve(loop, pool, database, times, exchange);
  };
}

}  // namespace mynah
