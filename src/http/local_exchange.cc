// SPDX-License-Identifier: Apache-2.0
// Two pipes, one for each direction, and the handler's task between them.
#include "http/local_exchange.h"

#include <string>
#include <utility>

#include "aio/event.h"
#include "aio/scope.h"
#include "base/text.h"

namespace mynah::http {
namespace {

// What may wait in a pipe before its writer does.
constexpr std::size_t kPipeBytesMax = 64 * 1024;

Error gone() { return {Errc::closed, "the other side of the exchange has gone away"}; }

// One direction: bytes on their way from a writer to a reader.
class Pipe final {
 public:
  explicit Pipe(Loop& loop) : came_(loop), taken_(loop) {}

  Task<Result<Piece>> read() {
    while (bytes_.empty() && !ended_) {
      if (cut_) co_return gone();
      co_await came_.wait();
    }
    Piece piece;
    piece.bytes = bytes_.take_slice();
    piece.end = bytes_.empty() && ended_ ? End::yes : End::no;
    taken_.set();
    co_return piece;
  }

  Task<Status> write(Slice bytes, End end) {
    if (cut_) co_return gone();
    bytes_.append(std::move(bytes));
    ended_ = end == End::yes;
    came_.set();
    while (bytes_.size() > kPipeBytesMax && !cut_) co_await taken_.wait();
    co_return ok();
  }

  void end_with(const Headers& trailers) {
    trailers_ = trailers;
    ended_ = true;
    came_.set();
  }

  void cut() {
    if (ended_ || cut_) return;
    cut_ = true;
    came_.set();
    taken_.set();
  }

  [[nodiscard]] bool readable() const { return !bytes_.empty() || ended_ || cut_; }
  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] bool empty() const { return bytes_.empty(); }
  [[nodiscard]] const Headers& trailers() const { return trailers_; }

 private:
  SliceChain bytes_;
  Headers trailers_;
  bool ended_ = false;
  bool cut_ = false;
  Event came_;
  Event taken_;
};

std::optional<std::uint64_t> length_of(const Headers& head) {
  const auto text = head.find("content-length");
  if (!text) return std::nullopt;
  const auto length = parse_unsigned(*text);
  return length ? std::optional(*length) : std::nullopt;
}

class LocalExchange;

// The handler's end.
class LocalServerStream final : public ServerStream {
 public:
  explicit LocalServerStream(LocalExchange& exchange) : exchange_(exchange) {
    peer_.address = "local";
  }

  Task<Result<Piece>> read() override;
  [[nodiscard]] bool readable() const override;
  [[nodiscard]] const Headers& trailers() const override;
  Task<Status> write(Slice bytes, End end) override;
  Task<Status> finish(const Headers& trailers) override;
  Task<Status> flush() override { co_return ok(); }
  void abort() override;
  [[nodiscard]] Version version() const override { return Version::http11; }
  [[nodiscard]] Headers& request() override;
  [[nodiscard]] bool request_ended() const override;
  [[nodiscard]] std::optional<std::uint64_t> request_length() const override;
  [[nodiscard]] std::string_view upgrade() const override { return {}; }
  Task<Status> respond(const Headers& head, End end) override;
  Task<Status> send_interim(const Headers&) override { co_return ok(); }
  [[nodiscard]] bool responded() const override;
  [[nodiscard]] const PeerInfo& peer() const override { return peer_; }
  void close_after() override {}

 private:
  LocalExchange& exchange_;
  PeerInfo peer_;
};

// The caller's end, which owns both.
class LocalExchange final : public ClientStream {
 public:
  LocalExchange(Loop& loop, LocalHandler handler)
      : handler_(std::move(handler)),
        up_(loop),
        down_(loop),
        answered_(loop),
        server_(*this),
        running_(loop) {}

