// SPDX-License-Identifier: Apache-2.0
// Exchange: one request and its response, as a plug-in sees them, from the first header to the last
// byte.
//
//   Task<> serve(const Config& config, Exchange& x) {
//     // The request's headers are here from the start.
//     x.request().set_header("x-greeting", config.greeting);
//     // The rest of the chain and the upstream; then the response's headers are here.
//     Response& response = co_await x.next();
//     response.set_header("x-seen", "yes");
//     // Its body, while it streams to the client.
//     while (auto piece = co_await response.next_piece()) ...
//   }
//
// What moves on, and when:
// - The request waits until the plug-in calls next(), reads on in its body, replies, or ends. The
//   response, once it is here, waits until the plug-in reads on in it, calls pass(), or ends.
// - A plug-in may wait for anything at any point, also between two pieces of a body. What arrives
//   meanwhile is kept by the host and comes afterwards, in order.
// - A plug-in that ends leaves what it has not handled untouched. One that ends before next() lets
//   the chain go on.
// - When the response's last byte has gone, the plug-in may still wait for things: nobody waits for
//   it.
// - When the client or the upstream goes away in the middle, a plug-in that is reading the response
//   sees it end with complete() false. A plug-in that waits for anything else is cancelled: its
//   destructors run, and nothing more.
//
// next() is the name because it is the rest of the chain, other plug-ins first, that comes next;
// what is forwarded to the upstream is decided behind it.
//
// Everything here belongs to one exchange and lives as long as `serve` runs for it.
#pragma once

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "abi/abi.h"
#include "base/headers.h"
#include "base/json.h"
#include "base/result.h"
#include "base/task.h"
#include "mynah/bytes.h"
#include "mynah/sse.h"

