// SPDX-License-Identifier: Apache-2.0
// One HTTP exchange, seen from either end, over either protocol version. A proxy handler reads top
// to bottom:
//
//   Task<> serve(http::ServerStream& down) {
//     http::ClientStreamPtr up = connection.open();
//     co_await up->send(down.request(), down.request_ended() ? End::yes : End::no);
//     // … pump(down, *up) beside it, while the answer is awaited
//     auto head = co_await up->response();
//     co_await down.respond(*head, up->response_ended() ? End::yes : End::no);
//     while (true) {
//       auto piece = co_await up->read();
//       if (!piece) co_return down.abort();
//       co_await down.write(std::move(piece->bytes), piece->end);
//       if (piece->end == End::yes) break;
//     }
//   }
//
// Rules that hold for every stream:
//
// - Heads are `Headers` with the pseudo fields first: `:method :scheme :authority :path` in a
//   request, `:status` in a response. Names are lower-case. Framing and connection fields
//   (content-length apart) belong to the codec: those of a received head have been taken out or
//   checked, those of a head to be sent are ignored and made anew. `te: trailers` and, for an
//   upgrade over HTTP/1.1, `connection`/`upgrade` are kept: see upgrade below.
// - Reading pulls: nothing is read from the peer beyond one block (HTTP/1) or one window (HTTP/2)
//   unless read() is awaited. Writing waits until the system has taken the bytes (HTTP/1) or the
//   peer's window and the connection's send queue have room (HTTP/2). That is the whole of
//   back-pressure.
// - A head, an interim head and what is written after it go out together when they are written in
//   one turn of the loop: they are held back until the turn ends, flush(), or a write() big enough
//   not to gain from waiting.
// - At most one read() and one write-side call (respond, send, write, finish, flush) wait at a
//   time; a read and a write may wait side by side. Dropping a waiting call gives up the exchange:
//   only abort() may follow.
// - A content-length that was announced is kept to: writing more is Errc::invalid_argument, ending
//   short aborts.
// - Streams live on one worker's loop and are not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/headers.h"
#include "base/result.h"
#include "base/slice.h"
#include "base/task.h"

namespace mynah::http {

// Whether what is sent or was received is the last of its message. Trailers, if any, come with the
// end.
enum class End : bool { no, yes };

enum class Version : unsigned char { http10, http11, http2 };
// "HTTP/1.0", "HTTP/1.1", "HTTP/2".
std::string_view name_of(Version version);

// The next bytes of a body. `bytes` is empty only with End::yes.
struct Piece {
  Slice bytes;
  End end = End::no;
};

// The half that both ends share: the peer's body comes in, ours goes out.
class Stream {
 public:
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // Waits for the next bytes of the peer's body. After the piece with End::yes, trailers() is
  // filled and read() is not called again. Errors: closed (the peer went away before the end),
  // timeout (it made no progress), protocol (malformed; the peer has been told), too_large (over
  // Limits::body_bytes).
  virtual Task<Result<Piece>> read() = 0;
  // True if read() would not wait now.
  [[nodiscard]] virtual bool readable() const = 0;
  // The trailers that came after the peer's body; empty before its end.
  [[nodiscard]] virtual const Headers& trailers() const = 0;

  // Sends body bytes after the head. An empty slice with End::no is allowed and sends nothing.
  // Errors: closed, timeout (the peer does not take the bytes).
  virtual Task<Status> write(Slice bytes, End end) = 0;
  // Ends our message with trailers; fields that are forbidden there, and all of them if the
  // protocol or the framing cannot carry any, are left out.
  virtual Task<Status> finish(const Headers& trailers) = 0;
  // Sends what is held back, now.
  virtual Task<Status> flush() = 0;

  // Gives the exchange up, so that the peer can tell: HTTP/2 resets the stream, HTTP/1 closes the
  // connection without the end of the message. Safe at any time, any number of times.
  virtual void abort() = 0;

