// SPDX-License-Identifier: Apache-2.0
// Connection: a connected stream socket, plain or TLS, on one loop.
//
//   auto got = co_await connection.read(room, deadline);      // Result<size_t>; 0 is the end of
//   the stream auto sent = co_await connection.write(pieces, deadline);  // Status; all bytes or an
//   error
//
// Operations try at once and suspend only when they must; a deadline of kNever sets no timer. At
// most one read and one write wait at a time. An operation that is dropped while it waits is
// cancelled: a read has taken nothing; after a write an unknown part is sent, so the connection is
// good for nothing but closing.
//
// A peer that always has more to say cannot keep the loop: after kOperationsPerTurn operations that
// did not have to wait the next one lets a turn pass.
#pragma once

#include <coroutine>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <sys/uio.h>

#include "aio/address.h"
#include "aio/loop.h"
#include "base/result.h"

namespace mynah {

class TlsSession;

class Connection final {
 public:
  enum class Phase : unsigned char { connected, connecting };
  static constexpr std::uint32_t kOperationsPerTurn = 64;

  // Takes the descriptor, which must be non-blocking; closes it when it fails. `peer` is who is on
  // the other side.
  static Result<std::unique_ptr<Connection>> adopt(Loop& loop, int descriptor, Address peer,
                                                   Phase phase = Phase::connected);
  ~Connection();
  Connection(Connection&&) = delete;

  [[nodiscard]] Loop& loop() const { return loop_; }
  [[nodiscard]] const Address& peer() const { return peer_; }
  [[nodiscard]] Address local() const;
  // The TLS session, once one was begun (aio/tls.h).
  [[nodiscard]] TlsSession* tls() const { return tls_.get(); }
  void set_tls(std::unique_ptr<TlsSession> session);

  class Read;
  class Write;
  class Ready;
  // Reads what there is, at least one byte. Room for none is a bug of the caller's.
  [[nodiscard]] Read read(std::span<char> room, Instant deadline);
  // Writes all pieces. The pieces' memory, not the array of them, must stay until the operation
  // ends.
  [[nodiscard]] Write write(std::span<const iovec> pieces, Instant deadline);
  [[nodiscard]] Write write(std::string_view bytes, Instant deadline);
  // Waits until there is something to read, be it the end of the stream or an error, without taking
  // it.
  [[nodiscard]] Ready readable(Instant deadline);

  // Whether bytes have arrived, also those that no event has told of yet: it asks the system.
  [[nodiscard]] bool has_arrivals() const;
  // Without waiting: bytes read; 0 at the end of the stream; nothing when one would have to wait.
  std::optional<Result<std::size_t>> try_read(std::span<char> room);
  // Without waiting: how many bytes were taken, possibly 0. What was not taken must be offered
  // again, unchanged, first.
  Result<std::size_t> try_write(std::span<const iovec> pieces);

  // Tells the watcher once when the peer has closed its side or the connection broke; at the next
  // turn when it has already. nullptr takes the watcher away.
  void watch_hangup(HangupWatcher* watcher);
  [[nodiscard]] bool peer_closed() const { return readiness_.peer_closed; }
  [[nodiscard]] bool broken() const { return readiness_.broken; }

  // Sends the end of our side; reading goes on.
  void shut_write();
  // Ends both directions; whoever waits to read or to write is woken.
  void shut();
  // Makes closing send a reset and no TLS farewell, so that the peer learns that the stream was cut
  // and not ended.
  void reset_on_close();

 private:
  friend class ConnectionWait;
  friend class TlsSession;

  Connection(Loop& loop, int descriptor, Address peer);

  // Counts an operation; true when it is one too many for this turn.
  bool overdrawn();
  // Whether a read would end at once.
  bool has_input();
  [[nodiscard]] int pending_error() const;

  std::optional<Result<std::size_t>> try_read_plain(std::span<char> room);
  Result<std::size_t> try_write_plain(std::span<const iovec> pieces);
  void tell_hangup();

  Loop& loop_;
  int descriptor_;
  Address peer_;
  Readiness readiness_;
  std::uint64_t turn_ = 0;
  std::uint32_t operations_ = 0;  // In that turn.
  std::unique_ptr<TlsSession> tls_;
  Soon hangup_{[](void* self) { static_cast<Connection*>(self)->tell_hangup(); }, this};
};

// What the waiting operations share: hooking into the connection's readiness, the timer, the
// coroutine to resume.
class ConnectionWait : protected ReadinessWaiter {
 public:
  ConnectionWait(ConnectionWait&&) = delete;

  bool await_ready() {
    lets_turn_pass_ = connection_.overdrawn();
    return !lets_turn_pass_ && attempt();
  }
  void await_suspend(std::coroutine_handle<> awaiter);

 protected:
  enum class Direction : unsigned char { read, write };

  ConnectionWait(Connection& connection, Direction direction, Instant deadline);
  ~ConnectionWait() { unhook(); }

  // Goes on as far as possible; true when the operation has ended.
  virtual bool attempt() = 0;
  [[nodiscard]] static Readiness& readiness_of(Connection& connection) {
    return connection.readiness_;
  }
  [[nodiscard]] static int pending_error_of(const Connection& connection) {
    return connection.pending_error();
  }

  Connection& connection_;
  bool timed_out_ = false;

 private:
  static void expired(void* self);
  static void next_turn(void* self);
  void on_ready() final;
  void unhook();

  bool lets_turn_pass_ = false;
  ReadinessWaiter*& slot_;
  Instant deadline_;
  Timer timer_;
  Soon soon_;
  std::coroutine_handle<> awaiter_;
};

class [[nodiscard]] Connection::Read final : public ConnectionWait {
 public:
  Read(Connection& connection, std::span<char> room, Instant deadline)
      : ConnectionWait(connection, Direction::read, deadline), room_(room) {}

  Result<std::size_t> await_resume();

 private:
  bool attempt() override;

  const std::span<char> room_;
  std::optional<Result<std::size_t>> outcome_;
};

class [[nodiscard]] Connection::Write final : public ConnectionWait {
 public:
  static constexpr std::size_t kPiecesMax = 8;

  // More than kPiecesMax pieces are a bug of the caller's.
  Write(Connection& connection, std::span<const iovec> pieces, Instant deadline);

  Status await_resume();

 private:
  bool attempt() override;

  iovec pieces_[kPiecesMax];
  std::span<iovec> left_;
  std::optional<Error> failure_;
};

class [[nodiscard]] Connection::Ready final : public ConnectionWait {
 public:
  Ready(Connection& connection, Instant deadline)
      : ConnectionWait(connection, Direction::read, deadline) {}

  Status await_resume();

 private:
  bool attempt() override;
};

inline Connection::Read Connection::read(std::span<char> room, Instant deadline) {
  return {*this, room, deadline};
}
inline Connection::Write Connection::write(std::span<const iovec> pieces, Instant deadline) {
  return {*this, pieces, deadline};
}
inline Connection::Write Connection::write(std::string_view bytes, Instant deadline) {
  const iovec piece{const_cast<char*>(bytes.data()), bytes.size()};  // The system only reads it.
  return {*this, std::span(&piece, 1), deadline};
}
inline Connection::Ready Connection::readable(Instant deadline) { return {*this, deadline}; }

}  // namespace mynah
