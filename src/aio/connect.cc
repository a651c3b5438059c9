// SPDX-License-Identifier: Apache-2.0
// Non-blocking connect, and the race of several.
#include "aio/connect.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>
#include <netinet/in.h>
#include <optional>
#include <utility>

#include "aio/event.h"
#include "aio/scope.h"

namespace mynah {
namespace {

using Connected = Result<std::unique_ptr<Connection>>;

// Waits until the connect has ended, well or badly: the socket is writable then.
class [[nodiscard]] ConnectEnd final : public ConnectionWait {
 public:
  ConnectEnd(Connection& connection, Instant deadline)
      : ConnectionWait(connection, Direction::write, deadline) {}

  // The system's error number, 0 for success.
  int await_resume() { return timed_out_ ? ETIMEDOUT : pending_error_of(connection_); }

 private:
  bool attempt() override { return readiness_of(connection_).writable; }
};

Error refused(const Address& address, int reason) {
  Errc code = Errc::unavailable;
  if (reason == ETIMEDOUT) code = Errc::timeout;
  if (reason == EMFILE || reason == ENFILE || reason == EADDRNOTAVAIL) code = Errc::exhausted;
  return {code, "connect to " + address.text() + ": " + std::strerror(reason)};
}

// Where the attempts of connect_any report.
struct Race {
  explicit Race(Loop& loop) : news(loop) {}

  std::unique_ptr<Connection> winner;
  std::optional<Error> last_failure;
  std::size_t failed = 0;
  Event news;  // An attempt has ended.
};

Task<> attempt(Loop& loop, const Address& address, Instant deadline, Race& race) {
  auto connected = co_await connect(loop, address, deadline);
  if (!connected) {
    race.last_failure = std::move(connected).error();
    ++race.failed;
  } else if (race.winner == nullptr) {
    race.winner = *std::move(connected);
  }
  race.news.set();
}

std::vector<Address> alternating(const std::vector<Address>& addresses) {
  std::vector<Address> v6;
  std::vector<Address> others;
  for (const Address& address : addresses)
    (address.family() == AF_INET6 ? v6 : others).push_back(address);
  std::vector<Address> mixed;
  for (std::size_t i = 0; i < std::max(v6.size(), others.size()); ++i) {
    if (i < v6.size()) mixed.push_back(v6[i]);
    if (i < others.size()) mixed.push_back(others[i]);
  }
  return mixed;
}

}  // namespace

Task<Connected> connect(Loop& loop, const Address& address, Instant deadline) {
  const int descriptor = ::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) co_return refused(address, errno);
  int begun = ::connect(descriptor, address.system(), address.system_size()) == 0 ? 0 : errno;
  // A connect that a signal interrupts goes on all the same.
  if (begun == EINTR) begun = EINPROGRESS;
  const auto phase = begun == 0 ? Connection::Phase::connected : Connection::Phase::connecting;
  MYNAH_CO_LET(auto connection, Connection::adopt(loop, descriptor, address, phase));
  const int reason = begun == EINPROGRESS ? co_await ConnectEnd(*connection, deadline) : begun;
  if (reason != 0) co_return refused(address, reason);
  co_return std::move(connection);
}

Task<Connected> connect_any(Loop& loop, const std::vector<Address>& addresses, Instant deadline,
                            Duration head_start) {
  if (addresses.empty()) co_return Error{Errc::not_found, "there is no address to connect to"};
  if (addresses.size() == 1) co_return co_await connect(loop, addresses.front(), deadline);
  const std::vector<Address> order = alternating(addresses);
  Race race(loop);
  Scope attempts(loop);
  std::size_t begun = 0;
  while (race.winner == nullptr && race.failed < order.size()) {
    if (begun < order.size()) {
      attempts.spawn(attempt, std::ref(loop), order[begun++], deadline, std::ref(race));
    }
    // Until an attempt has ended, or the time for the next one has come.
    co_await race.news.wait(begun < order.size() ? loop.in(head_start) : kNever);
  }
  if (race.winner != nullptr) co_return std::move(race.winner);
  co_return *std::move(race.last_failure);
}

}  // namespace mynah