  [[nodiscard]] virtual Version version() const = 0;

 protected:
  ~Stream() = default;
};

// Who is at the other end of a server's connection.
struct PeerInfo {
  std::string address;  // as text, without port: "192.0.2.1", "2001:db8::1"
  std::uint16_t port = 0;
  bool tls = false;
  std::string server_name;  // SNI; empty without TLS
};

// A request that came in. The handler's task is dropped (cancelled) when the client goes away;
// returning without having ended the response aborts the exchange. If no head was sent, the answer
// is 400, 408 or 413 after a read() that failed so, and 500 otherwise.
class ServerStream : public Stream {
 public:
  // The head of the request. The handler may change it in place or move it out. `:scheme` is http
  // or https after the listener; `host` has become `:authority`.
  [[nodiscard]] virtual Headers& request() = 0;
  // True if no body follows the head, so that read() need not be called.
  [[nodiscard]] virtual bool request_ended() const = 0;
  // The announced length of the body, if one was announced.
  [[nodiscard]] virtual std::optional<std::uint64_t> request_length() const = 0;
  // The protocol that the client offers to switch to (HTTP/1.1 `upgrade`, lower-case, one token);
  // empty if none. To accept, respond with `:status` 101 and `upgrade`: both directions are then
  // raw bytes: read() yields pieces until the client shuts down, write() sends as is, End::yes
  // shuts down our side.
  [[nodiscard]] virtual std::string_view upgrade() const = 0;

  // Sends the head of the response; `:status` 200–599, or 101 to accept an upgrade. A `100
  // (Continue)` that the client waits for is sent by the first read() before it. With End::yes
  // there is no body. For HEAD, 204 and 304 whatever is written as body is dropped.
  virtual Task<Status> respond(const Headers& head, End end) = 0;
  // Sends an interim response, `:status` 100–199 but 101. Not sent to HTTP/1.0 clients.
  virtual Task<Status> send_interim(const Headers& head) = 0;
  // True from the first respond() on.
  [[nodiscard]] virtual bool responded() const = 0;

  [[nodiscard]] virtual const PeerInfo& peer() const = 0;
  // Ends the connection after this exchange (HTTP/1: `connection: close`; HTTP/2: GOAWAY).
  virtual void close_after() = 0;

 protected:
  ~ServerStream() = default;
};

// A request that goes out on a connection of a pool.
class ClientStream : public Stream {
 public:
  // Sends the head of the request. `connection: upgrade` is made from an `upgrade` field in it
  // (HTTP/1.1 only).
  virtual Task<Status> send(const Headers& head, End end) = 0;

  // Waits for the head of the response: the final one, or 101. Interim ones are skipped;
  // on_interim() sees them first. Errors: closed, timeout, protocol, too_large (over the header
  // limits).
  virtual Task<Result<Headers>> response() = 0;
  // True if no body follows the response's head.
  [[nodiscard]] virtual bool response_ended() const = 0;
  [[nodiscard]] virtual std::optional<std::uint64_t> response_length() const = 0;

  // Tells where interim heads go; `call(whom, head)` must not wait.
  virtual void on_interim(void (*call)(void* whom, const Headers& head), void* whom) = 0;

  // After a failure: true if the origin has surely not acted on the request (refused stream, GOAWAY
  // below it, a reused connection that closed before the first byte of an answer), so that any
  // method may be sent again elsewhere.
  [[nodiscard]] virtual bool retry_is_safe() const = 0;

  // What ClientStreamPtr calls: gives the stream back to its connection, aborting it if it has not
  // ended.
  virtual void release() = 0;

 protected:
  ~ClientStream() = default;
};

struct ReleaseStream {
  void operator()(ClientStream* stream) const { stream->release(); }
};
using ClientStreamPtr = std::unique_ptr<ClientStream, ReleaseStream>;

}  // namespace mynah::http
