// SPDX-License-Identifier: Apache-2.0
// Goal: connecting succeeds, fails and times out as it should, alone and as a race of several
// addresses. Method: loopback; a Unix socket whose queue is full stands for a host that is silent.
#include "aio/connect.h"

#include <sys/socket.h>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include "aio/listener.h"
#include "aio/testing.h"

namespace mynah {
namespace {

// A port of 127.0.0.1 that nobody listens on.
Address closed_port(Loop& loop) {
  return (*Listener::open(loop, *Address::parse("127.0.0.1:0"), {}))->address();
}

// An address that answers nothing: a listener whose queue is full drops further attempts.
class Silent {
 public:
  Silent() {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const Address any = *Address::parse("127.0.0.1:0");
    MYNAH_CHECK(::bind(listener_, any.system(), any.system_size()) == 0);
    MYNAH_CHECK(::listen(listener_, 0) == 0);
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&storage), &size);
    address_ = Address::from_system(storage, size);
    filler_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    MYNAH_CHECK(::connect(filler_, address_.system(), address_.system_size()) == 0);
  }
  Silent(Silent&&) = delete;
  ~Silent() {
    ::close(filler_);
    ::close(listener_);
  }
  [[nodiscard]] const Address& address() const { return address_; }

 private:
  int listener_;
  int filler_;
  Address address_;
};

MYNAH_TEST_CO(Connect, SaysWhoRefused) {
  const Address address = closed_port(loop);

  auto connected = co_await connect(loop, address, kNever);

  MYNAH_CO_ASSERT(!connected.ok());
  EXPECT_EQ(connected.error().code, Errc::unavailable);
  EXPECT_EQ(connected.error().what, "connect to " + address.text() + ": Connection refused");
}

MYNAH_TEST_CO(Connect, GivesUpAtItsDeadline) {
  const Silent silent;
  const Instant begin = loop.now();

  auto connected = co_await connect(loop, silent.address(), loop.in(3s));

  MYNAH_CO_ASSERT(!connected.ok());
  EXPECT_EQ(connected.error().code, Errc::timeout);
  EXPECT_EQ(loop.now() - begin, 3s);
}

MYNAH_TEST_CO(Connect, CanWriteAtOnce) {
  auto listener = *Listener::open(loop, *Address::parse("127.0.0.1:0"), {});
  auto ours = *co_await connect(loop, listener->address(), kNever);
  std::string bytes = "hi";
  const iovec piece{bytes.data(), bytes.size()};

  EXPECT_EQ(*ours->try_write(std::span(&piece, 1)), 2u);
}

MYNAH_TEST_CO(ConnectAny, FailsWithoutAddresses) {
  auto connected = co_await connect_any(loop, {}, kNever);

  MYNAH_CO_ASSERT(!connected.ok());
  EXPECT_EQ(connected.error().code, Errc::not_found);
}

MYNAH_TEST_CO(ConnectAny, TriesTheNextAtOnceWhenOneRefuses) {
  auto listener = *Listener::open(loop, *Address::parse("127.0.0.1:0"), {});
  const std::vector<Address> addresses = {closed_port(loop), closed_port(loop),
                                          listener->address()};
  const Instant begin = loop.now();

  auto connected = co_await connect_any(loop, addresses, loop.in(1min));

  MYNAH_CO_ASSERT(connected.ok());
  EXPECT_EQ((*connected)->peer(), listener->address());
  EXPECT_LT(loop.now() - begin, 250ms);
}

MYNAH_TEST_CO(ConnectAny, GivesASilentOneItsHeadStartOnly) {
  const Silent silent;
  auto listener = *Listener::open(loop, *Address::parse("127.0.0.1:0"), {});
  const std::vector<Address> addresses = {silent.address(), listener->address()};
  const Instant begin = loop.now();

  auto connected = co_await connect_any(loop, addresses, loop.in(1min), 250ms);

  MYNAH_CO_ASSERT(connected.ok());
  EXPECT_EQ((*connected)->peer(), listener->address());
  EXPECT_EQ(loop.now() - begin, 250ms);
}

MYNAH_TEST_CO(ConnectAny, FailsWhenAllHaveFailed) {
  const Silent silent;
  const std::vector<Address> addresses = {closed_port(loop), silent.address(), closed_port(loop)};
  const Instant begin = loop.now();

  auto connected = co_await connect_any(loop, addresses, loop.in(10s));

  MYNAH_CO_ASSERT(!connected.ok());
  EXPECT_EQ(connected.error().code, Errc::timeout);
  EXPECT_EQ(loop.now() - begin, 10s);
}

Task<> race(Loop& loop, const std::vector<Address>& addresses) {
  auto connected = co_await connect_any(loop, addresses, kNever);
  ADD_FAILURE() << "nobody answers";
}

MYNAH_TEST_CO(ConnectAny, MayBeDropped) {
  const Silent silent;
  const std::vector<Address> addresses = {silent.address(), silent.address()};

  auto winner =
      co_await any(race(loop, addresses), [](Loop& on) -> Task<> { co_await Sleep(on, 1s); }(loop));

  EXPECT_EQ(winner.index(), 1u);
}

}  // namespace
}  // namespace mynah
