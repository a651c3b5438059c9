// SPDX-License-Identifier: Apache-2.0
// Answers cut, delayed and broken off as the story says.
// tidy: allow-file shared_ptr: what the gateway asks for
#include "scripted_services.h"

#include <utility>

namespace mynah::story {
namespace {

constexpr std::string_view kUpstream = "upstream";
// Who is silent is so for longer than anybody waits.
constexpr Duration kForever = std::chrono::hours(1);

Task<Status> send(Loop& loop, const Message& message, http::ServerStream& stream) {
  const auto pieces = message.pieces();
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (i > 0 && message.apart > Duration::zero()) co_await Sleep(loop, message.apart);
    const bool last = i + 1 == pieces.size() && message.trailers.empty() && !message.breaks_after;
    MYNAH_CO_OK(
        co_await stream.write(Slice::copy_of(pieces[i]), last ? http::End::yes : http::End::no));
    // Each piece is one that travels alone.
    if (!last) MYNAH_CO_OK(co_await stream.flush());
  }
  if (message.breaks_after) {
    stream.abort();
  } else if (!message.trailers.empty()) {
    Headers trailers;
    fill(trailers, message.trailers);
    MYNAH_CO_OK(co_await stream.finish(trailers));
  }
  co_return ok();
}

}  // namespace

class ScriptedServices::Port final : public RedisPort {
 public:
  Port(ScriptedServices& services, std::string service)
      : services_(services), service_(std::move(service)) {}

  [[nodiscard]] bool serves(const model::Service& service) const override {
    return service.name == service_;
  }

  Task<Result<std::string>> call(std::string_view query) override {
    const std::string commands(query);
    ScriptedStore& asked = services_.store(service_);
    if (asked.conduct == Conduct::silent) co_await Sleep(services_.loop_, kForever);
    if (asked.after > Duration::zero()) co_await Sleep(services_.loop_, asked.after);
    if (asked.conduct != Conduct::answers) co_return Error{Errc::unavailable, "the store is down"};
    co_return asked.answer(commands, services_.loop_.now());
  }

 private:
  ScriptedServices& services_;
  std::string service_;
};

std::optional<std::string> ScriptedServices::stored(std::string_view service,
                                                    std::string_view key) {
  return store(service).redis.get(key, loop_.now());
}

Result<std::shared_ptr<RedisPort>> ScriptedServices::redis(std::string service) {
  if (store(service).conduct == Conduct::refuses)
    return Error{Errc::not_found, "the story refuses the store"};
  return std::shared_ptr<RedisPort>(std::make_shared<Port>(*this, std::move(service)));
}

http::LocalHandler ScriptedServices::handler(std::string service) {
  return [this, service = std::move(service)](http::ServerStream& stream) {
    return serve(*this, service, stream);
  };
}

Answer ScriptedServices::answer_for(const Received& call) const {
  if (call.service.empty()) return upstream_;
  const GivenCall* const given = answer_to(calls_, call);
  return given != nullptr ? given->answer
                          : Answer{.conduct = Conduct::fails, .status = 0, .message = {}};
}

Task<> ScriptedServices::serve(ScriptedServices& self, std::string service,
                               http::ServerStream& stream) {
  const bool upstream = service == kUpstream;
  Received got{.service = upstream ? std::string() : std::move(service),
               .method = std::string(stream.request().value_or(":method", "")),
               .path = std::string(stream.request().value_or(":path", "")),
               .headers = fields_of(stream.request()),
               .body = {}};
  for (bool ended = stream.request_ended(); !ended;) {
    auto piece = co_await stream.read();
    if (!piece) co_return;
    got.body += piece->bytes.view();
    ended = piece->end == http::End::yes;
  }
  const Answer answer = self.answer_for(got);
  (upstream ? self.upstream_received_ : self.calls_received_).push_back(std::move(got));
  if (answer.conduct == Conduct::silent) co_await Sleep(self.loop_, kForever);
  if (answer.message.after > Duration::zero()) co_await Sleep(self.loop_, answer.message.after);
  if (answer.conduct != Conduct::answers) co_return stream.abort();
  Headers head;
  head.add(":status", std::to_string(answer.status));
  fill(head, answer.message.headers);
  const Message& message = answer.message;
  const bool bodyless = message.body.empty() && message.trailers.empty() && !message.breaks_after;
  if (!co_await stream.respond(head, bodyless ? http::End::yes : http::End::no)) co_return;
  // A client that is gone needs no rest.
  if (!bodyless) (co_await send(self.loop_, message, stream)).ignore();
}

}  // namespace mynah::story
