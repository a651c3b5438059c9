// SPDX-License-Identifier: Apache-2.0
// The states of a node, and what leads from one to the other.
#include "redis/node.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "aio/address.h"
#include "base/text.h"

namespace mynah::redis {
namespace {

// A node that nobody wants is not looked for any longer.
constexpr Duration kInterest = 30s;
// A link so young is not left because its server turns out to be a replica: it was just chosen.
constexpr Duration kSettled = 1s;

struct Counted {
  explicit Counted(std::size_t& whose) : count(whose) { ++count; }
  Counted(Counted&&) = delete;
  ~Counted() { --count; }
  std::size_t& count;
};

}  // namespace

Task<Result<Endpoint>> FixedPlaces::locate(Instant) {
  co_return endpoints_[next_++ % endpoints_.size()];
}

bool FixedPlaces::may_move() const {
  // A name may lead elsewhere after a failover.
  const std::string& host = endpoints_.front().host;
  return endpoints_.size() > 1 || (!host.starts_with('/') && !Address::from_ip(host, 0));
}

Node::Node(Context& context, std::unique_ptr<Locator> locator, Link::Greeting greeting, Part part)
    : context_(context),
      locator_(std::move(locator)),
      greeting_(std::move(greeting)),
      part_(part),
      asked_(context.loop.now()),
      reap_([](void* self) { static_cast<Node*>(self)->reap(); }, this),
      waiters_(context.loop, context.options.limits.waiting_max),
      watching_(context.loop),
      connecting_(context.loop) {}

Node::~Node() {
  if (link_ != nullptr) link_->watch(nullptr);
}

Task<Result<Resp>> Node::call(std::string_view bytes, std::size_t commands, Repeat repeat,
                              Instant deadline) {
  const Counted counted(calls_);
  for (bool first = true;; first = false) {
    MYNAH_CO_LET(Link* const current, co_await link(deadline));
    auto reply = co_await current->call(bytes, commands, deadline);
    if (!reply) {
      const Errc code = reply.error().code;
      const bool again =
          code == Errc::unavailable || (code == Errc::closed && repeat == Repeat::always);
      if (!first || !again) co_return reply;
      continue;
    }
    const bool left_behind = part_ == Part::primary && locator_->may_move() && reply->is_error() &&
                             reply->text.view().starts_with("READONLY");
    if (!first || !left_behind || state_ != State::up ||
        context_.loop.now() - link_->opened() < kSettled)
      co_return reply;
    link_->end({Errc::closed, "the Redis server is not the primary any more"});
  }
}

Task<Result<Link*>> Node::link(Instant deadline) {
  asked_ = context_.loop.now();
  ensure_connecting();
  while (state_ == State::connecting)
    MYNAH_CO_OK(co_await waiters_.wait(deadline, "the connection to the Redis server"));
  if (state_ == State::up) co_return link_.get();
  if (failure_) co_return *failure_;
  co_return Error{Errc::unavailable, "the connection to the Redis server ended at once"};
}

void Node::ensure_connecting() {
  if (state_ != State::idle) return;
  state_ = State::connecting;
  connecting_.spawn(&Node::connect, std::ref(*this));
}

Task<> Node::connect(Node& node) {
  // Out of the caller's hands, and after an ended link has been put away.
  co_await Yield(node.context_.loop);
  for (unsigned failures = 0;;) {
    auto link = co_await node.open();
    if (link) co_return node.take(*std::move(link));
    node.fail(std::move(link).error());
    ++failures;
    if (node.state_ == State::connecting && failures < node.locator_->choices()) continue;
    node.state_ = State::down;
    node.waiters_.wake();
    if (node.context_.loop.now() - node.asked_ > kInterest) {
      node.state_ = State::idle;
      co_return;
    }
    co_await Sleep(node.context_.loop, node.pause(failures - 1));
  }
}

Task<Result<std::unique_ptr<Link>>> Node::open() {
  const Instant deadline = context_.loop.in(context_.options.connect_timeout);
  MYNAH_CO_LET(place_, co_await locator_->locate(deadline));
  MYNAH_CO_LET(auto link, co_await open_link(context_, place_, greeting_, deadline));
  if (part_ == Part::primary && locator_->may_move() && link->role() == Role::replica)
    co_return Error{Errc::unavailable, "it is a replica"};
  co_return std::move(link);
}

void Node::take(std::unique_ptr<Link> link) {
  link_ = std::move(link);
  link_->watch(this);
  state_ = State::up;
  told_ = false;
  context_.health.opened(place_);
  if (locator_->may_be_watched()) watching_.spawn(&Node::watch, std::ref(*this));
  waiters_.wake();
}

// A server that lost its part may go on for long as if it had not.
Task<> Node::watch(Node& node) {
  const Endpoint place = node.place_;
  co_await node.locator_->until_moved(place);
  if (node.state_ == State::up)
    node.link_->end({Errc::closed, "another Redis server is the primary now"});
}

// Callers learn of a refusal in the server's own words, of anything else that the server is away.
void Node::fail(Error why) {
  context_.health.unreachable(place_, why, told_ ? Health::Failure::again : Health::Failure::first);
  told_ = true;
  const Errc code = why.code == Errc::denied ? Errc::denied : Errc::unavailable;
  failure_ = Error{code, std::move(why).what};
}

void Node::on_link_end() {
  const Error& why = *link_->failure();
  context_.health.closed(place_, why);
  reap_.schedule(context_.loop);
  failure_ = Error{Errc::unavailable, why.what};
  // A server that hangs, or cuts every connection, is looked for in the background alone.
  const bool is_bad = why.code == Errc::timeout || !link_->proved();
  state_ = is_bad ? State::down : State::idle;
  if (is_bad) connecting_.spawn(&Node::connect, std::ref(*this));
}

// After the link has ended, outside of whatever ended it.
void Node::reap() {
  watching_.cancel();
  link_.reset();
}

Duration Node::pause(unsigned failures) {
  const BackOff& back_off = context_.options.back_off;
  const Duration longest =
      std::min(back_off.first * (std::int64_t{1} << std::min(failures, 20U)), back_off.longest);
  const double share = 1.0 - (context_.dice.unit() / 2);
  return std::chrono::duration_cast<Duration>(longest * share);
}

}  // namespace mynah::redis
