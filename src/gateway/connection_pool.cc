// SPDX-License-Identifier: Apache-2.0
// Free connections are taken from the end of the list, where those used last stand, so that the
// others grow old and are closed when load goes down.
#include "gateway/connection_pool.h"

#include <algorithm>
#include <utility>

#include "aio/connect.h"
#include "aio/tls.h"
#include "base/text.h"
#include "gateway/counted.h"
#include "gateway/upstream.h"

namespace mynah {
namespace {

constexpr std::chrono::milliseconds kForever = std::chrono::hours(24 * 365);

// A place in the queue, given up when whoever waits in it is dropped.
class Place final {
 public:
  Place(std::deque<Event*>& queue, Loop& loop) : queue_(queue), turn(loop) {
    queue_.push_back(&turn);
  }
  Place(Place&&) = delete;
  ~Place() { std::erase(queue_, &turn); }

 private:
  std::deque<Event*>& queue_;

 public:
  Event turn;
};

}  // namespace

ConnectionPool::ConnectionPool(Upstream& upstream, const Address& address)
    : upstream_(upstream),
      address_(address),
      tidy_soon_([](void* self) { static_cast<ConnectionPool*>(self)->tidy(); }, this),
      tidy_idle_([](void* self) { static_cast<ConnectionPool*>(self)->tidy(); }, this) {
  // How long an exchange may wait is the exchange's business: it cuts its stream.
  limits_.response_timeout = kForever;
  limits_.body_timeout = kForever;
}

ConnectionPool::~ConnectionPool() = default;

Task<Result<http::ClientStreamPtr>> ConnectionPool::open() {
  if (Kept* free = find_free()) co_return open_on(*free);
  const model::Pool& settings = upstream_.service().pool;
  if (settings.connections_max == 0 || kept_.size() + connecting_ < settings.connections_max) {
    co_return co_await open_on_new();
  }
  if (waiting_.size() >= settings.pending_max) {
    co_return Error{Errc::exhausted, cat(waiting_.size(), " requests wait for a connection to ",
                                         address_.text(), " already, the limit of the service")};
  }
  const Instant until = upstream_.loop().now() + upstream_.service().connect_timeout;
  Place place(waiting_, upstream_.loop());
  while (co_await place.turn.wait(until)) {
    if (Kept* free = find_free()) co_return open_on(*free);
    if (kept_.size() + connecting_ < settings.connections_max) co_return co_await open_on_new();
  }
  co_return Error{Errc::exhausted,
                  cat("no connection to ", address_.text(), " became free in time")};
}

Task<Result<http::ClientStreamPtr>> ConnectionPool::open_on_new() {
  const Counted counted(connecting_);
  auto connection = co_await connect();
  if (!connection) {
    wake_next();
    co_return std::move(connection).error();
  }
  const bool h2 = upstream_.service().protocol == model::Protocol::h2;
  const auto version = h2 ? http::Version::http2 : http::Version::http11;
  auto kept = std::make_unique<Kept>();
  kept->connection = http::make_client(*std::move(connection), version, limits_, this);
  kept_.push_back(std::move(kept));
  co_return open_on(*kept_.back());
}

Task<Result<std::unique_ptr<Connection>>> ConnectionPool::connect() {
  Loop& loop = upstream_.loop();
  const model::Service& service = upstream_.service();
  const Instant deadline = loop.now() + service.connect_timeout;
  auto connection = co_await mynah::connect(loop, address_, deadline);
  if (!connection || upstream_.tls() == nullptr) co_return connection;
  const std::string name = service.tls->sni.empty() ? address_.ip() : service.tls->sni;
  const auto shaken = co_await TlsHandshake(**connection, *upstream_.tls(), name, deadline);
  if (!shaken) co_return Error{shaken.error()}.within(cat("connect to ", address_.text()));
  const bool h2 = service.protocol == model::Protocol::h2;
  if (h2 && (*connection)->tls()->protocol() != "h2") {
    co_return Error{Errc::protocol, cat(address_.text(), " does not speak HTTP/2")};
  }
  co_return connection;
}

ConnectionPool::Kept* ConnectionPool::find_free() {
  for (auto each = kept_.rbegin(); each != kept_.rend(); ++each) {
    if ((*each)->connection->streams_free() > 0) return each->get();
  }
  return nullptr;
}

http::ClientStreamPtr ConnectionPool::open_on(Kept& kept) {
  auto stream = kept.connection->open();
  const std::uint32_t most = upstream_.service().pool.requests_per_connection;
  if (++kept.streams_opened == most) kept.connection->drain();
  return stream;
}

// A connection has a stream free again, or is closed. It may be in the midst of its own clean-up.
void ConnectionPool::on_change(http::ClientConnection& connection) {
  if (!waiting_.empty() || connection.closed()) tidy_soon_.schedule(upstream_.loop());
  if (connection.closed() || connection.streams_open() > 0) return;
  const auto place = std::ranges::find(kept_, &connection,
                                       [](const auto& kept) { return kept->connection.get(); });
  if (place == kept_.end()) return;
  (*place)->idle_since = upstream_.loop().now();
  if (place + 1 != kept_.end()) std::rotate(place, place + 1, kept_.end());
  if (!tidy_idle_.armed())
    tidy_idle_.arm(upstream_.loop().timers(),
                   upstream_.loop().now() + upstream_.service().pool.idle_timeout);
}

// Drops what is closed or was idle for too long, and lets those who wait have what is free.
void ConnectionPool::tidy() {
  const Instant now = upstream_.loop().now();
  const Duration idle_max = upstream_.service().pool.idle_timeout;
  Instant next = kNever;
  std::erase_if(kept_, [&](const auto& kept) {
    if (kept->connection->streams_open() > 0) return false;
    if (kept->connection->closed() ||
        (kept->streams_opened > 0 && now - kept->idle_since >= idle_max))
      return true;
    next = std::min(next, kept->idle_since + idle_max);
    return false;
  });
  tidy_idle_.arm(upstream_.loop().timers(), next);
  wake_next();
}

void ConnectionPool::wake_next() {
  if (!waiting_.empty()) waiting_.front()->set();
}

}  // namespace mynah
