// SPDX-License-Identifier: Apache-2.0
// TestClient: a client with what it needs, whose replies are told as text.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "aio/dns.h"
#include "base/text.h"
#include "redis/client.h"

namespace mynah::redis {

class CountingHealth final : public Health {
 public:
  void opened(const Endpoint&) override { ++opened_count; }
  void closed(const Endpoint&, const Error&) override { ++closed_count; }
  void unreachable(const Endpoint&, const Error&, Failure failure) override {
    ++failures;
    if (failure == Failure::first) ++first_failures;
  }
  void redirected(Redirect redirect) override { ++(redirect == Redirect::moved ? moved : asked); }

  std::uint32_t opened_count = 0;
  std::uint32_t closed_count = 0;
  std::uint32_t failures = 0;
  std::uint32_t first_failures = 0;
  std::uint32_t moved = 0;
  std::uint32_t asked = 0;
};

class TestClient final {
 public:
  TestClient(Loop& on, Options options)
      : loop(on), resolver(on, pool, {}), client(on, resolver, std::move(options), health, 1) {}

  // The reply's bytes, or "code: what" of an error.
  Task<std::string> ask(std::initializer_list<std::string_view> words, Duration timeout = 20s) {
    const auto reply = co_await client.call(words, timeout);
    if (!reply) co_return cat(name_of(reply.error().code), ": ", reply.error().what);
    std::string text;
    encode(*reply, RespVersion::resp2, text);
    co_return text;
  }

  // Asks until that is the reply, for at most half a minute; whether it came.
  Task<bool> comes_to(std::initializer_list<std::string_view> words, std::string_view reply) {
    const Instant end = loop.in(30s);
    while (loop.now() < end) {
      if (co_await ask(words) == reply) co_return true;
      co_await Sleep(loop, 5ms);
    }
    co_return false;
  }

  Loop& loop;
  BlockingPool pool{{.threads = 1}};
  Resolver resolver;
  CountingHealth health;
  Client client;
};

}  // namespace mynah::redis
