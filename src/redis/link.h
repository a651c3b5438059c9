// SPDX-License-Identifier: Apache-2.0
// Link: one connection to one server of Redis. Commands are pipelined: whoever calls puts bytes
// behind those that wait, all of a turn leave in one write, and replies are handed out in order.
//
//   MYNAH_CO_LET(auto link, co_await open_link(context, endpoint, settings, deadline));
//   auto reply = co_await link->call(bytes, 1, deadline);
//
// A call that runs out of time or is dropped leaves its place in the order behind: its reply is
// dropped when it comes. When the server has said nothing at all since that call was queued, or
// many calls in a row ran out of time, the link ends instead, since the connection may be half
// open; its other calls fail with it.
//
// What an error of call() says of the command: unavailable and exhausted: it was not sent; closed,
// timeout, protocol, too_large: it may have been carried out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "aio/connection.h"
#include "aio/dns.h"
#include "aio/event.h"
#include "aio/scope.h"
#include "base/random.h"
#include "base/resp.h"
#include "base/result.h"
#include "base/task.h"
#include "redis/health.h"
#include "redis/options.h"

namespace mynah::redis {

// What all parts of a client share. All of it outlives them.
struct Context {
  Loop& loop;
  Resolver& resolver;
  const Options& options;
  Health& health;
  Random& dice;
};

// Told when a link has ended, inside whatever ended it: it must not be destroyed there.
class LinkWatcher {
 public:
  virtual void on_link_end() = 0;

 protected:
  ~LinkWatcher() = default;
};

// What a server says of itself when it is greeted.
enum class Role : std::uint8_t { unknown, primary, replica };

class Link final {
 public:
  // How the server is greeted.
  struct Greeting {
    Login login;
    std::uint32_t database = 0;
    RespVersion version = RespVersion::resp2;
    bool reads_replicas = false;  // Asks a replica of a cluster to answer.
  };

  Link(Loop& loop, std::unique_ptr<Connection> connection, const Limits& limits);
  ~Link();
  Link(Link&&) = delete;

  // Before the first call. Errc::denied when the server refuses; `what` is then its own text.
  Task<Status> greet(const Greeting& greeting, Instant deadline);

  // `bytes` are so many commands; the reply is that to the last one. Error replies of the server
  // are replies. The link may be destroyed while its calls wait: they fail.
  Task<Result<Resp>> call(std::string_view bytes, std::size_t commands, Instant deadline);

  void watch(LinkWatcher* watcher) { watcher_ = watcher; }
  // Why it has ended; nothing while it works.
  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }
  // Ends the link; calls in flight fail with that error.
  void end(Error why);

  [[nodiscard]] Role role() const { return role_; }
  // Whether a call was ever answered, the greeting not counted.
  [[nodiscard]] bool proved() const { return replies_ > greeting_replies_; }
  [[nodiscard]] Instant opened() const { return opened_; }

 private:
  struct Waiting;
  struct Place {
    Waiting* whose = nullptr;  // Null when nobody waits for the reply any more.
    Instant queued;
    std::uint64_t reads = 0;   // How often something had come by then.
    std::uint64_t begins = 0;  // The byte of the stream at which the command begins.
  };

  static Task<> read_replies(Link& link);
  static Task<> write_commands(Link& link);
  Status deliver();
  Error give_up(const Waiting& waiting);
  Task<Result<Resp>> ask(std::initializer_list<std::string_view> words, Instant deadline);
  Task<Status> greet_old(const Greeting& greeting, Instant deadline);
  void learn(const Resp& hello);

  Loop& loop_;
  std::unique_ptr<Connection> connection_;
  const Limits& limits_;
  LinkWatcher* watcher_ = nullptr;
  std::optional<Error> failure_;
  Role role_ = Role::unknown;
  const Instant opened_;

  RespDecoder decoder_;
  std::deque<Place> places_;       // Of the commands whose replies have not come.
  std::uint64_t first_place_ = 0;  // The number of the first of them.
  std::uint64_t replies_ = 0;      // That came.
  std::uint64_t greeting_replies_ = 0;
  std::uint64_t reads_ = 0;  // How often something came,
  Instant heard_;            // and when it did last.
  std::uint32_t late_ = 0;   // Calls that ran out of time since one was answered.

  Event wanted_;  // Something is to be sent.
  std::string unsent_;
  std::string sending_;
  std::uint64_t queued_bytes_ = 0;  // Ever.
  std::uint64_t handed_bytes_ = 0;  // Ever given to the system.
  Scope running_;                   // Last: its coroutines use all of the above.
};

// Finds, connects, secures and greets.
Task<Result<std::unique_ptr<Link>>> open_link(Context& context, const Endpoint& endpoint,
                                              const Link::Greeting& greeting, Instant deadline);

}  // namespace mynah::redis
