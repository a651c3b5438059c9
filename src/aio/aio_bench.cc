// SPDX-License-Identifier: Apache-2.0
// What the loop costs by itself: timers, turns, and a message there and back between two coroutines
// over a socket pair, plain and with a deadline.
#include <array>
#include <memory>
#include <sys/socket.h>

#include <benchmark/benchmark.h>

#include "aio/connection.h"
#include "aio/loop.h"
#include "aio/scope.h"
#include "base/check.h"

namespace mynah {
namespace {

void arm_and_disarm(benchmark::State& state) {
  TimerWheel wheel{Instant(1s)};
  Timer timer([](void*) {}, nullptr);
  Instant when(2s);
  for (auto _ : state) {
    timer.arm(wheel, when);
    timer.disarm();
    when += 1us;
  }
}
BENCHMARK(arm_and_disarm);

Task<> yield_for(Loop& loop, std::int64_t times) {
  for (std::int64_t i = 0; i < times; ++i) co_await Yield(loop);
}

// A turn of the loop in which one coroutine goes on.
void turn(benchmark::State& state) {
  auto loop = *Loop::create();
  Task<> task = yield_for(*loop, static_cast<std::int64_t>(state.max_iterations) + 1);
  task.start();
  for (auto _ : state) {
    const std::uint64_t before = loop->turn_number();
    loop->run_until([&] { return loop->turn_number() != before; });
  }
}
BENCHMARK(turn);

Task<> echo(std::unique_ptr<Connection> connection, Duration limit) {
  std::array<char, 512> room;
  const auto deadline = [&] { return connection->loop().in(limit); };
  while (true) {
    const auto got = co_await connection->read(room, deadline());
    if (!got || *got == 0) co_return;
    if (!co_await connection->write({room.data(), *got}, deadline())) co_return;
  }
}

// Two reads, two writes, two resumptions, two turns.
void there_and_back(benchmark::State& state) {
  auto loop = *Loop::create();
  int ends[2];
  MYNAH_CHECK(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
  auto ours = *Connection::adopt(*loop, ends[0], Address());
  const Duration limit = state.range(0) == 0 ? Duration::max() : Duration(state.range(0));
  Scope scope(*loop);
  scope.spawn(echo, *Connection::adopt(*loop, ends[1], Address()), limit);
  const std::array<char, 128> question{};
  std::array<char, 512> room;
  const auto ask = [&]() -> Task<> {
    (co_await ours->write({question.data(), question.size()}, loop->in(limit))).ignore();
    (co_await ours->read(room, loop->in(limit))).ignore();
  };
  for (auto _ : state) {
    Task<> task = ask();
    task.start();
    loop->run_until([&] { return task.done(); });
  }
}
BENCHMARK(there_and_back)->Arg(0)->Arg(std::chrono::nanoseconds(30s).count());

}  // namespace
}  // namespace mynah
