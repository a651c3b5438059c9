// SPDX-License-Identifier: Apache-2.0
// Goal: a connection reads and writes all bytes in whatever pieces they come, tells ends from
// breaks, and drops what is cancelled. Method: socket pairs and loopback, in simulated time.
#include "aio/connection.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "aio/connect.h"
#include "aio/listener.h"
#include "aio/scope.h"
#include "aio/testing.h"

namespace mynah {
namespace {

Task<Result<std::string>> read_some(Connection& connection, std::size_t room,
                                    Instant deadline = kNever) {
  std::string bytes(room, '\0');
  MYNAH_CO_LET(const std::size_t got, co_await connection.read(bytes, deadline));
  bytes.resize(got);
  co_return bytes;
}

Task<std::string> read_all(Connection& connection, std::size_t room) {
  std::string all;
  while (true) {
    auto piece = co_await read_some(connection, room);
    if (!piece) co_return all + "error: " + piece.error().what;
    if (piece->empty()) co_return all;
    all += *piece;
  }
}

Task<> write_after(Connection& connection, Duration wait, std::string bytes) {
  co_await Sleep(connection.loop(), wait);
  EXPECT_TRUE((co_await connection.write(bytes, kNever)).ok());
}

Task<> write_and_end(Connection& connection, const std::string& bytes) {
  EXPECT_TRUE((co_await connection.write(bytes, kNever)).ok());
  connection.shut_write();
}

std::string text_of(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + (i * i + i / 251) % 26);
  return text;
}

// Two ends over loopback TCP: the one that connected, then the one that was accepted.
Task<std::pair<std::unique_ptr<Connection>, std::unique_ptr<Connection>>> tcp_pair(Loop& loop) {
  auto listener = *Listener::open(loop, *Address::parse("127.0.0.1:0"), {});
  auto ours = *co_await connect(loop, listener->address(), loop.in(1h));
  auto theirs = *co_await listener->accept();
  co_return std::pair(std::move(ours), std::move(theirs));
}

MYNAH_TEST_CO(Connection, ReadsWhatIsThereWithoutWaitingForTheRoomToFill) {
  auto [ours, theirs] = connection_pair(loop);
  EXPECT_TRUE((co_await theirs->write("hello", kNever)).ok());

  EXPECT_EQ(*co_await read_some(*ours, 100), "hello");
}

MYNAH_TEST_CO(Connection, ReadsTheRestOfWhatDidNotFitIntoTheRoom) {
  auto [ours, theirs] = connection_pair(loop);
  EXPECT_TRUE((co_await theirs->write("hello", kNever)).ok());

  EXPECT_EQ(*co_await read_some(*ours, 2), "he");
  EXPECT_EQ(*co_await read_some(*ours, 3), "llo");
  theirs.reset();
  EXPECT_EQ(*co_await read_some(*ours, 3), "");
}

MYNAH_TEST_CO(Connection, WaitsForWhatIsWrittenLater) {
  auto [ours, theirs] = connection_pair(loop);
  Scope scope(loop);
  const Instant begin = loop.now();
  scope.spawn(write_after, std::ref(*theirs), 5s, std::string("late"));

  EXPECT_EQ(*co_await read_some(*ours, 100), "late");
  EXPECT_EQ(loop.now() - begin, 5s);
}

MYNAH_TEST_CO(Connection, SendsMoreThanTheSocketHoldsToASlowReader) {
  auto [ours, theirs] = connection_pair(loop);
  const std::string sent = text_of(3'000'001);

  auto [nothing, got] = co_await all(write_and_end(*theirs, sent), read_all(*ours, 1000));

  EXPECT_TRUE(got == sent);
}

MYNAH_TEST_CO(Connection, SendsMoreThanTheSocketHoldsOverTcp) {
  auto [ours, theirs] = co_await tcp_pair(loop);
  const std::string sent = text_of(5'000'001);

  auto [nothing, got] = co_await all(write_and_end(*theirs, sent), read_all(*ours, 70'000));

  EXPECT_TRUE(got == sent);
}

MYNAH_TEST_CO(Connection, WritesPiecesInOrderAndSkipsEmptyOnes) {
  auto [ours, theirs] = connection_pair(loop);
  std::string a = "one ";
  std::string b = "two ";
  std::string c = "three";
  const std::array<iovec, 7> pieces = {{{nullptr, 0},
                                        {a.data(), a.size()},
                                        {nullptr, 0},
                                        {b.data(), b.size()},
                                        {c.data(), c.size()},
                                        {nullptr, 0},
                                        {nullptr, 0}}};

  EXPECT_TRUE((co_await theirs->write(pieces, kNever)).ok());
  EXPECT_TRUE((co_await theirs->write(std::span<const iovec>(), kNever)).ok());
  EXPECT_TRUE((co_await theirs->write("", kNever)).ok());

  EXPECT_EQ(*co_await read_some(*ours, 100), "one two three");
}

MYNAH_TEST_CO(Connection, ReadEndsAtItsDeadline) {
  auto [ours, theirs] = connection_pair(loop);
  const Instant begin = loop.now();

  auto got = co_await read_some(*ours, 100, loop.in(7s));

  MYNAH_CO_ASSERT(!got.ok());
  EXPECT_EQ(got.error().code, Errc::timeout);
  EXPECT_EQ(loop.now() - begin, 7s);
  // The connection is as good as before.
  EXPECT_TRUE((co_await theirs->write("x", kNever)).ok());
  EXPECT_EQ(*co_await read_some(*ours, 100), "x");
}

MYNAH_TEST_CO(Connection, WriteEndsAtItsDeadlineWhenNobodyReads) {
  auto [ours, theirs] = connection_pair(loop);

  auto sent = co_await ours->write(text_of(3'000'000), loop.in(7s));

  MYNAH_CO_ASSERT(!sent.ok());
  EXPECT_EQ(sent.error().code, Errc::timeout);
}

MYNAH_TEST_CO(Connection, TakesNothingForAReadThatWasDropped) {
  auto [ours, theirs] = connection_pair(loop);
  auto winner = co_await any(read_some(*ours, 100), write_after(*ours, 1s, ""));
  EXPECT_EQ(winner.index(), 1u);

  EXPECT_TRUE((co_await theirs->write("kept", kNever)).ok());

  EXPECT_EQ(*co_await read_some(*ours, 100), "kept");
}

MYNAH_TEST_CO(Connection, GivesTheLastBytesBeforeTheEnd) {
  auto [ours, theirs] = connection_pair(loop);
  EXPECT_TRUE((co_await theirs->write("last words", kNever)).ok());
  theirs.reset();

  EXPECT_EQ(*co_await read_some(*ours, 100), "last words");
  EXPECT_EQ(*co_await read_some(*ours, 100), "");
  EXPECT_TRUE(ours->peer_closed());
}

MYNAH_TEST_CO(Connection, SeesAnEndThatComesAfterAShortRead) {
  auto [ours, theirs] = co_await tcp_pair(loop);
  EXPECT_TRUE((co_await theirs->write("words", kNever)).ok());
  EXPECT_EQ(*co_await read_some(*ours, 100), "words");

  theirs.reset();

  EXPECT_EQ(*co_await read_some(*ours, 100), "");
}

MYNAH_TEST_CO(Connection, GoesOnWritingAfterThePeerHasEndedItsSide) {
  auto [ours, theirs] = co_await tcp_pair(loop);
  theirs->shut_write();
  EXPECT_EQ(*co_await read_some(*ours, 100), "");

  EXPECT_TRUE((co_await ours->write("answer", kNever)).ok());

  EXPECT_EQ(*co_await read_some(*theirs, 100), "answer");
}

MYNAH_TEST_CO(Connection, TellsAResetFromAnEnd) {
  auto [ours, theirs] = co_await tcp_pair(loop);
  theirs->reset_on_close();
  theirs.reset();

  auto got = co_await read_some(*ours, 100);

  MYNAH_CO_ASSERT(!got.ok());
  EXPECT_EQ(got.error().code, Errc::closed);
}

MYNAH_TEST_CO(Connection, FailsToWriteToAPeerThatIsGone) {
  auto [ours, theirs] = connection_pair(loop);
  theirs.reset();

  auto sent = co_await ours->write("anyone?", kNever);

  MYNAH_CO_ASSERT(!sent.ok());
  EXPECT_EQ(sent.error().code, Errc::closed);
}

MYNAH_TEST_CO(Connection, FailsAWriteThatWaitsWhenThePeerGoes) {
  auto [ours, theirs] = connection_pair(loop);
  Scope scope(loop);
  scope.spawn([](std::unique_ptr<Connection> kept) -> Task<> { co_await Sleep(kept->loop(), 1s); },
              std::move(theirs));

  auto sent = co_await ours->write(text_of(3'000'000), loop.in(1h));

  MYNAH_CO_ASSERT(!sent.ok());
  EXPECT_EQ(sent.error().code, Errc::closed);
}

struct Watcher final : HangupWatcher {
  int told = 0;
  void on_hangup() override { ++told; }
};

MYNAH_TEST_CO(Connection, TellsItsWatcherOnceThatThePeerHasGone) {
  auto [ours, theirs] = connection_pair(loop);
  Watcher watcher;
  ours->watch_hangup(&watcher);
  EXPECT_TRUE((co_await theirs->write("unread", kNever)).ok());
  co_await Sleep(loop, 1s);
  EXPECT_EQ(watcher.told, 0);

  theirs.reset();
  co_await Sleep(loop, 1s);

  EXPECT_EQ(watcher.told, 1);
  EXPECT_EQ(*co_await read_some(*ours, 100), "unread");
}

MYNAH_TEST_CO(Connection, TellsAWatcherThatComesTooLateToo) {
  auto [ours, theirs] = connection_pair(loop);
  theirs.reset();
  co_await Sleep(loop, 1s);
  Watcher watcher;
  Watcher forgotten;

  ours->watch_hangup(&forgotten);
  ours->watch_hangup(&watcher);
  EXPECT_EQ(watcher.told, 0);
  co_await Yield(loop);
  co_await Yield(loop);

  EXPECT_EQ(watcher.told, 1);
  EXPECT_EQ(forgotten.told, 0);
}

MYNAH_TEST_CO(Connection, ReadableWaitsForInputAndLeavesItThere) {
  auto [ours, theirs] = connection_pair(loop);
  Scope scope(loop);
  scope.spawn(write_after, std::ref(*theirs), 1s, std::string("abc"));

  EXPECT_TRUE((co_await ours->readable(kNever)).ok());

  EXPECT_EQ(*co_await read_some(*ours, 3), "abc");
  // The room was filled, so whether more has come is not known; it has not.
  EXPECT_FALSE((co_await ours->readable(loop.in(1s))).ok());
  theirs.reset();
  EXPECT_TRUE((co_await ours->readable(loop.in(1s))).ok());
}

MYNAH_TEST_CO(Connection, TriesWithoutWaiting) {
  auto [ours, theirs] = connection_pair(loop);
  std::array<char, 10> room;
  EXPECT_FALSE(ours->try_read(room).has_value());

  std::string bytes = "xyz";
  const iovec piece{bytes.data(), bytes.size()};
  EXPECT_EQ(*theirs->try_write(std::span(&piece, 1)), 3u);
  co_await Sleep(loop, 1ms);

  EXPECT_EQ(**ours->try_read(room), 3u);
}

Task<> read_forever(Connection& connection, bool& ended) {
  std::array<char, 1> room;
  while (true) {
    auto got = co_await connection.read(room, kNever);
    if (!got || *got == 0) break;
  }
  ended = true;
}

MYNAH_TEST_CO(Connection, ThatAlwaysHasMoreDoesNotKeepTheLoop) {
  auto [ours, theirs] = connection_pair(loop);
  EXPECT_TRUE((co_await theirs->write(text_of(10 * Connection::kOperationsPerTurn), kNever)).ok());
  theirs.reset();
  bool ended = false;
  Scope scope(loop);
  scope.spawn(read_forever, std::ref(*ours), std::ref(ended));

  co_await Yield(loop);
  EXPECT_FALSE(ended);
  co_await scope.join();
  EXPECT_TRUE(ended);
}

MYNAH_TEST_CO(Connection, AdoptClosesADescriptorThatItCannotWatch) {
  const TempFolder folder;
  const int regular = ::open(folder.file("plain").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);

  auto adopted = Connection::adopt(loop, regular, Address());

  EXPECT_FALSE(adopted.ok());
  EXPECT_EQ(::fcntl(regular, F_GETFD), -1);
  EXPECT_EQ(errno, EBADF);
  co_return;
}

// A timer's call destroys a connection whose event of the same turn has not been handled yet.
struct Killer {
  std::unique_ptr<Connection> victim;
  Timer timer{[](void* self) { static_cast<Killer*>(self)->victim.reset(); }, this};
};

TEST(Connection, MayBeDestroyedByATimerInTheTurnOfItsEvent) {
  auto loop = *Loop::create();
  auto [ours, theirs] = connection_pair(*loop);
  Killer killer{std::move(ours)};
  killer.timer.arm(loop->timers(), loop->now());
  // The first turn comes after the timer's time, so that both are handled in one.
  const Instant begin = SystemClock().now();
  while (SystemClock().now() < begin + 3ms) {
  }

  loop->run_until([&] { return killer.victim == nullptr; });

  EXPECT_EQ(killer.victim, nullptr);
}

// Both ends become ready in one turn; whoever is told first destroys the other.
Task<> read_and_destroy(Connection& connection, std::unique_ptr<Connection>& other, int& done) {
  std::array<char, 10> room;
  EXPECT_TRUE((co_await connection.read(room, kNever)).ok());
  other.reset();
  ++done;
}

MYNAH_TEST_CO(Connection, MayBeDestroyedByAnotherThatIsReadyInTheSameTurn) {
  auto [a, a_peer] = connection_pair(loop);
  auto [b, b_peer] = connection_pair(loop);
  int done = 0;
  Scope scope(loop);
  scope.spawn(read_and_destroy, std::ref(*a), std::ref(b), std::ref(done));
  co_await Sleep(loop, 1ms);
  EXPECT_TRUE((co_await a_peer->write("x", kNever)).ok());
  EXPECT_TRUE((co_await b_peer->write("x", kNever)).ok());

  co_await scope.join();

  EXPECT_EQ(done, 1);
  EXPECT_EQ(b, nullptr);
}

}  // namespace
}  // namespace mynah
