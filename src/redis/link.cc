// SPDX-License-Identifier: Apache-2.0
// The order of commands and replies, and the greeting.
#include "redis/link.h"

#include <algorithm>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "aio/connect.h"
#include "base/text.h"

namespace mynah::redis {
namespace {

constexpr std::size_t kReadBytes = 16 * 1024;
// A server that is silent for less than this is not given up because of a hurried caller.
constexpr Duration kSilence = 100ms;
constexpr std::uint32_t kLateMax = 16;  // Calls in a row that ran out of time.
// A buffer that a large command has blown up is not kept.
constexpr std::size_t kKeptBytes = 256 * 1024;

// Whether a server, or what stands before it, does not know HELLO.
bool is_too_old(std::string_view error) {
  return error.starts_with("ERR unknown command") || error.starts_with("NOPROTO");
}

// The refusal of a greeting: temporary, or a matter for whoever set the client up.
Error refusal(const Resp& reply) {
  std::string text(reply.text.view());
  // What the server says to HELLO does not fit the client's command, which comes next.
  if (text.starts_with("NOAUTH")) text = "NOAUTH Authentication required.";
  const bool passes = text.starts_with("LOADING") || text.starts_with("MASTERDOWN") ||
                      text.starts_with("ERR max number of clients");
  return {passes ? Errc::unavailable : Errc::denied, std::move(text)};
}

Status accepted(const Resp& reply) {
  if (reply.is_error()) return refusal(reply);
  return ok();
}

}  // namespace

// Someone who waits for a reply. It lives in the frame of its call.
struct Link::Waiting {
  explicit Waiting(Link& whose) : link(&whose), done(whose.loop_) {}
  Waiting(Waiting&&) = delete;
  ~Waiting() {
    if (link != nullptr) link->places_[number - link->first_place_].whose = nullptr;
  }
  void finish(Result<Resp> with) {
    link = nullptr;
    outcome = std::move(with);
    done.set();
  }

