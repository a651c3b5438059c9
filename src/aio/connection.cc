// SPDX-License-Identifier: Apache-2.0
// Reading and writing a socket, edge-triggered: the readiness flags say whether a system call is
// worth making, and a short read or write clears them, since the kernel then has no more bytes or
// room until it tells so by an event. TLS goes through the same two functions (aio/tls.cc), so all
// this holds for it, too.
#include "aio/connection.h"

#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <utility>

#include "aio/tls.h"

namespace mynah {
namespace {

Error socket_error(std::string_view action, int reason) {
  const Errc code = reason == ECONNRESET || reason == EPIPE ? Errc::closed : Errc::unavailable;
  return {code, std::string(action) + ": " + std::strerror(reason)};
}

std::size_t total(std::span<const iovec> pieces) {
  std::size_t bytes = 0;
  for (const iovec& piece : pieces) bytes += piece.iov_len;
  return bytes;
}

// The library's functions are points at which a thread can be cancelled, which costs more than
// anything else on the way to the system; nobody cancels threads here.
ssize_t receive(int descriptor, void* room, std::size_t size, int flags) {
  return ::syscall(SYS_recvfrom, descriptor, room, size, flags, nullptr, nullptr);
}

// One piece, which is what most writes have, costs the system less to take than a list.
ssize_t send_pieces(int descriptor, std::span<const iovec> pieces) {
  if (pieces.size() == 1) {
    const iovec& piece = pieces.front();
    return ::syscall(SYS_sendto, descriptor, piece.iov_base, piece.iov_len, MSG_NOSIGNAL, nullptr,
                     0);
  }
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces.data());
  message.msg_iovlen = pieces.size();
  return ::syscall(SYS_sendmsg, descriptor, &message, MSG_NOSIGNAL);
}

// Drops the first `count` bytes of the pieces, and pieces that are empty then.
void drop_front(std::span<iovec>& pieces, std::size_t count) {
  while (!pieces.empty() && count >= pieces.front().iov_len) {
    count -= pieces.front().iov_len;
    pieces = pieces.subspan(1);
  }
  if (count == 0) return;
  pieces.front().iov_base = static_cast<char*>(pieces.front().iov_base) + count;
  pieces.front().iov_len -= count;
}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::adopt(Loop& loop, int descriptor, Address peer,
                                                      Phase phase) {
  std::unique_ptr<Connection> connection(
      new Connection(loop, descriptor, std::move(peer)));  // tidy: allow new: private constructor
  if (connection->peer_.is_ip()) {
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  MYNAH_OK(connection->readiness_.watch(loop, descriptor));
  // A fresh connection has room to write: it need not wait a turn to be told so.
  connection->readiness_.writable = phase == Phase::connected;
  return connection;
}

Connection::Connection(Loop& loop, int descriptor, Address peer)
    : loop_(loop), descriptor_(descriptor), peer_(std::move(peer)) {}

Connection::~Connection() {
  // The session may still write its farewell.
  tls_.reset();
  readiness_.forget();
  ::close(descriptor_);
}

Address Connection::local() const {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  ::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&storage), &size);
  return Address::from_system(storage, size);
}

void Connection::set_tls(std::unique_ptr<TlsSession> session) {
  session->attach(*this);
  tls_ = std::move(session);
}

void Connection::shut_write() {
  if (tls_ != nullptr) tls_->close_notify();
  ::shutdown(descriptor_, SHUT_WR);
}

void Connection::shut() { ::shutdown(descriptor_, SHUT_RDWR); }

