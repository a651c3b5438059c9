// SPDX-License-Identifier: Apache-2.0
// A conversation is two coroutines: one sends what the plug-in has given, one reads and tells the
// plug-in. Whichever way it ends, the plug-in is told once, unless it was the plug-in that gave up.
// tidy: allow-file shared_ptr: what calls in flight use outlives the generation that made it
#include "gateway/plugin_grpc.h"

#include <utility>

#include "aio/event.h"
#include "aio/scope.h"
#include "base/text.h"
#include "gateway/grpc.h"
#include "gateway/plugin_host.h"
#include "gateway/upstream.h"

namespace mynah {
namespace {

constexpr std::size_t kMessageBytesMax = 16U << 20U;
// Bytes that a plug-in has sent and the peer has not taken.
constexpr std::size_t kUnsentBytesMax = 16U << 20U;

GrpcEnding failed(GrpcCode code, std::string_view why) {
  return {static_cast<std::uint32_t>(code), std::string(why)};
}

// A plug-in names a service, or gives Envoy's GrpcService message, in which the name is the first
// field of the first field; its names are shorter than a length that takes two bytes.
std::string_view service_name(std::string_view given) {
  constexpr char kFirstField = 0x0a;
  const auto unwrap = [](std::string_view message) -> std::string_view {
    if (message.size() < 2 || message[0] != kFirstField) return {};
    const auto length = static_cast<unsigned char>(message[1]);
    return length < 0x80 && message.size() >= 2U + length ? message.substr(2, length)
                                                          : std::string_view();
  };
  const std::string_view name = unwrap(unwrap(given));
  return name.empty() ? given : name;
}

}  // namespace

struct PluginGrpc::Conversation {
  Conversation(Loop& on, wasm::CallId id, Kind what, std::weak_ptr<PluginMachine> owner)
      : loop(on), call(id), kind(what), machine(std::move(owner)), outgoing(on), given_up(on) {}

  // Gives up; the plug-in hears nothing more.
  void stop() {
    stopped = true;
    given_up.set();
  }
  void queue(std::string_view message) {
    Slice prefix = Slice::of(grpc_prefix(message.size()));
    unsent.append(std::move(prefix));
    if (!message.empty()) unsent.append(Slice::copy_of(message));
    outgoing.set();
  }

  static Task<> run(std::shared_ptr<Conversation> self, std::shared_ptr<Upstream> upstream,
                    Headers head, std::chrono::milliseconds timeout);
  static Task<GrpcEnding> converse(Conversation& self, Upstream& upstream, const Headers& head);
  static Task<GrpcEnding> read(Conversation& self, http::ClientStream& stream);
  static Task<> write(Conversation& self, http::ClientStream& stream);
  static Task<> wait_until(Loop& on, Instant deadline) { co_await Sleep(on, deadline); }
  static Task<> wait_given_up(Conversation& self) { co_await self.given_up.wait(); }

  // Calls the machine, if it is still there and the plug-in has not given up. A fault is kept by
  // the machine and met at its next use.
  template <class... Parameters, class... Arguments>
  void tell(Status (wasm::Machine::*what)(wasm::CallId, Parameters...), Arguments&&... arguments) {
    const auto owner = machine.lock();
    if (owner == nullptr || stopped) return;
    (owner->machine().*what)(call, std::forward<Arguments>(arguments)...).ignore();
  }

