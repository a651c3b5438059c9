// SPDX-License-Identifier: Apache-2.0
// Connection: a connected stream socket, plain or TLS, on one loop.
//
//   auto got = co_await connection.read(room, deadline);      // Result<size_t>; 0 is the end of the stream
//   auto sent = co_await connection.write(pieces, deadline);  // Status; all bytes or an error
//
// Operations try at once and suspend only when they must; a deadline of kNever sets no timer. At most one read and one
// write wait at a time. An operation that is dropped while it waits is cancelled: a read has taken nothing; after a write
// an unknown part is sent, so the connection is good for nothing but closing.
#pragma once

#include <sys/uio.h>

#include <coroutine>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "aio/address.h"
#include "aio/loop.h"
#include "base/result.h"

namespace mynah {

class TlsSession;

class Connection final {
 public:
  // Takes the descriptor, which must be connected (or connecting) and non-blocking. `peer` is who is on the other side.
  static Result<std::unique_ptr<Connection>> adopt(Loop& loop, int descriptor, Address peer);
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
  // Reads what there is, at least one byte.
  [[nodiscard]] Read read(std::span<char> room, Instant deadline);
  // Writes all pieces. The pieces' memory, not the array of them, must stay until the operation ends.
  [[nodiscard]] Write write(std::span<const iovec> pieces, Instant deadline);
  [[nodiscard]] Write write(std::string_view bytes, Instant deadline);
  // Waits until there is something to read, without taking it.
  [[nodiscard]] Ready readable(Instant deadline);

  // Without waiting: bytes read; 0 at the end of the stream; nothing when one would have to wait.
  std::optional<Result<std::size_t>> try_read(std::span<char> room);
  // Without waiting: how many bytes were taken, possibly 0.
  Result<std::size_t> try_write(std::span<const iovec> pieces);

  // Tells the watcher once when the peer has closed its side or the connection broke; at the next turn when it has
  // already. nullptr takes the watcher away.
  void watch_hangup(HangupWatcher* watcher);
  [[nodiscard]] bool peer_closed() const { return readiness_.peer_closed; }
  [[nodiscard]] bool broken() const { return readiness_.broken; }

  // Sends the end of our side; reading goes on.
  void shut_write();
  // Makes closing send a reset, so that the peer learns that the stream was cut and not ended.
  void reset_on_close();

 private:
  friend class ConnectionWait;

  Connection(Loop& loop, int descriptor, Address peer);

  std::optional<Result<std::size_t>> try_read_plain(std::span<char> room);
  Result<std::size_t> try_write_plain(std::span<const iovec> pieces);
  void tell_hangup();

  Loop& loop_;
  int descriptor_;
  Address peer_;
  Readiness readiness_;
  std::unique_ptr<TlsSession> tls_;
  Soon hangup_{[](void* self) { static_cast<Connection*>(self)->tell_hangup(); }, this};
};

// What the waiting operations share: hooking into the connection's readiness, the timer, the coroutine to resume.
class ConnectionWait : protected ReadinessWaiter {
 public:
  ConnectionWait(ConnectionWait&&) = delete;

  bool await_ready() { return attempt(); }
  void await_suspend(std::coroutine_handle<> awaiter);

 protected:
  enum class Direction : unsigned char { read, write };

  ConnectionWait(Connection& connection, Direction direction, Instant deadline);
  ~ConnectionWait() { unhook(); }

  // Goes on as far as possible; true when the operation has ended.
  virtual bool attempt() = 0;
  [[nodiscard]] static Readiness& readiness_of(Connection& connection) { return connection.readiness_; }

  Connection& connection_;
  bool timed_out_ = false;

 private:
  static void expired(void* self);
  void on_ready() final;
  void hook();
  void unhook();

  ReadinessWaiter*& slot_;
  Instant deadline_;
  Timer timer_;
  std::coroutine_handle<> awaiter_;
};

class [[nodiscard]] Connection::Read final : public ConnectionWait {
 public:
  Read(Connection& connection, std::span<char> room, Instant deadline)
      : ConnectionWait(connection, Direction::read, deadline), room_(room) {}

  Result<std::size_t> await_resume();

 private:
  bool attempt() override;

  std::span<char> room_;
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
  Ready(Connection& connection, Instant deadline) : ConnectionWait(connection, Direction::read, deadline) {}

  Status await_resume();

 private:
  bool attempt() override;
};

inline Connection::Read Connection::read(std::span<char> room, Instant deadline) { return {*this, room, deadline}; }
inline Connection::Write Connection::write(std::span<const iovec> pieces, Instant deadline) {
  return {*this, pieces, deadline};
}
inline Connection::Write Connection::write(std::string_view bytes, Instant deadline) {
  const iovec piece{const_cast<char*>(bytes.data()), bytes.size()};
  return {*this, std::span(&piece, 1), deadline};
}
inline Connection::Ready Connection::readable(Instant deadline) { return {*this, deadline}; }

}  // namespace mynah
