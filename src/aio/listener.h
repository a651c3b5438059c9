// SPDX-License-Identifier: Apache-2.0
// Listener: a socket that takes connections. Each worker opens its own on the same address
// (SO_REUSEPORT), and the kernel spreads connections over them.
//
//   while (true) {
//     auto accepted = co_await listener.accept();   // Result<std::unique_ptr<Connection>>
//
// When the process runs out of descriptors, accept() gives up a spare one that it keeps for this
// case to take the next connection and close it at once, so the queue cannot make the loop spin;
// then it rests before it tries again.
#pragma once

#include <coroutine>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "aio/address.h"
#include "aio/connection.h"
#include "aio/loop.h"

namespace mynah {

struct ListenOptions {
  int backlog = 1024;
  bool shared_port = true;  // Other sockets of this process may listen on the same address.
  bool only_v6 = false;
};

class Listener final {
 public:
  static Result<std::unique_ptr<Listener>> open(Loop& loop, const Address& address,
                                                const ListenOptions& options);
  ~Listener();
  Listener(Listener&&) = delete;

  // Whether nobody listens on the address, be it with a shared port. For a program's start:
  // listeners with a shared port would join those of another process that runs already, and share
  // its connections.
  static Status ensure_free(const Address& address);

  // The address it listens on, with the port that the system chose for port 0.
  [[nodiscard]] const Address& address() const { return address_; }

  class Accept;
  // The next connection. An error means that the system had no means to take one (Errc::exhausted:
  // connections were turned away); it comes after a rest, and the next call works again.
  [[nodiscard]] Accept accept();

  // At most so many connections are taken in one turn of the loop.
  static constexpr std::uint32_t kAcceptsPerTurn = 64;
  // The connections that wait to be accepted, without waiting for more: before closing, since
  // closing resets them.
  std::vector<std::unique_ptr<Connection>> take_waiting();

  // Connections turned away for lack of descriptors.
  [[nodiscard]] std::uint64_t turned_away() const { return turned_away_; }

 private:
  Listener(Loop& loop, int descriptor, Address address);
  Status bind(const ListenOptions& options);
  std::optional<Result<std::unique_ptr<Connection>>> try_accept();
  Error turn_away(int reason);

  Loop& loop_;
  int descriptor_;
  int spare_;
  Address address_;
  bool bound_ = false;
  Readiness readiness_;
  std::uint64_t turned_away_ = 0;
  std::uint64_t turn_ = 0;
  std::uint32_t accepted_ = 0;  // In that turn.
};

class [[nodiscard]] Listener::Accept final : private ReadinessWaiter {
 public:
  explicit Accept(Listener& listener)
      : listener_(listener), timer_(&Accept::rested, this), soon_(&Accept::next_turn, this) {}
  Accept(Accept&&) = delete;
  ~Accept() { unhook(); }

  bool await_ready() { return attempt(); }
  void await_suspend(std::coroutine_handle<> awaiter);
  Result<std::unique_ptr<Connection>> await_resume() { return *std::move(outcome_); }

 private:
  static void rested(void* self);
  static void next_turn(void* self);
  void on_ready() override;
  bool attempt();
  [[nodiscard]] bool failed() const { return outcome_.has_value() && !outcome_->ok(); }
  void rest();
  void unhook();

  Listener& listener_;
  Timer timer_;
  Soon soon_;
  std::coroutine_handle<> awaiter_;
  std::optional<Result<std::unique_ptr<Connection>>> outcome_;
};

inline Listener::Accept Listener::accept() { return Accept(*this); }

}  // namespace mynah