  Loop& loop;
  wasm::CallId call;
  Kind kind;
  std::weak_ptr<PluginMachine> machine;
  SliceChain unsent;
  bool half_closed = false;
  bool stopped = false;
  bool answered = false;  // A call has had its one message.
  Event outgoing;
  Event given_up;
};

PluginGrpc::PluginGrpc(PluginMachine& machine, PluginContext& context)
    : machine_(machine), context_(context) {}

PluginGrpc::~PluginGrpc() {
  for (const auto& [call, weak] : conversations_) {
    if (const auto live = weak.lock()) live->stop();
  }
}

PluginGrpc::Conversation* PluginGrpc::find(wasm::CallId call) {
  const auto found = conversations_.find(call);
  return found == conversations_.end() ? nullptr : found->second.lock().get();
}

Status PluginGrpc::begin(wasm::CallId call, const wasm::GrpcCall& request, Kind kind) {
  const std::string_view name = service_name(request.service);
  auto upstream = context_.find_service(name);
  if (upstream == nullptr) return Error{Errc::invalid_argument, cat("there is no service ", name)};
  if (upstream->service().protocol != model::Protocol::h2) {
    return Error{Errc::invalid_argument,
                 cat("service ", name, " does not speak HTTP/2, which gRPC needs")};
  }
  Headers head;
  head.add(":method", "POST");
  head.add(":scheme", upstream->tls() == nullptr ? "http" : "https");
  head.add(":authority", upstream->authority());
  head.add(":path", cat("/", request.package, "/", request.method));
  head.add("te", "trailers");
  head.add("content-type", "application/grpc");
  if (request.timeout.count() > 0) head.add("grpc-timeout", grpc_timeout(request.timeout));
  for (const auto& [key, value] : request.metadata) {
    if (!key.starts_with(':') && !head.has(key)) head.add(key, value);
  }
  std::erase_if(conversations_, [](const auto& each) { return each.second.expired(); });
  auto made =
      std::make_shared<Conversation>(context_.loop(), call, kind, machine_.weak_from_this());
  if (kind == Kind::call) {
    made->queue(request.message);
    made->half_closed = true;
  }
  conversations_[call] = made;
  context_.background().spawn(&Conversation::run, std::move(made), std::move(upstream),
                              std::move(head), request.timeout);
  return ok();
}

Status PluginGrpc::send(wasm::CallId call, std::string_view message, wasm::End end) {
  Conversation* const live = find(call);
  if (live == nullptr || live->half_closed)
    return Error{Errc::invalid_argument, "the stream is closed on this side"};
  if (live->unsent.size() + message.size() > kUnsentBytesMax)
    return Error{Errc::exhausted, "the peer does not take what was sent before"};
  live->queue(message);
  if (end == wasm::End::yes) live->half_closed = true;
  return ok();
}

void PluginGrpc::half_close(wasm::CallId call) {
  if (Conversation* const live = find(call)) {
    live->half_closed = true;
    live->outgoing.set();
  }
}

void PluginGrpc::cancel(wasm::CallId call) {
  if (Conversation* const live = find(call)) live->stop();
  conversations_.erase(call);
}

Task<> PluginGrpc::Conversation::run(std::shared_ptr<Conversation> self,
                                     std::shared_ptr<Upstream> upstream, Headers head,
                                     std::chrono::milliseconds timeout) {
  // The answer never comes inside the plug-in's own call.
  co_await Yield(self->loop);
  const Instant deadline = timeout.count() > 0 ? self->loop.in(timeout) : kNever;
  const auto outcome = co_await any(converse(*self, *upstream, head),
                                    wait_until(self->loop, deadline), wait_given_up(*self));
  if (outcome.index() == 2 || self->answered) co_return;
  const GrpcEnding* const told = std::get_if<0>(&outcome);
  const GrpcEnding ending =
      told != nullptr ? *told : failed(GrpcCode::deadline_exceeded, "no answer in time");
  self->tell(&wasm::Machine::on_grpc_close, ending.status, ending.message);
}

Task<GrpcEnding> PluginGrpc::Conversation::converse(Conversation& self, Upstream& upstream,
                                                    const Headers& head) {
  auto lease = co_await upstream.open(0, {}, {});
  if (!lease) co_return failed(GrpcCode::unavailable, lease.error().what);
  http::ClientStream& stream = *lease->stream;
  if (auto sent = co_await stream.send(head, http::End::no); !sent)
    co_return failed(GrpcCode::unavailable, sent.error().what);
  const auto outcome = co_await any(read(self, stream), write(self, stream));
  lease->report(Report::answered);
  co_return std::get<0>(outcome);  // write() does not end.
}

// Waits for ever when all is sent, or when sending has failed: reading tells why.
Task<> PluginGrpc::Conversation::write(Conversation& self, http::ClientStream& stream) {
  bool sent = false;
  bool last = false;
  do {
    while (self.unsent.empty() && !self.half_closed) co_await self.outgoing.wait();
    Slice next = self.unsent.empty() ? Slice() : self.unsent.take_slice();
    last = self.unsent.empty() && self.half_closed;
    sent = (co_await stream.write(std::move(next), last ? http::End::yes : http::End::no)).ok();
  } while (sent && !last);
  co_await Sleep(self.loop, kNever);
}

Task<GrpcEnding> PluginGrpc::Conversation::read(Conversation& self, http::ClientStream& stream) {
  auto head = co_await stream.response();
  if (!head) co_return failed(GrpcCode::unavailable, head.error().what);
  const int status = parse_number<int>(head->value_or(":status", "")).value_or(0);
  if (auto ending = grpc_ending(*head); ending && stream.response_ended()) {
    self.tell(&wasm::Machine::on_grpc_trailing_metadata, *std::move(head));
    co_return *std::move(ending);
  }
  if (status != 200) co_return grpc_ending_of_http(status);
  self.tell(&wasm::Machine::on_grpc_initial_metadata, *std::move(head));
  GrpcMessages messages(kMessageBytesMax);
  bool ended = stream.response_ended();
  std::optional<SliceChain> only;  // Of a call: told when the ending says that it went well.
  while (!ended) {
    auto piece = co_await stream.read();
    if (!piece) co_return failed(GrpcCode::unavailable, piece.error().what);
    ended = piece->end == http::End::yes;
    messages.feed(std::move(piece->bytes));
    while (true) {
      auto message = messages.next();
      if (!message) {
        const bool large = message.error().code == Errc::too_large;
        co_return failed(large ? GrpcCode::resource_exhausted : GrpcCode::internal,
                         message.error().what);
      }
      if (!*message) break;
      if (self.kind == Kind::call) {
        only = *std::move(*message);
      } else {
        self.tell(&wasm::Machine::on_grpc_message, *std::move(*message));
      }
    }
  }
  Headers trailers = stream.trailers();
  auto ending = grpc_ending(trailers);
  self.tell(&wasm::Machine::on_grpc_trailing_metadata, std::move(trailers));
  if (!ending) co_return failed(GrpcCode::unknown, "the answer ended without a status");
  if (self.kind == Kind::call && ending->status == 0) {
    if (!only) co_return failed(GrpcCode::internal, "the answer has no message");
    self.answered = true;
    self.tell(&wasm::Machine::on_grpc_message, *std::move(only));
  }
  co_return *std::move(ending);
}

}  // namespace mynah
