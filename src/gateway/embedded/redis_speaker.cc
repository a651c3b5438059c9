// SPDX-License-Identifier: Apache-2.0
// A coroutine a connection: read what is there, answer all commands that are whole, write the
// answers together.
#include "gateway/embedded/redis_speaker.h"

#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/text.h"
#include "store/session.h"

namespace mynah {
namespace {

constexpr std::size_t kRoomBytes = 16U << 10U;
// Answers are sent when they are so many, though more commands wait.
constexpr std::size_t kRepliesBytes = 64U << 10U;
// After so many commands everybody else on the loop has a turn.
constexpr std::uint32_t kCommandsPerTurn = 128;
constexpr Duration kWriteTime = 60s;

class RedisSpeaker final : public PortSpeaker {
 public:
  RedisSpeaker(Loop& loop, store::Store& store, const model::Service& service, PortMeters& meters)
      : loop_(loop),
        store_(store),
        options_{.password = std::get<model::Embedded>(service.origin).password},
        wrong_password_(meters.refused.with({service.name, "password"})),
        broken_(meters.refused.with({service.name, "protocol"})),
        silent_(meters.refused.with({service.name, "silence"})) {}

  Task<> serve(std::unique_ptr<Connection> connection) override;

 private:
  struct Client {
    Client(RedisSpeaker& speaker, Connection& to)
        : connection(to), session(speaker.store_, speaker.options_) {}

    Connection& connection;
    store::Session session;
    RespDecoder decoder = RespDecoder::commands(kRedisCommandLimits);
    std::vector<std::string_view> words;  // tidy: allow string_view: of the command that runs
    std::string replies;
    std::size_t errors = 0;  // Before it has logged in.
    bool over = false;
  };

  Task<Status> answer_all(Client& client);
  void answer(Client& client, const Resp& command);
  Task<Status> send(Client& client);

  Loop& loop_;
  store::Store& store_;
  const store::SessionOptions options_;
  Counter& wrong_password_;
  Counter& broken_;
  Counter& silent_;
};

Task<> RedisSpeaker::serve(std::unique_ptr<Connection> connection) {
  Client client(*this, *connection);
  std::string room(kRoomBytes, '\0');
  const Instant login_by = loop_.in(kRedisLoginTime);
  std::size_t strangers_bytes = 0;
  while (!client.over) {
    const bool trusted = client.session.is_trusted();
    const auto got =
        co_await connection->read(room, trusted ? loop_.in(kRedisSilenceMax) : login_by);
    if (!got && got.error().code == Errc::timeout) silent_.add(Slot::shared());
    if (!got || *got == 0) co_return;
    if (!trusted && (strangers_bytes += *got) > kRedisStrangerBytesMax)
      co_return broken_.add(Slot::shared());
    client.decoder.feed({room.data(), *got});
    if (!co_await answer_all(client)) co_return;
  }
}

// Answers the commands that are whole. Fails when the client takes no answers.
Task<Status> RedisSpeaker::answer_all(Client& client) {
  for (std::uint32_t commands = 1; !client.over; ++commands) {
    const auto command = client.decoder.next();
    if (!command) {
      broken_.add(Slot::shared());
      encode(Resp::error(cat("ERR ", command.error().what)), client.session.version(),
             client.replies);
      client.over = true;
      break;
    }
    if (!*command) break;
    answer(client, **command);
    if (client.replies.size() >= kRepliesBytes) {
      MYNAH_CO_OK(co_await send(client));
    }
    if (commands % kCommandsPerTurn == 0) co_await Yield(loop_);
  }
  co_return co_await send(client);
}

void RedisSpeaker::answer(Client& client, const Resp& command) {
  client.words.clear();
  for (const Resp& word : command.items) client.words.push_back(word.text.view());
  if (client.words.empty()) return;  // An empty line, which Redis passes over.
  // A browser that was led here by a hostile page: what follows is of that page's making.
  if (iequals(client.words[0], "post") || iequals(client.words[0], "host:")) {
    broken_.add(Slot::shared());
    client.over = true;
    return;
  }
  const bool stranger = !client.session.is_trusted();
  const Resp reply = client.session.execute(client.words);
  encode(reply, client.session.version(), client.replies);
  client.over = client.session.is_over();
  if (!stranger || !reply.is_error()) return;
  if (reply.text.view().starts_with("WRONGPASS")) wrong_password_.add(Slot::shared());
  if (++client.errors == kRedisStrangerErrorsMax) client.over = true;
}

Task<Status> RedisSpeaker::send(Client& client) {
  if (client.replies.empty()) co_return ok();
  MYNAH_CO_OK(co_await client.connection.write(client.replies, loop_.in(kWriteTime)));
  // One great answer does not keep its room for the rest of the connection.
  if (client.replies.capacity() > 4 * kRepliesBytes) std::string().swap(client.replies);
  client.replies.clear();
  co_return ok();
}

}  // namespace

std::unique_ptr<PortSpeaker> speak_redis(Loop& loop, store::Store& store,
                                         const model::Service& service, PortMeters& meters) {
  return std::make_unique<RedisSpeaker>(loop, store, service, meters);
}

}  // namespace mynah
