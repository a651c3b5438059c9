// SPDX-License-Identifier: Apache-2.0
// Non-blocking connect, and the race of several.
#include "aio/connect.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <functional>
#include <optional>
#include <utility>

#include "aio/scope.h"

namespace mynah {
namespace {

using Connected = Result<std::unique_ptr<Connection>>;

// Waits until the socket is writable, which is when a connect has ended, well or badly.
class Writable final : private ReadinessWaiter {
 public:
  Writable(Loop& loop, Readiness& readiness, Instant deadline)
      : loop_(loop), readiness_(readiness), deadline_(deadline), timer_(&Writable::expired, this) {}
  Writable(Writable&&) = delete;
  ~Writable() {
    if (readiness_.writer == this) readiness_.writer = nullptr;
  }

  bool await_ready() const { return readiness_.writable; }
  void await_suspend(std::coroutine_handle<> awaiter) {
    awaiter_ = awaiter;
    readiness_.writer = this;
    timer_.arm(loop_.timers(), deadline_);
  }
  // Whether it became writable in time.
  bool await_resume() const { return readiness_.writable; }

 private:
  void on_ready() override {
    if (!readiness_.writable) return;
    readiness_.writer = nullptr;
    timer_.disarm();
    awaiter_.resume();
  }
  static void expired(void* self) { static_cast<Writable*>(self)->awaiter_.resume(); }

  Loop& loop_;
  Readiness& readiness_;
  Instant deadline_;
  Timer timer_;
  std::coroutine_handle<> awaiter_;
};

struct Descriptor {
  int number = -1;
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
};

Error refused(const Address& address, int reason) {
  return {reason == ETIMEDOUT ? Errc::timeout : Errc::unavailable,
          "connect to " + address.text() + ": " + std::strerror(reason)};
}

// Resumes its awaiter when an attempt has ended or when the time for the next one has come.
class NextEvent final {
 public:
  NextEvent(Loop& loop, Instant until) : loop_(loop), until_(until), timer_(&NextEvent::wake, this), soon_(&NextEvent::wake, this) {}
  bool await_ready() const { return told_; }
  void await_suspend(std::coroutine_handle<> awaiter) {
    awaiter_ = awaiter;
    timer_.arm(loop_.timers(), until_);
  }
  void await_resume() const {}

  // Resumption is put off to the loop, since the attempt that tells us must not be destroyed by it.
  void tell() {
    told_ = true;
    if (!awaiter_) return;
    timer_.disarm();
    soon_.schedule(loop_);
  }

 private:
  static void wake(void* self) { static_cast<NextEvent*>(self)->awaiter_.resume(); }

  Loop& loop_;
  Instant until_;
  bool told_ = false;
  std::coroutine_handle<> awaiter_;
  Timer timer_;
  Soon soon_;
};

// Where the attempts of connect_any report.
struct Race {
  std::unique_ptr<Connection> winner;
  std::optional<Error> last_failure;
  std::size_t failed = 0;
  NextEvent* waiting = nullptr;
};

Task<> attempt(Loop& loop, const Address& address, Instant deadline, Race& race) {
  auto connected = co_await connect(loop, address, deadline);
  if (!connected) {
    race.last_failure = std::move(connected).error();
    ++race.failed;
  } else if (race.winner == nullptr) {
    race.winner = *std::move(connected);
  }
  if (race.waiting != nullptr) race.waiting->tell();
}

std::vector<Address> alternating(const std::vector<Address>& addresses) {
  std::vector<Address> v6;
  std::vector<Address> others;
  for (const Address& address : addresses) (address.family() == AF_INET6 ? v6 : others).push_back(address);
  std::vector<Address> mixed;
  for (std::size_t i = 0; i < std::max(v6.size(), others.size()); ++i) {
    if (i < v6.size()) mixed.push_back(v6[i]);
    if (i < others.size()) mixed.push_back(others[i]);
  }
  return mixed;
}

}  // namespace

Task<Connected> connect(Loop& loop, const Address& address, Instant deadline) {
  Descriptor descriptor{::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (descriptor.number < 0) co_return Error{Errc::exhausted, std::string("socket: ") + std::strerror(errno)};
  if (::connect(descriptor.number, address.system(), address.system_size()) != 0) {
    if (errno != EINPROGRESS) co_return refused(address, errno);
    Readiness readiness;
    MYNAH_CO_OK(readiness.watch(loop, descriptor.number));
    const bool ended = co_await Writable(loop, readiness, deadline);
    if (!ended) co_return Error{Errc::timeout, "connect to " + address.text() + ": no answer in time"};
    int reason = 0;
    socklen_t size = sizeof reason;
    ::getsockopt(descriptor.number, SOL_SOCKET, SO_ERROR, &reason, &size);
    if (reason != 0) co_return refused(address, reason);
  }
  auto connection = Connection::adopt(loop, descriptor.number, address);
  if (connection) descriptor.number = -1;
  co_return connection;
}

Task<Connected> connect_any(Loop& loop, const std::vector<Address>& addresses, Instant deadline, Duration head_start) {
  if (addresses.empty()) co_return Error{Errc::not_found, "there is no address to connect to"};
  if (addresses.size() == 1) co_return co_await connect(loop, addresses.front(), deadline);
  const std::vector<Address> order = alternating(addresses);
  Race race;
  Scope attempts(loop);
  std::size_t begun = 0;
  while (race.winner == nullptr && race.failed < order.size()) {
    if (begun < order.size()) attempts.spawn(attempt, std::ref(loop), order[begun++], deadline, std::ref(race));
    if (race.winner != nullptr || race.failed == begun) continue;
    NextEvent next(loop, begun < order.size() ? loop.now() + head_start : kNever);
    race.waiting = &next;
    co_await next;
    race.waiting = nullptr;
  }
  if (race.winner != nullptr) co_return std::move(race.winner);
  co_return *std::move(race.last_failure);
}

}  // namespace mynah
