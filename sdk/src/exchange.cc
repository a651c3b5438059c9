// SPDX-License-Identifier: Apache-2.0
// What an exchange's coroutine waits for, told to the host as "hold" and "go on".
//
// Each message of an exchange is in one of three states: open (the plug-in is done with it: all
// goes on), awaited for more (all that is here goes on, the plug-in sees what comes), or held.
// `may_go` is that rule; everything else keeps its inputs. A callback answers by it, and after a
// resumption from elsewhere move_on() tells the host what changed.
//
// While a message is held, the host gathers its body in one buffer. From the front that buffer
// holds what the plug-in has finished with, then the piece that it has in hand, then what it has
// not seen. So waiting between two pieces loses and doubles nothing.
#include "mynah/exchange.h"

#include <utility>

#include "abi/abi.h"
#include "abi/imports.h"
#include "base/check.h"
#include "base/decimal.h"
#include "base/text.h"
#include "mynah/log.h"
#include "pairs.h"
#include "runtime.h"

namespace mynah {
inline namespace plugin {

namespace {

constexpr std::uint32_t kGo = 0;
constexpr std::uint32_t kHold = 1;  // headers and trailers: stop; bodies: stop and gather

Bytes read_buffer(abi::BufferType buffer, std::size_t start, std::size_t size) {
  char* data = nullptr;
  std::size_t got = 0;
  if (size == 0 || proxy_get_buffer_bytes(buffer, start, size, &data, &got) != abi::Status::ok)
    return {};
  return Bytes::adopt(data, got);
}

}  // namespace

// ---- Headers

std::optional<std::string> Message::header(std::string_view name) const {
  char* data = nullptr;
  std::size_t size = 0;
  if (proxy_get_header_map_value(map(), name.data(), name.size(), &data, &size) != abi::Status::ok)
    return std::nullopt;
  return Bytes::adopt(data, size).str();
}

std::string Message::header_or(std::string_view name, std::string_view fallback) const {
  if (auto value = header(name)) return *std::move(value);
  return std::string(fallback);
}

Headers Message::headers() const { return inner::read_map(map()); }

void Message::set_header(std::string_view name, std::string_view value) {
  if (headers_gone_) return report_edit(abi::Status::ok, name);
  report_edit(
      proxy_replace_header_map_value(map(), name.data(), name.size(), value.data(), value.size()),
      name);
}

void Message::add_header(std::string_view name, std::string_view value) {
  if (headers_gone_) return report_edit(abi::Status::ok, name);
  report_edit(
      proxy_add_header_map_value(map(), name.data(), name.size(), value.data(), value.size()),
      name);
}

void Message::remove_header(std::string_view name) {
  if (headers_gone_) return report_edit(abi::Status::ok, name);
  const abi::Status status = proxy_remove_header_map_value(map(), name.data(), name.size());
  // Some hosts say "not found" of a field that is not there, as it should be.
  if (status != abi::Status::not_found) report_edit(status, name);
}

void Message::report_edit(abi::Status status, std::string_view what) const {
  if (!headers_gone_ && status == abi::Status::ok) return;
  log_warn(headers_gone_ ? "the headers have gone on; too late to change \""
                         : "the host refuses to change \"",
           what, side_ == Side::request ? "\" of the request" : "\" of the response");
}

int Response::status() const {
  const std::string text = header_or(":status", "");
  return parse_number<int>(text).value_or(0);
}

// ---- Bodies

bool Message::satisfied() const {
  return cut_ || ended_ || (!wants_whole_ && buffered_ > finished_ + lent_);
}

bool Message::may_go() const {
  if (side_ == Side::request && exchange_.replied_) return false;
  if (open_) return !lending_;
  return waiter_ && !wants_whole_;
}

// Headers alone may have to go ahead of a body that is waited for.
bool Message::headers_may_go() const {
  return may_go() || (waiter_ && !headers_gone_ && buffered_ == 0 &&
                      exchange_.runtime_.holds_body_with_headers());
}

void Message::arrived(Where where, std::uint32_t buffered_bytes, bool end) {
  calling_ = where;
  here_ = true;
  if (where == Where::body) buffered_ = buffered_bytes;
  ended_ |= end || where == Where::trailers;
}

std::uint32_t Message::answer() {
  const Where where = std::exchange(calling_, Where::none);
  held_ = !(where == Where::headers ? headers_may_go() : may_go());
  if (held_) return kHold;
  gone_on();
  return kGo;
}

void Message::move_on() {
  if (!held_ || calling_ != Where::none || !headers_may_go()) return;
  gone_on();
  proxy_continue_stream(stream());
}

void Message::gone_on() {
  // A body that is only waited for may yet be replaced, and its headers leave now.
  if (!may_go()) proxy_remove_header_map_value(map(), "content-length", 14);
  held_ = false;
  headers_gone_ = true;
  buffered_ = 0;
  finished_ = 0;
}

void Message::return_piece() {
  if (!std::exchange(lending_, false)) return;
  finished_ += std::exchange(lent_, 0);
}

void Message::pass() {
  return_piece();
  open_ = true;
  if (calling_ == Where::none) move_on();
}

void Message::cut() {
  cut_ = true;
  if (waiter_) exchange_.resume(std::exchange(waiter_, {}));
}

void Message::will_rewrite() {
  if (headers_gone_) {
    log_warn("will_rewrite() comes too late: the headers have gone on");
    return;
  }
  remove_header("content-length");
  rewritten_ = true;
}

void Message::set_body(std::string_view body) {
  MYNAH_CHECK(ended_ && !lending_);  // What body() has not given yet cannot be replaced.
  if (headers_gone_ && !exchange_.runtime_.holds_body_with_headers()) {
    log_warn("set_body() comes too late: the message has gone on");
    return;
  }
  if (!headers_gone_) {
    if (body.empty() && buffered_ == 0) return;
    set_header("content-length", Decimal(body.size()).text());
  }
  const abi::Status status =
      proxy_set_buffer_bytes(buffer(), 0, buffered_, body.data(), body.size());
  if (status != abi::Status::ok) {
    log_warn("the host refuses to replace the body: status ", std::to_underlying(status));
    return;
  }
  buffered_ = static_cast<std::uint32_t>(body.size());
}

void Piece::replace(std::string_view bytes) {
  Message& message = *message_;
  MYNAH_CHECK(message.lending_ &&
              message.turn_ == turn_);  // The piece has not been let go by asking for the next.
  MYNAH_CHECK(message.rewritten_);      // will_rewrite() has been called.
  const std::uint32_t before = message.finished_;
  const std::uint32_t after = before + message.lent_;
  abi::Status status = abi::Status::ok;
  if (before == 0) {
    status = proxy_set_buffer_bytes(message.buffer(), 0, after, bytes.data(), bytes.size());
  } else {
    // Hosts replace at the front of a buffer, or all of it.
    const Bytes front = read_buffer(message.buffer(), 0, before);
    const Bytes back = read_buffer(message.buffer(), after, message.buffered_ - after);
    const std::string whole = cat(front.text(), bytes, back.text());
    status =
        proxy_set_buffer_bytes(message.buffer(), 0, message.buffered_, whole.data(), whole.size());
  }
  if (status != abi::Status::ok) {
    log_warn("the host refuses to replace a piece of the body: status ",
             Decimal(std::to_underlying(status)).text());
    return;
  }
  const auto size = static_cast<std::uint32_t>(bytes.size());
  message.buffered_ += size - message.lent_;
  message.lent_ = size;
}

Task<Result<Json>> Message::json() {
  MYNAH_CO_LET(const Bytes bytes, co_await body());
  co_return Json::parse(bytes.str());
}

Task<Result<std::string>> Message::copy() {
  std::string all;
  while (auto piece = co_await next_piece()) all += piece->text();
  if (!complete()) co_return Error{Errc::closed, "the body broke off before its end"};
  co_return all;
}

Task<std::optional<SseEvent>> Message::next_event() {
  if (!events_) {
    events_ = {std::make_unique<SseReader>().release(),
               [](SseReader* reader) { std::unique_ptr<SseReader>(reader).reset(); }};
  }
  while (true) {
    if (auto event = events_->take()) co_return event;
    const auto piece = co_await next_piece();
    if (!piece) co_return std::nullopt;
    // What is over the limit ends the reading; events that came before it are still given.
    if (events_->feed(piece->text())) continue;
    if (auto event = events_->take()) co_return event;
    log_warn("an event of the stream is over the limit; the rest of the stream goes on unread");
    pass();
    co_return std::nullopt;
  }
}

// ---- Waits

namespace inner {

void MessageWait::await_suspend(std::coroutine_handle<> waiter) {
  MYNAH_CHECK(!message_.waiter_);  // One wait a message.
  message_.waiter_ = waiter;
  message_.wants_whole_ = what_ == For::whole;
  waiting_ = true;
}

MessageWait::~MessageWait() {
  // Resumption takes the waiter away beforehand, so what is still there belongs to this wait, which
  // is cancelled.
  if (waiting_) message_.waiter_ = {};
}

bool BodyWait::await_ready() {
  message_.return_piece();
  return message_.ended_ || message_.cut_ || message_.open_;
}

Result<Bytes> BodyWait::await_resume() {
  waiting_ = false;
  if (message_.open_ && !message_.ended_) return Error{Errc::closed, "the body has gone on unread"};
  if (!message_.ended_) return Error{Errc::closed, "the body broke off before its end"};
  return read_buffer(message_.buffer(), message_.finished_,
                     message_.buffered_ - message_.finished_);
}

bool PieceWait::await_ready() {
  message_.return_piece();
  message_.wants_whole_ = false;
  return message_.satisfied();
}

std::optional<Piece> PieceWait::await_resume() {
  waiting_ = false;
  const bool cut = message_.cut_ && !message_.ended_;
  const std::uint32_t size = cut ? 0 : message_.buffered_ - message_.finished_;
  if (size == 0) {  // The end: nothing is left that could be held.
    message_.open_ = true;
    return std::nullopt;
  }
  message_.lending_ = true;
  message_.lent_ = size;
  return Piece(read_buffer(message_.buffer(), message_.finished_, size), message_,
               ++message_.turn_);
}

bool NextWait::await_ready() {
  exchange_.request_.pass();
  MYNAH_CHECK(!exchange_.next_waiter_);
  return exchange_.answered_;
}

void NextWait::await_suspend(std::coroutine_handle<> waiter) {
  exchange_.next_waiter_ = waiter;
  waiting_ = true;
}

NextWait::~NextWait() {
  if (waiting_) exchange_.next_waiter_ = {};
}

Response& NextWait::await_resume() {
  waiting_ = false;
  return exchange_.response_;
}

}  // namespace inner

// ---- The exchange

Exchange::~Exchange() {
  MYNAH_CHECK(!running_);
  drop_frame();
}

void Exchange::reply(Reply reply) {
  if (replied_ || response_.headers_gone_) {
    log_warn(replied_ ? "a second reply is refused"
                      : "a reply comes too late: the response has begun to go to the client");
    return;
  }
  inner::PairsWriter headers;
  if (!reply.content_type.empty()) headers.add("content-type", reply.content_type);
  for (const Header& field : reply.headers) headers.add(field.name, field.value);
  const std::string pairs = headers.finish();
  const abi::Status status = proxy_send_local_response(
      static_cast<std::uint32_t>(reply.status), reply.details.data(), reply.details.size(),
      reply.body.data(), reply.body.size(), pairs.data(), pairs.size(), abi::kGrpcStatusUnset);
  if (status != abi::Status::ok) {
    log_warn("the host refuses the reply: status ", std::to_underlying(status));
    return;
  }
  replied_ = true;
  // What the upstream has said is not wanted any more: a callback that runs still holds it, later
  // ones let go what the host shows of the reply itself.
  response_.held_ = false;
  response_.return_piece();
  response_.open_ = response_.calling_ == Message::Where::none;
}

void Exchange::note(std::string_view name, std::string_view value) {
  if (proxy_set_property(name.data(), name.size(), value.data(), value.size()) != abi::Status::ok) {
    log_warn("the host refuses the note \"", name, "\"");
  }
}

std::optional<std::string> Exchange::property_at(std::string_view path) {
  char* data = nullptr;
  std::size_t size = 0;
  if (proxy_get_property(path.data(), path.size(), &data, &size) != abi::Status::ok)
    return std::nullopt;
  return Bytes::adopt(data, size).str();
}

std::uint32_t Exchange::on_request_headers(Task<> (*serve)(const void*, Exchange&),
                                           const void* config, bool end) {
  request_.arrived(Message::Where::headers, 0, end);
  frame_ = serve(config, *this).release();
  frame_.promise().continuation = {
      [](void* exchange) { static_cast<Exchange*>(exchange)->ended_ = true; }, this};
  resume(frame_);
  settle();
  return request_.answer();
}

std::uint32_t Exchange::on_message(Message& message, Message::Where where, std::uint32_t buffered,
                                   bool end) {
  message.arrived(where, buffered, end);
  if (&message == &response_ && !std::exchange(answered_, true)) {
    if (next_waiter_) {
      resume(std::exchange(next_waiter_, {}));
    } else {
      request_.cut();  // The host answers a request that was not let go: more of it does not come.
    }
  } else if (message.waiter_ && message.satisfied()) {
    resume(std::exchange(message.waiter_, {}));
  }
  settle();
  const std::uint32_t answer = message.answer();
  if (&message == &response_ && replied_) {
    response_.held_ = false;
    response_.open_ = true;
  }
  return answer;
}

bool Exchange::on_done() {
  const bool whole = replied_ || (response_.ended_ && !response_.held_);
  if (!ended_ && !whole) {
    request_.cut_ = response_.cut_ = true;
    if (response_.waiter_) {
      response_.cut();
    } else {
      drop_frame();
      ended_ = true;
    }
    settle();
  } else if (request_.waiter_) {
    request_.cut();
    settle();
  }
  outlives_ = !ended_;
  return ended_;
}

void Exchange::resume(std::coroutine_handle<> waiter) {
  MYNAH_CHECK(!running_);
  running_ = true;
  runtime_.resume(*this, waiter);
  running_ = false;
}

void Exchange::settle() {
  if (ended_) {
    drop_frame();
    request_.return_piece();
    response_.return_piece();
    request_.open_ = true;
    if (!replied_) response_.open_ = true;
  }
  request_.move_on();
  response_.move_on();
  if (ended_ && std::exchange(outlives_, false)) proxy_done();
}

void Exchange::drop_frame() {
  if (frame_) std::exchange(frame_, {}).destroy();
}

}  // namespace plugin
}  // namespace mynah
