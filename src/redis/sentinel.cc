// SPDX-License-Identifier: Apache-2.0
// One question to one Sentinel after the other.
#include "redis/sentinel.h"

#include <algorithm>
#include <string>

#include "base/text.h"

namespace mynah::redis {
namespace {

// While a connection lasts, a Sentinel is asked so often, and has so long to answer.
constexpr Duration kPeriod = 1s;
constexpr Duration kPatience = 1s;

}  // namespace

Task<Result<Endpoint>> SentinelPlaces::locate(Instant deadline) {
  Loop& loop = context_.loop;
  const auto& sentinels = context_.options.endpoints;
  // One that hangs leaves time for the others, and for the primary.
  const Duration share = (deadline - loop.now()) / static_cast<std::int64_t>(sentinels.size() + 1);
  Error last;
  for (std::size_t i = 0; i < sentinels.size(); ++i) {
    const std::size_t which = (first_ + i) % sentinels.size();
    const Instant end = std::min(deadline, loop.in(share));
    auto place = co_await ask_at(sentinels[which], end);
    if (place) {
      first_ = which;
      co_return place;
    }
    last = std::move(place).error().within(cat("Sentinel ", sentinels[which].text()));
  }
  // That a Sentinel refuses the client says nothing of its password for the primary.
  last.code = Errc::unavailable;
  co_return last;
}

// Of the Sentinel that locate() believed, so that two that disagree do not send the client to and
// fro.
Task<> SentinelPlaces::until_moved(const Endpoint& from) {
  Loop& loop = context_.loop;
  while (true) {
    const Endpoint sentinel = context_.options.endpoints[first_];
    auto link = co_await connect(sentinel, loop.in(kPatience));
    while (link) {
      const auto place = co_await ask(**link, loop.in(kPatience));
      if (!place) break;
      if (*place != from) co_return;
      co_await Sleep(loop, kPeriod);
    }
    first_ = (first_ + 1) % context_.options.endpoints.size();
    co_await Sleep(loop, kPeriod);
  }
}

Task<Result<std::unique_ptr<Link>>> SentinelPlaces::connect(const Endpoint& sentinel,
                                                            Instant deadline) {
  const Link::Greeting greeting{.login = context_.options.sentinel_login};
  co_return co_await open_link(context_, sentinel, greeting, deadline);
}

Task<Result<Endpoint>> SentinelPlaces::ask_at(const Endpoint& sentinel, Instant deadline) {
  MYNAH_CO_LET(const auto link, co_await connect(sentinel, deadline));
  co_return co_await ask(*link, deadline);
}

Task<Result<Endpoint>> SentinelPlaces::ask(Link& sentinel, Instant deadline) {
  const std::string& name = context_.options.primary_name;
  std::string bytes;
  const std::string_view words[] = {"SENTINEL", "GET-MASTER-ADDR-BY-NAME", name};
  encode_command(words, bytes);
  MYNAH_CO_LET(const Resp reply, co_await sentinel.call(bytes, 1, deadline));
  if (reply.is_error()) co_return Error{Errc::unavailable, std::string(reply.text.view())};
  if (reply.is_null())
    co_return Error{Errc::unavailable, cat("it knows no primary called \"", name, "\"")};
  if (reply.items.size() != 2) co_return Error{Errc::protocol, "it tells no address"};
  co_return told_endpoint(reply.items[0].text.view(), reply.items[1].text.view());
}

}  // namespace mynah::redis
