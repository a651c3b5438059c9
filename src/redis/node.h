// SPDX-License-Identifier: Apache-2.0
// Node: one server of Redis, or whichever plays a part, with the one connection to it. Connects
// when it is first asked, again when the connection has ended, and in the background with pauses
// while that fails.
//
// Who asks while the first attempt is under way waits for it; once an attempt has failed, asking
// fails at once until one succeeds. So a server that is away costs its users no time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "aio/scope.h"
#include "base/task.h"
#include "redis/link.h"
#include "redis/waiters.h"

namespace mynah::redis {

// Where a node is to be found; asked before each attempt to connect.
class Locator {
 public:
  virtual ~Locator() = default;
  virtual Task<Result<Endpoint>> locate(Instant deadline) = 0;
  // How many different answers are worth trying one after the other, without a pause.
  [[nodiscard]] virtual std::size_t choices() const = 0;
  // Whether the part may be played by another server later, so that one that turns out to be a
  // replica is left.
  [[nodiscard]] virtual bool may_move() const = 0;
  // Ends when the part is played by another server than this. Only asked where may_be_watched().
  virtual Task<> until_moved(const Endpoint& from) = 0;
  [[nodiscard]] virtual bool may_be_watched() const = 0;
};

// The endpoints in turn.
class FixedPlaces final : public Locator {
 public:
  explicit FixedPlaces(std::vector<Endpoint> endpoints) : endpoints_(std::move(endpoints)) {}
  Task<Result<Endpoint>> locate(Instant deadline) override;
  [[nodiscard]] std::size_t choices() const override { return endpoints_.size(); }
  [[nodiscard]] bool may_move() const override;
  Task<> until_moved(const Endpoint&) override { co_return; }
  [[nodiscard]] bool may_be_watched() const override { return false; }

 private:
  std::vector<Endpoint> endpoints_;
  std::size_t next_ = 0;
};

enum class Repeat : std::uint8_t { if_unsent, always };

class Node final : private LinkWatcher {
 public:
  // With `primary`, a server that is a replica is refused when the part may be another's.
  enum class Part : std::uint8_t { any, primary };

  Node(Context& context, std::unique_ptr<Locator> locator, Link::Greeting greeting, Part part);
  ~Node();

  // `bytes` are so many commands, the reply is that to the last. A command that was certainly not
  // carried out is sent again once, on a new connection; any command when it may be repeated.
  // Errors: those of Link::call; denied when the server refuses the client, with its own text.
  Task<Result<Resp>> call(std::string_view bytes, std::size_t commands, Repeat repeat,
                          Instant deadline);

  // Whether the last attempt to connect has failed.
  [[nodiscard]] bool is_down() const { return state_ == State::down; }
  [[nodiscard]] bool is_up() const { return state_ == State::up; }
  // Calls that have not ended.
  [[nodiscard]] std::size_t calls() const { return calls_; }

 private:
  enum class State : std::uint8_t { idle, connecting, up, down };

  Task<Result<Link*>> link(Instant deadline);
  void ensure_connecting();
  static Task<> connect(Node& node);
  static Task<> watch(Node& node);
  Task<Result<std::unique_ptr<Link>>> open();
  void take(std::unique_ptr<Link> link);
  void fail(Error why);
  void on_link_end() override;
  void reap();
  Duration pause(unsigned failures);

  Context& context_;
  std::unique_ptr<Locator> locator_;
  const Link::Greeting greeting_;
  const Part part_;

  State state_ = State::idle;
  Endpoint place_;                // Of the last attempt.
  std::optional<Error> failure_;  // Of the last attempt.
  bool told_ = false;             // The present outage was reported.
  Instant asked_;                 // When somebody wanted the node last.
  std::size_t calls_ = 0;
  std::unique_ptr<Link> link_;
  Soon reap_;
  Waiters waiters_;
  Scope watching_;
  Scope connecting_;  // Last: it uses all of the above.
};

}  // namespace mynah::redis