  Link* link;  // Null once there is an outcome: the link may be gone by then.
  std::uint64_t number = 0;
  Event done;
  std::optional<Result<Resp>> outcome;
};

Link::Link(Loop& loop, std::unique_ptr<Connection> connection, const Limits& limits)
    : loop_(loop),
      connection_(std::move(connection)),
      limits_(limits),
      opened_(loop.now()),
      decoder_(limits.reply),
      heard_(loop.now()),
      wanted_(loop),
      running_(loop) {
  running_.spawn(&Link::read_replies, std::ref(*this));
  running_.spawn(&Link::write_commands, std::ref(*this));
}

Link::~Link() {
  watcher_ = nullptr;
  end(Error{Errc::closed, "the connection is given up"});
}

Task<Result<Resp>> Link::call(std::string_view bytes, std::size_t commands, Instant deadline) {
  if (failure_) co_return Error{Errc::unavailable, failure_->what};
  if (places_.size() + commands > limits_.in_flight_max) {
    co_return Error{Errc::exhausted, "too many commands wait for the Redis server"};
  }
  if (unsent_.size() + bytes.size() > limits_.unsent_bytes_max) {
    co_return Error{Errc::exhausted, "too many bytes wait for the Redis server"};
  }
  Waiting waiting(*this);
  const Place place{nullptr, loop_.now(), reads_, queued_bytes_};
  places_.resize(places_.size() + commands, place);
  places_.back().whose = &waiting;
  waiting.number = first_place_ + places_.size() - 1;
  unsent_.append(bytes);
  queued_bytes_ += bytes.size();
  wanted_.set();
  co_await waiting.done.wait(deadline);
  if (!waiting.outcome) co_return give_up(waiting);
  co_return *std::move(waiting.outcome);
}

// The time of a call is over.
Error Link::give_up(const Waiting& waiting) {
  const bool silent = places_[waiting.number - first_place_].reads == reads_;
  const Instant since = std::max(heard_, places_.front().queued);
  Error why{Errc::timeout, "the Redis server did not answer in time"};
  // Nor is a server of use that talks, and answers nobody in time.
  if ((silent && loop_.now() - since >= kSilence) || ++late_ == kLateMax) end(why);
  return why;
}

void Link::end(Error why) {
  if (failure_) return;
  failure_ = std::move(why);
  connection_->shut();
  for (const Place& place : std::exchange(places_, {})) {
    if (place.whose == nullptr) continue;
    const bool sent = place.begins < handed_bytes_;
    place.whose->finish(Error{sent ? failure_->code : Errc::unavailable, failure_->what});
  }
  if (watcher_ != nullptr) watcher_->on_link_end();
}

Task<> Link::read_replies(Link& link) {
  std::vector<char> room(kReadBytes);
  while (!link.failure_) {
    auto got = co_await link.connection_->read(room, kNever);
    if (link.failure_) co_return;
    if (!got) co_return link.end({Errc::closed, std::move(got).error().what});
    if (*got == 0) co_return link.end({Errc::closed, "the Redis server closed the connection"});
    ++link.reads_;
    link.heard_ = link.loop_.now();
    link.decoder_.feed({room.data(), *got});
    if (auto delivered = link.deliver(); !delivered) link.end(std::move(delivered).error());
  }
}

Status Link::deliver() {
  while (true) {
    MYNAH_LET(auto reply, decoder_.next());
    if (!reply) return ok();
    if (reply->kind == Resp::Kind::push) continue;  // No call asked for it.
    if (places_.empty()) return Error{Errc::protocol, "a reply that nobody asked for"};
    Waiting* const whose = places_.front().whose;
    places_.pop_front();
    ++first_place_;
    ++replies_;
    if (whose == nullptr) continue;
    late_ = 0;
    whose->finish(*std::move(reply));
  }
}

Task<> Link::write_commands(Link& link) {
  while (true) {
    // Resumes at the end of the turn, with all that was queued in it.
    co_await link.wanted_.wait();
    while (!link.failure_ && !link.unsent_.empty()) {
      link.sending_.swap(link.unsent_);
      link.handed_bytes_ += link.sending_.size();
      auto sent = co_await link.connection_->write(link.sending_, kNever);
      if (link.failure_) co_return;
      if (!sent) co_return link.end({Errc::closed, std::move(sent).error().what});
      link.sending_.clear();
      if (link.sending_.capacity() > kKeptBytes) link.sending_.shrink_to_fit();
    }
    if (link.failure_) co_return;
  }
}

Task<Result<Resp>> Link::ask(std::initializer_list<std::string_view> words, Instant deadline) {
  std::string bytes;
  encode_command(words, bytes);
  co_return co_await call(bytes, 1, deadline);
}

Task<Status> Link::greet(const Greeting& greeting, Instant deadline) {
  const std::string_view version = greeting.version == RespVersion::resp3 ? "3" : "2";
  const std::string_view named = greeting.login.user;
  const std::string_view user = named.empty() ? "default" : named;
  std::vector<std::string_view> words = {"HELLO", version};
  if (!greeting.login.password.empty())
    words.insert(words.end(), {"AUTH", user, greeting.login.password});
  words.insert(words.end(), {"SETNAME", "mynah"});
  std::string bytes;
  encode_command(words, bytes);
  MYNAH_CO_LET(const Resp hello, co_await call(bytes, 1, deadline));
  if (hello.is_error() && is_too_old(hello.text.view())) {
    MYNAH_CO_OK(co_await greet_old(greeting, deadline));
  } else {
    MYNAH_CO_OK(accepted(hello));
    learn(hello);
  }
  if (greeting.database != 0) {
    const std::string database = cat(greeting.database);
    MYNAH_CO_LET(const Resp reply, co_await ask({"SELECT", database}, deadline));
    MYNAH_CO_OK(accepted(reply));
  }
  if (greeting.reads_replicas) {
    MYNAH_CO_LET(const Resp reply, co_await ask({"READONLY"}, deadline));
    MYNAH_CO_OK(accepted(reply));
  }
  greeting_replies_ = replies_;
  co_return ok();
}

// Servers before Redis 6, and many proxies.
Task<Status> Link::greet_old(const Greeting& greeting, Instant deadline) {
  if (!greeting.login.password.empty()) {
    auto reply =
        greeting.login.user.empty()
            ? co_await ask({"AUTH", greeting.login.password}, deadline)
            : co_await ask({"AUTH", greeting.login.user, greeting.login.password}, deadline);
    if (!reply) co_return std::move(reply).error();
    MYNAH_CO_OK(accepted(*reply));
  }
  MYNAH_CO_LET(const Resp role, co_await ask({"ROLE"}, deadline));
  if (role.kind == Resp::Kind::array && !role.items.empty())
    role_ = role.items[0].text.view() == "master" ? Role::primary : Role::replica;
  co_return ok();
}

// The answer to HELLO: names and values in turn.
void Link::learn(const Resp& hello) {
  for (std::size_t i = 0; i + 1 < hello.items.size(); i += 2) {
    if (hello.items[i].text.view() != "role") continue;
    role_ = hello.items[i + 1].text.view() == "master" ? Role::primary : Role::replica;
  }
}

Task<Result<std::unique_ptr<Link>>> open_link(Context& context, const Endpoint& endpoint,
                                              const Link::Greeting& greeting, Instant deadline) {
  std::vector<Address> addresses;
  if (endpoint.host.starts_with('/')) {
    MYNAH_CO_LET(addresses.emplace_back(), Address::parse(cat("unix:", endpoint.host)));
  } else {
    MYNAH_CO_LET(addresses,
                 co_await context.resolver.resolve(endpoint.host, endpoint.port, deadline));
  }
  MYNAH_CO_LET(auto connection, co_await connect_any(context.loop, addresses, deadline));
  if (context.options.tls != nullptr) {
    const std::string& name =
        context.options.tls_name.empty() ? endpoint.host : context.options.tls_name;
    MYNAH_CO_OK(co_await TlsHandshake(*connection, *context.options.tls, name, deadline));
  }
  auto link = std::make_unique<Link>(context.loop, std::move(connection), context.options.limits);
  MYNAH_CO_OK(co_await link->greet(greeting, deadline));
  co_return std::move(link);
}

}  // namespace mynah::redis