namespace mynah {
inline namespace plugin {

class Exchange;
class Message;
class Response;
namespace inner {
class PieceWait;
class Runtime;
}  // namespace inner

// A piece of a body, on its way through. It may be changed until the next one is asked for.
class Piece final {
 public:
  [[nodiscard]] std::string_view text() const [[clang::lifetimebound]] { return bytes_; }
  // What goes on in its place; nothing, when empty. The message must have been told by
  // will_rewrite().
  void replace(std::string_view bytes);

 private:
  friend class inner::PieceWait;
  Piece(Bytes bytes, Message& message, std::uint32_t turn)
      : bytes_(std::move(bytes)), message_(&message), turn_(turn) {}

  Bytes bytes_;
  Message* message_;
  std::uint32_t turn_;
};

namespace inner {

// Waits for a message: for all of its body, or for more of it. Only one such wait a message at a
// time.
class MessageWait {
 public:
  MessageWait(MessageWait&&) = delete;
  ~MessageWait();
  void await_suspend(std::coroutine_handle<> waiter);

 protected:
  enum class For : std::uint8_t { whole, more };
  MessageWait(Message& message, For what) : message_(message), what_(what) {}

  Message& message_;
  For what_;
  bool waiting_ = false;
};

class [[nodiscard]] BodyWait final : public MessageWait {
 public:
  explicit BodyWait(Message& message) : MessageWait(message, For::whole) {}
  bool await_ready();
  Result<Bytes> await_resume();
};

class [[nodiscard]] PieceWait final : public MessageWait {
 public:
  explicit PieceWait(Message& message) : MessageWait(message, For::more) {}
  bool await_ready();
  std::optional<Piece> await_resume();
};

class [[nodiscard]] NextWait final {
 public:
  explicit NextWait(Exchange& exchange) : exchange_(exchange) {}
  NextWait(NextWait&&) = delete;
  ~NextWait();
  bool await_ready();
  void await_suspend(std::coroutine_handle<> waiter);
  Response& await_resume();

 private:
  Exchange& exchange_;
  bool waiting_ = false;
};

}  // namespace inner

// What requests and responses have in common: headers, and a body that is read whole or piece by
// piece.
class Message {
 public:
  Message(Message&&) = delete;

  // The first value of the field, if there is one.
  [[nodiscard]] std::optional<std::string> header(std::string_view name) const;
  [[nodiscard]] std::string header_or(std::string_view name, std::string_view fallback) const;
  [[nodiscard]] Headers headers() const;
  // Edits count as long as the headers have not gone on; later ones are refused and logged.
  void set_header(std::string_view name, std::string_view value);
  void add_header(std::string_view name, std::string_view value);
  void remove_header(std::string_view name);

  // The whole body. The message waits for it and, until the plug-in goes on, with it: it can still
  // be replaced. An error when the other side went away before the end.
  inner::BodyWait body() { return inner::BodyWait(*this); }
  // The whole body as JSON.
  Task<Result<Json>> json();
  // The whole body, gathered while it passes: nobody waits.
  Task<Result<std::string>> copy();
  // Puts another body in the place of the one that body() or json() gave.
  void set_body(std::string_view body);

  // The next piece of the body, cut as it came from the network; nothing at the end. The piece
  // before goes on.
  inner::PieceWait next_piece() { return inner::PieceWait(*this); }
  // The next server-sent event, whole, wherever the network cut it; nothing at the end. What came
  // before goes on.
  Task<std::optional<SseEvent>> next_event();
  // Says that pieces will be replaced, so that the length of the body is not announced. Before the
  // first piece.
  void will_rewrite();

  // The rest goes on by itself, while the plug-in does other things.
  void pass();

  // Whether the last byte has been here.
  [[nodiscard]] bool complete() const { return ended_; }

 protected:
  enum class Side : std::uint8_t { request, response };
  Message(Exchange& exchange, Side side) : exchange_(exchange), side_(side) {}
  ~Message() = default;

 private:
  friend class Piece;
  friend class Exchange;
  friend class inner::MessageWait;
  friend class inner::BodyWait;
  friend class inner::PieceWait;
  friend class inner::NextWait;
  friend class inner::Runtime;
  enum class Where : std::uint8_t { none, headers, body, trailers };

  [[nodiscard]] abi::MapType map() const {
    return side_ == Side::request ? abi::MapType::request_headers : abi::MapType::response_headers;
  }
  [[nodiscard]] abi::BufferType buffer() const {
    return side_ == Side::request ? abi::BufferType::http_request_body
                                  : abi::BufferType::http_response_body;
  }
  [[nodiscard]] abi::StreamType stream() const {
    return side_ == Side::request ? abi::StreamType::http_request : abi::StreamType::http_response;
  }

  void arrived(Where where, std::uint32_t buffered_bytes, bool end);
  [[nodiscard]] bool satisfied() const;
  [[nodiscard]] bool may_go() const;
  [[nodiscard]] bool needs_headers_gone() const;
  [[nodiscard]] bool headers_may_go() const;
  std::uint32_t answer();
  void move_on();
  void gone_on();
  void return_piece();
  void cut();
  void report_edit(abi::Status status, std::string_view what) const;

  Exchange& exchange_;
  std::coroutine_handle<> waiter_;
  // Made with the first next_event(); kept so that only plug-ins that read events carry its code.
  std::unique_ptr<SseReader, void (*)(SseReader*)> events_{nullptr, nullptr};
  std::uint32_t buffered_ = 0;  // bytes of the body in the host's buffer
  std::uint32_t finished_ = 0;  // of them, from the front, those that the plug-in has let go
  std::uint32_t lent_ = 0;      // and those behind them that it has in hand as a piece
  std::uint32_t turn_ = 0;      // counts pieces, so that an old one is recognised
  Side side_;
  Where calling_ = Where::none;  // the callback of this message that is running
  bool wants_whole_ = false;
  bool lending_ = false;
  bool here_ = false;  // the headers have arrived
  bool headers_gone_ = false;
  bool ended_ = false;
  bool cut_ = false;   // nothing more will come
  bool held_ = false;  // the host waits to be told to go on
  bool open_ = false;  // the plug-in has passed it
  bool rewritten_ = false;
};

class Request final : public Message {
 public:
  [[nodiscard]] std::string method() const { return header_or(":method", ""); }
  // With the query.
  [[nodiscard]] std::string path() const { return header_or(":path", ""); }

 private:
  friend class Exchange;
  explicit Request(Exchange& exchange) : Message(exchange, Side::request) {}
};

class Response final : public Message {
 public:
  [[nodiscard]] int status() const;

 private:
  friend class Exchange;
  explicit Response(Exchange& exchange) : Message(exchange, Side::response) {}
};

struct Header {
  std::string name;
  std::string value;
};

// An answer that the plug-in gives by itself.
struct Reply {
  int status = 200;
  std::string body = {};
  std::string content_type = {};  // left out when empty
  std::vector<Header> headers = {};
  std::string details = {};  // for the access log: why
};

class Exchange final {
 public:
  Exchange(Exchange&&) = delete;

  [[nodiscard]] Request& request() { return request_; }

  // Lets the request go on to the rest of the chain and the upstream; resumes when the response's
  // headers are here.
  inner::NextWait next() { return inner::NextWait(*this); }

  // Answers the client. Before the response's headers have gone on; a second reply, or one that
  // comes too late, is refused and logged.
  void reply(Reply reply);

  // A word for the access log, and for the plug-ins that run after this one, which read it as a
  // property.
  void note(std::string_view name, std::string_view value);
  // What the host or another plug-in knows about the exchange: property("route_name"),
  // property("source", "address").
  template <class... Names>
  [[nodiscard]] std::optional<std::string> property(std::string_view name, Names... names) const {
    std::string path(name);
    ((path += '\0', path += std::string_view(names)), ...);
    return property_at(path);
  }

 private:
  friend class Message;
  friend class inner::MessageWait;
  friend class inner::NextWait;
  friend class inner::Runtime;

  Exchange(inner::Runtime& runtime, std::uint32_t id)
      : runtime_(runtime), id_(id), request_(*this), response_(*this) {}
  ~Exchange();

  [[nodiscard]] static std::optional<std::string> property_at(std::string_view path);

  // The callbacks. Each answers the host.
  std::uint32_t on_request_headers(Task<> (*serve)(const void*, Exchange&), const void* config,
                                   bool end);
  std::uint32_t on_message(Message& message, Message::Where where, std::uint32_t buffered,
                           bool end);
  bool on_done();

  void resume(std::coroutine_handle<> waiter);
  void settle();
  void drop_frame();

  inner::Runtime& runtime_;
  const std::uint32_t id_;
  Task<>::Handle frame_;
  std::coroutine_handle<> next_waiter_;
  Request request_;
  Response response_;
  bool running_ = false;
  bool ended_ = false;  // serve has returned
  bool replied_ = false;
  bool answered_ = false;  // the response's headers have been here
  bool outlives_ = false;  // the host waits for proxy_done
};

}  // namespace plugin
}  // namespace mynah