void Connection::reset_on_close() {
  if (tls_ != nullptr) tls_->omit_farewell();
  const linger now{1, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

int Connection::pending_error() const {
  int reason = 0;
  socklen_t size = sizeof reason;
  ::getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &reason, &size);
  return reason;
}

bool Connection::overdrawn() {
  if (turn_ != loop_.turn_number()) {
    turn_ = loop_.turn_number();
    operations_ = 0;
  }
  return ++operations_ > kOperationsPerTurn;
}

void Connection::watch_hangup(HangupWatcher* watcher) {
  readiness_.watcher = watcher;
  hangup_.cancel();
  if (watcher != nullptr && readiness_.peer_closed) hangup_.schedule(loop_);
}

void Connection::tell_hangup() {
  if (readiness_.watcher != nullptr) std::exchange(readiness_.watcher, nullptr)->on_hangup();
}

std::optional<Result<std::size_t>> Connection::try_read(std::span<char> room) {
  MYNAH_CHECK(!room.empty());  // Nothing read would look like the end of the stream.
  if (tls_ == nullptr) return try_read_plain(room);
  return tls_->try_read(room, TlsSession::Take::yes);
}

Result<std::size_t> Connection::try_write(std::span<const iovec> pieces) {
  if (tls_ == nullptr) return try_write_plain(pieces);
  return tls_->try_write(pieces);
}

bool Connection::has_arrivals() const {
  if (tls_ != nullptr && tls_->pending()) return true;
  char byte = 0;
  return receive(descriptor_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

bool Connection::has_input() {
  char byte = 0;
  if (tls_ != nullptr) return tls_->try_read(std::span(&byte, 1), TlsSession::Take::no).has_value();
  while (readiness_.readable) {
    if (receive(descriptor_, &byte, 1, MSG_PEEK) >= 0) return true;
    if (errno == EAGAIN) readiness_.readable = false;
    if (errno != EAGAIN && errno != EINTR) return true;
  }
  return false;
}

std::optional<Result<std::size_t>> Connection::try_read_plain(std::span<char> room) {
  while (readiness_.readable) {
    const ssize_t got = receive(descriptor_, room.data(), room.size(), 0);
    if (got >= 0) {
      // A short read has drained the socket, unless the end of the stream is what comes next.
      if (static_cast<std::size_t>(got) < room.size() && !readiness_.peer_closed)
        readiness_.readable = false;
      return static_cast<std::size_t>(got);
    }
    if (errno == EAGAIN) readiness_.readable = false;
    if (errno != EAGAIN && errno != EINTR) return socket_error("read", errno);
  }
  return std::nullopt;
}

Result<std::size_t> Connection::try_write_plain(std::span<const iovec> pieces) {
  while (readiness_.writable) {
    const ssize_t sent = send_pieces(descriptor_, pieces);
    if (sent >= 0) {
      if (static_cast<std::size_t>(sent) < total(pieces)) readiness_.writable = false;
      return static_cast<std::size_t>(sent);
    }
    if (errno == EAGAIN) readiness_.writable = false;
    if (errno != EAGAIN && errno != EINTR) return socket_error("write", errno);
  }
  return std::size_t{0};
}

ConnectionWait::ConnectionWait(Connection& connection, Direction direction, Instant deadline)
    : connection_(connection),
      slot_(direction == Direction::read ? connection.readiness_.reader
                                         : connection.readiness_.writer),
      deadline_(deadline),
      timer_(&ConnectionWait::expired, this),
      soon_(&ConnectionWait::next_turn, this) {}

void ConnectionWait::await_suspend(std::coroutine_handle<> awaiter) {
  MYNAH_CHECK(slot_ == nullptr);
  slot_ = this;
  awaiter_ = awaiter;
  timer_.arm(connection_.loop().timers(), deadline_);
  if (lets_turn_pass_) soon_.schedule(connection_.loop());
}

void ConnectionWait::unhook() {
  if (slot_ == this) slot_ = nullptr;
}

void ConnectionWait::on_ready() {
  if (!attempt()) return;
  unhook();
  timer_.disarm();
  soon_.cancel();
  awaiter_.resume();
}

void ConnectionWait::next_turn(void* self) { static_cast<ConnectionWait*>(self)->on_ready(); }

void ConnectionWait::expired(void* self) {
  auto& wait = *static_cast<ConnectionWait*>(self);
  wait.unhook();
  wait.soon_.cancel();
  wait.timed_out_ = true;
  wait.awaiter_.resume();
}

bool Connection::Read::attempt() {
  outcome_ = connection_.try_read(room_);
  return outcome_.has_value();
}

Result<std::size_t> Connection::Read::await_resume() {
  if (timed_out_) return Error{Errc::timeout, "nothing came in time"};
  return *std::move(outcome_);
}

Connection::Write::Write(Connection& connection, std::span<const iovec> pieces, Instant deadline)
    : ConnectionWait(connection, Direction::write, deadline) {
  MYNAH_CHECK(pieces.size() <= kPiecesMax);
  std::copy(pieces.begin(), pieces.end(), pieces_);
  left_ = std::span(pieces_, pieces.size());
}

bool Connection::Write::attempt() {
  drop_front(left_, 0);
  while (!left_.empty()) {
    auto sent = connection_.try_write(left_);
    if (!sent) {
      failure_ = std::move(sent).error();
      return true;
    }
    if (*sent == 0) return false;
    drop_front(left_, *sent);
  }
  return true;
}

Status Connection::Write::await_resume() {
  if (timed_out_) return Error{Errc::timeout, "the peer took nothing in time"};
  if (failure_) return *std::move(failure_);
  return ok();
}

bool Connection::Ready::attempt() { return connection_.has_input(); }

Status Connection::Ready::await_resume() {
  if (timed_out_) return Error{Errc::timeout, "nothing came in time"};
  return ok();
}

}  // namespace mynah
