// SPDX-License-Identifier: Apache-2.0
// Goal: an exchange in memory behaves as one over a connection, whichever side goes first.
#include "http/local_exchange.h"

#include <gtest/gtest.h>

#include "aio/scope.h"
#include "aio/testing.h"

namespace mynah::http {
namespace {

Headers head_of(std::string_view name, std::string_view value) {
  Headers head;
  head.add(name, value);
  return head;
}

Task<> echo(ServerStream& exchange) {
  if (!co_await exchange.respond(head_of(":status", "200"), End::no)) co_return;
  while (true) {
    auto piece = co_await exchange.read();
    if (!piece) co_return;
    const End end = piece->end;
    const Status sent = co_await exchange.write(std::move(piece->bytes), end);
    if (!sent || end == End::yes) co_return;
  }
}

// Counts handlers that have begun and were not dropped.
struct Alive {
  explicit Alive(int& counted) : count(counted) { ++count; }
  Alive(Alive&&) = delete;
  ~Alive() { --count; }
  int& count;
};

MYNAH_TEST_CO(LocalExchange, CarriesHeadBodyAndEndBothWays) {
  auto stream = open_local(loop, echo);
  MYNAH_CO_ASSERT((co_await stream->send(head_of(":method", "POST"), End::no)).ok());
  MYNAH_CO_ASSERT((co_await stream->write(Slice::copy_of("question"), End::yes)).ok());

  const auto head = co_await stream->response();
  MYNAH_CO_ASSERT(head.ok());
  EXPECT_EQ(head->find(":status"), "200");
  const auto piece = co_await stream->read();
  MYNAH_CO_ASSERT(piece.ok());
  EXPECT_EQ(piece->bytes.view(), "question");
  EXPECT_EQ(piece->end, End::yes);
}

MYNAH_TEST_CO(LocalExchange, AHandlerThatGoesWithoutAnAnswerIsAnError) {
  auto stream = open_local(loop, [](ServerStream& exchange) -> Task<> {
    exchange.abort();
    co_return;
  });
  MYNAH_CO_ASSERT((co_await stream->send(head_of(":method", "GET"), End::yes)).ok());
  const auto head = co_await stream->response();
  MYNAH_CO_ASSERT(!head.ok());
  EXPECT_EQ(head.error().code, Errc::closed);
}

MYNAH_TEST_CO(LocalExchange, ACallerWhoGivesUpIsNotLeftWaiting) {
  auto stream = open_local(
      loop, [&loop](ServerStream&) -> Task<> { co_await Sleep(loop, std::chrono::hours(1)); });
  MYNAH_CO_ASSERT((co_await stream->send(head_of(":method", "GET"), End::yes)).ok());
  Timer limit([](void* opened) { static_cast<ClientStream*>(opened)->abort(); }, stream.get());
  limit.arm(loop.timers(), loop.now() + std::chrono::seconds(2));
  const Instant begun = loop.now();

  const auto head = co_await stream->response();

  EXPECT_FALSE(head.ok());
  EXPECT_EQ(loop.now() - begun, Duration(std::chrono::seconds(2)));
}

MYNAH_TEST_CO(LocalExchange, TheHandlerGoesWithTheStream) {
  int alive = 0;
  auto stream = open_local(loop, [&loop, &alive](ServerStream&) -> Task<> {
    const Alive here(alive);
    co_await Sleep(loop, std::chrono::hours(1));
  });
  MYNAH_CO_ASSERT((co_await stream->send(head_of(":method", "GET"), End::yes)).ok());
  EXPECT_EQ(alive, 1);
  stream.reset();
  EXPECT_EQ(alive, 0);
}

MYNAH_TEST_CO(LocalExchange, ASlowReaderHoldsTheWriterUp) {
  bool all_written = false;
  auto stream = open_local(loop, [&](ServerStream& exchange) -> Task<> {
    Status sent = co_await exchange.respond(head_of(":status", "200"), End::no);
    for (int i = 0; sent && i < 100; ++i)
      sent = co_await exchange.write(Slice::of(std::string(4096, 'x')), End::no);
    all_written = sent.ok();
    sent = co_await exchange.write({}, End::yes);
    EXPECT_TRUE(sent.ok());
  });
  MYNAH_CO_ASSERT((co_await stream->send(head_of(":method", "GET"), End::yes)).ok());
  MYNAH_CO_ASSERT((co_await stream->response()).ok());
  co_await Sleep(loop, std::chrono::seconds(1));
  EXPECT_FALSE(all_written);
  std::size_t bytes = 0;
  for (bool ended = false; !ended;) {
    const auto piece = co_await stream->read();
    MYNAH_CO_ASSERT(piece.ok());
    bytes += piece->bytes.size();
    ended = piece->end == End::yes;
  }
  EXPECT_EQ(bytes, 100U * 4096U);
}

}  // namespace
}  // namespace mynah::http
