// SPDX-License-Identifier: Apache-2.0
// Goal: listeners take connections, say why they cannot, and neither spin nor stall when the
// process has no descriptor left. Method: loopback and Unix sockets; a child process that has few
// descriptors.
#include "aio/listener.h"

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include "aio/connect.h"
#include "aio/scope.h"
#include "aio/testing.h"

namespace mynah {
namespace {

Address loopback() { return *Address::parse("127.0.0.1:0"); }

MYNAH_TEST_CO(Listener, TellsThePortThatTheSystemChose) {
  auto listener = Listener::open(loop, loopback(), {});

  MYNAH_CO_ASSERT(listener.ok());
  EXPECT_NE((*listener)->address().port(), 0);
  co_return;
}

MYNAH_TEST_CO(Listener, AcceptsSeveralThatWait) {
  auto listener = *Listener::open(loop, loopback(), {});
  auto one = *co_await connect(loop, listener->address(), kNever);
  auto two = *co_await connect(loop, listener->address(), kNever);

  auto first = co_await listener->accept();
  auto second = co_await listener->accept();

  MYNAH_CO_ASSERT(first.ok() && second.ok());
  EXPECT_EQ((*first)->peer(), one->local());
  EXPECT_EQ((*second)->peer(), two->local());
  EXPECT_EQ((*first)->local(), listener->address());
}

MYNAH_TEST_CO(Listener, SharesItsPortWithAnother) {
  auto one = *Listener::open(loop, loopback(), {});
  auto two = Listener::open(loop, one->address(), {});

  EXPECT_TRUE(two.ok());
  co_return;
}

MYNAH_TEST_CO(Listener, SaysThatTheAddressIsInUse) {
  auto one = *Listener::open(loop, loopback(), {.shared_port = false});

  auto two = Listener::open(loop, one->address(), {});

  MYNAH_CO_ASSERT(!two.ok());
  EXPECT_EQ(two.error().code, Errc::already_exists);
  EXPECT_EQ(two.error().what,
            "listen on " + one->address().text() + ": bind: Address already in use");
  co_return;
}

MYNAH_TEST_CO(Listener, FindsAnAddressTakenThatIsShared) {
  auto one = *Listener::open(loop, loopback(), {});
  const Address address = one->address();

  EXPECT_FALSE(Listener::ensure_free(address).ok());
  one.reset();
  EXPECT_TRUE(Listener::ensure_free(address).ok());
  co_return;
}

MYNAH_TEST_CO(Listener, TakesIpv4ClientsOnEveryAddress) {
  auto listener = *Listener::open(loop, *Address::parse(":0"), {});
  auto client =
      co_await connect(loop, *Address::from_ip("127.0.0.1", listener->address().port()), kNever);
  MYNAH_CO_ASSERT(client.ok());

  auto accepted = *co_await listener->accept();

  EXPECT_EQ(accepted->peer().ip(), "127.0.0.1");
}

MYNAH_TEST_CO(Listener, OnAUnixSocketRemovesItsFile) {
  const TempFolder folder;
  const Address address = *Address::parse("unix:" + folder.file("s"));
  {
    auto listener = *Listener::open(loop, address, {});
    auto client = co_await connect(loop, address, kNever);
    EXPECT_TRUE(client.ok());
    EXPECT_TRUE((co_await listener->accept()).ok());
  }

  EXPECT_FALSE(std::filesystem::exists(folder.file("s")));
}

MYNAH_TEST_CO(Listener, TakesOverAUnixSocketThatWasLeftBehind) {
  const TempFolder folder;
  const Address address = *Address::parse("unix:" + folder.file("s"));
  const int killed = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  EXPECT_EQ(::bind(killed, address.system(), address.system_size()), 0);
  ::close(killed);

  EXPECT_TRUE(Listener::open(loop, address, {}).ok());
  co_return;
}

MYNAH_TEST_CO(Listener, LeavesAUnixSocketThatIsInUseAlone) {
  const TempFolder folder;
  const Address address = *Address::parse("unix:" + folder.file("s"));
  auto listener = *Listener::open(loop, address, {});

  auto another = Listener::open(loop, address, {});

  MYNAH_CO_ASSERT(!another.ok());
  EXPECT_EQ(another.error().code, Errc::already_exists);
  EXPECT_TRUE((co_await connect(loop, address, kNever)).ok());
}

MYNAH_TEST_CO(Listener, LeavesAFileThatIsNoSocketAlone) {
  const TempFolder folder;
  std::ofstream(folder.file("precious")) << "data";

  auto listener = Listener::open(loop, *Address::parse("unix:" + folder.file("precious")), {});

  EXPECT_FALSE(listener.ok());
  EXPECT_TRUE(std::filesystem::exists(folder.file("precious")));
  co_return;
}

Task<> accept_all(Listener& listener, std::vector<std::unique_ptr<Connection>>& accepted) {
  while (true) {
    auto connection = co_await listener.accept();
    if (!connection) co_return;
    accepted.push_back(*std::move(connection));
  }
}

MYNAH_TEST_CO(Listener, TakesManyInMoreThanOneTurn) {
  auto listener = *Listener::open(loop, loopback(), {});
  std::vector<int> clients;
  for (int i = 0; i < 200; ++i) {
    clients.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(
        ::connect(clients.back(), listener->address().system(), listener->address().system_size()),
        0);
  }
  std::vector<std::unique_ptr<Connection>> accepted;
  Scope scope(loop);
  scope.spawn(accept_all, std::ref(*listener), std::ref(accepted));

  co_await Sleep(loop, 1s);

  EXPECT_EQ(accepted.size(), 200u);
  for (const int client : clients) ::close(client);
}

// Of a process that has no descriptor left: connections are closed, the loop rests between, and the
// next ones are taken when there are descriptors again.
Task<int> outlive_exhaustion(Loop& loop) {
  auto listener = *Listener::open(loop, loopback(), {});
  const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int late = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const rlim_t enough = limit.rlim_cur;
  limit.rlim_cur = static_cast<rlim_t>(late) + 1;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  if (::connect(client, listener->address().system(), listener->address().system_size()) != 0) {
    co_return 1;
  }
  const Instant begin = loop.now();
  const auto refused = co_await listener->accept();
  if (refused.ok() || refused.error().code != Errc::exhausted) co_return 2;
  if (listener->turned_away() != 1) co_return 3;
  if (loop.now() - begin < 100ms) co_return 4;
  char byte = 0;
  if (::recv(client, &byte, 1, 0) != 0) co_return 5;

  limit.rlim_cur = enough;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  if (::connect(late, listener->address().system(), listener->address().system_size()) != 0) {
    co_return 6;
  }
  if (!(co_await listener->accept()).ok()) co_return 7;
  co_return 0;
}

TEST(Listener, RestsAndRecoversWhenDescriptorsRunOut) {
  const pid_t child = ::fork();
  if (child == 0) {
    SimulatedClock clock;
    auto loop = *Loop::create(clock);
    ::_exit(run_task(*loop, outlive_exhaustion(*loop)));
  }

  int status = 0;
  ::waitpid(child, &status, 0);

  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace mynah