  Task<Status> send(const Headers& head, End end) override {
    request_ = head;
    if (end == End::yes) up_.end_with({});
    request_ended_ = end == End::yes;
    running_.spawn(&LocalExchange::run, std::ref(*this));
    co_return ok();
  }
  Task<Result<Headers>> response() override {
    while (!responded_) {
      if (failed_) co_return gone();
      co_await answered_.wait();
    }
    co_return std::move(response_);
  }
  [[nodiscard]] bool response_ended() const override { return response_ended_; }
  [[nodiscard]] std::optional<std::uint64_t> response_length() const override {
    return response_length_;
  }
  void on_interim(void (*)(void*, const Headers&), void*) override {}
  [[nodiscard]] bool retry_is_safe() const override { return false; }
  void release() override { delete this; }  // tidy: allow delete: ClientStreamPtr owns it

  Task<Result<Piece>> read() override { co_return co_await down_.read(); }
  [[nodiscard]] bool readable() const override { return down_.readable(); }
  [[nodiscard]] const Headers& trailers() const override { return down_.trailers(); }
  Task<Status> write(Slice bytes, End end) override {
    co_return co_await up_.write(std::move(bytes), end);
  }
  Task<Status> finish(const Headers& trailers) override {
    up_.end_with(trailers);
    co_return ok();
  }
  Task<Status> flush() override { co_return ok(); }
  // Whoever waits on this side is told as well; the handler goes with the stream.
  void abort() override {
    failed_ = true;
    up_.cut();
    down_.cut();
    answered_.set();
  }
  [[nodiscard]] Version version() const override { return Version::http11; }

 private:
  friend class LocalServerStream;

  static Task<> run(LocalExchange& self) {
    co_await self.handler_(self.server_);
    if (self.responded_) {
      self.down_.cut();
    } else {
      self.failed_ = true;
      self.answered_.set();
    }
  }

  LocalHandler handler_;
  Headers request_;
  bool request_ended_ = false;
  Headers response_;
  bool response_ended_ = false;
  std::optional<std::uint64_t> response_length_;
  bool responded_ = false;
  bool failed_ = false;
  Pipe up_;
  Pipe down_;
  Event answered_;
  LocalServerStream server_;
  Scope running_;  // Last: the handler uses all of the above until it is dropped.
};

Task<Result<Piece>> LocalServerStream::read() { co_return co_await exchange_.up_.read(); }
bool LocalServerStream::readable() const { return exchange_.up_.readable(); }
const Headers& LocalServerStream::trailers() const { return exchange_.up_.trailers(); }
Task<Status> LocalServerStream::write(Slice bytes, End end) {
  co_return co_await exchange_.down_.write(std::move(bytes), end);
}
Task<Status> LocalServerStream::finish(const Headers& trailers) {
  exchange_.down_.end_with(trailers);
  co_return ok();
}
void LocalServerStream::abort() {
  exchange_.failed_ = true;
  exchange_.down_.cut();
  exchange_.answered_.set();
}
Headers& LocalServerStream::request() { return exchange_.request_; }
bool LocalServerStream::request_ended() const { return exchange_.request_ended_; }
std::optional<std::uint64_t> LocalServerStream::request_length() const {
  return exchange_.request_ended_ ? std::optional<std::uint64_t>(0) : length_of(exchange_.request_);
}
Task<Status> LocalServerStream::respond(const Headers& head, End end) {
  exchange_.response_ = head;
  exchange_.response_length_ = length_of(head);
  exchange_.response_ended_ = end == End::yes;
  exchange_.responded_ = true;
  if (end == End::yes) exchange_.down_.end_with({});
  exchange_.answered_.set();
  co_return ok();
}
bool LocalServerStream::responded() const { return exchange_.responded_; }

}  // namespace

ClientStreamPtr open_local(Loop& loop, LocalHandler handler) {
  return ClientStreamPtr(
      new LocalExchange(loop, std::move(handler)));  // tidy: allow new: released by the pointer
}

}  // namespace mynah::http
