// SPDX-License-Identifier: Apache-2.0
// The way of a request to the service. The attempts to have it answered are in exchange_attempt.cc,
// the way back in exchange_relay.cc.
// tidy: allow-file shared_ptr: what exchanges in flight use outlives the generation that made it
#include "gateway/exchange_run.h"

#include <algorithm>
#include <utility>

#include "base/ids.h"
#include "base/text.h"
#include "gateway/ask.h"
#include "gateway/counted.h"
#include "gateway/route_table.h"
#include "gateway/worker.h"

namespace mynah {
namespace {

// A body up to this size is read whole before an endpoint is asked, and kept so that it can be sent
// again.
constexpr std::uint64_t kSmallBodyBytes = 64 * 1024;

// A duration of zero puts no limit.
Instant moment_after(Instant begun, Duration duration) {
  return duration == Duration{} ? kNever : begun + duration;
}

}  // namespace

ExchangeRun::ExchangeRun(Worker& worker, http::ServerStream& client)
    : worker_(worker),
      generation_(worker.generation()),
      exchange_(client, worker.loop().now(), worker.loop().wall_now()),
      chain_(*this, generation_->config().gateway.limits.gathered_body_bytes),
      request_changed_(worker.loop()),
      request_room_(worker.loop()),
      response_changed_(worker.loop()),
      response_room_(worker.loop()),
      overall_(
          [](void* self) {
            static_cast<ExchangeRun*>(self)->time_is_up("the exchange took too long");
          },
          this),
      idle_(&ExchangeRun::look_whether_idle, this),
      scope_(worker.loop()) {
  exchange_.generation = generation_.get();
  worker_.exchange_began();
}

ExchangeRun::~ExchangeRun() {
  scope_.cancel();
  worker_.exchange_ended(exchange_);
}

Loop& ExchangeRun::loop() const { return worker_.loop(); }

Task<> ExchangeRun::run() {
  prepare();
  if (worker_.overloaded()) {
    exchange_.client_stream.close_after();
    co_return co_await reply(
        {503, "overloaded", "The gateway is over its limits; try again later."},
        Outcome::overloaded);
  }
  const std::uint64_t body_max = generation_->config().gateway.limits.body_bytes;
  if (body_max != 0 && exchange_.client_stream.request_length().value_or(0) > body_max) {
    exchange_.client_stream.close_after();
    co_return co_await reply(
        {413, "body-too-large", cat("The body may have ", body_max, " bytes.")},
        Outcome::request_too_large);
  }
  exchange_.draw = worker_.dice().unit();
  choose_route();
  if (exchange_.route == nullptr) co_return co_await reply_no_route();
  generation_->build_chain(exchange_, chain_);
  if (!chain_.empty() && !co_await pass_request_filters()) co_return;
  co_await act();
}

Task<> ExchangeRun::reply_no_route() {
  const std::string path(request().value_or(":path", ""));
  co_await reply({404, "no-route", cat("No route leads to ", path, ".")}, Outcome::no_route);
}

void ExchangeRun::prepare() {
  Headers& headers = request();
  exchange_.method = headers.value_or(":method", "");
  exchange_.path = headers.value_or(":path", "");
  exchange_.host = headers.value_or(":authority", "");
  const model::Gateway& settings = generation_->config().gateway;
  exchange_.client = prepare_request(headers, exchange_.client_stream.peer(),
                                     exchange_.client_stream.version(), settings.forwarding);
  const std::string_view given = headers.value_or("x-request-id", "");
  if (is_request_id(given)) {
    exchange_.request_id = given;
  } else {
    exchange_.request_id = request_id(worker_.dice());
    headers.set("x-request-id", exchange_.request_id);
  }
  if (settings.tracing.endpoint)
    exchange_.trace = trace_exchange(headers, settings.tracing, worker_.dice());
  overall_.arm(loop().timers(), moment_after(exchange_.begun, settings.limits.overall_timeout));
  idle_max_ = settings.limits.stream_timeout;
  stay_alive();
  idle_.arm(loop().timers(), moment_after(moved_, idle_max_));
}

void ExchangeRun::choose_route() {
  generation_->choose_route(exchange_);
  if (exchange_.route == nullptr) return;
  const model::RouteTimeouts& timeouts = exchange_.route->timeouts;
  if (timeouts.overall)
    overall_.arm(loop().timers(), moment_after(exchange_.begun, *timeouts.overall));
  if (timeouts.idle) {
    idle_max_ = *timeouts.idle;
    idle_.arm(loop().timers(), moment_after(moved_, idle_max_));
  }
}

// Bytes move far more often than the time runs out, so that they only leave a note: the timer looks
// at it when it fires.
void ExchangeRun::look_whether_idle(void* self) {
  auto& run = *static_cast<ExchangeRun*>(self);
  const Instant until = moment_after(run.moved_, run.idle_max_);
  if (until <= run.loop().now()) return run.time_is_up("no byte moved for too long");
  run.idle_.arm(run.loop().timers(), until);
}

void ExchangeRun::time_is_up(std::string_view which) {
  timed_out_ = true;
  exchange_.details = which;
  if (asked_.lease) asked_.lease->stream->abort();
  if (exchange_.client_stream.responded()) {
    exchange_.outcome = Outcome::timed_out;
    exchange_.client_stream.abort();
  }
  chain_changed();
}

// Runs the request through the filters; false when they, or a failure, have ended the exchange.
Task<bool> ExchangeRun::pass_request_filters() {
  http::ServerStream& client = exchange_.client_stream;
  chain_.head(Direction::request, client.request_ended() ? End::yes : End::no);
  request_read_ = client.request_ended();
  if (!request_read_ && chain_.wants_body(Direction::request)) {
    feeding_ = true;
    scope_.spawn(&ExchangeRun::feed_request, std::ref(*this));
  }
  while (!chain_.passed(Direction::request)) {
    if (co_await end_by_filters()) co_return false;
    if (timed_out_) {
      co_await reply({504, "timed-out", "The exchange took longer than it may."},
                     Outcome::timed_out);
      co_return false;
    }
    if (client_failure_) {
      co_await reply({400, "bad-request", client_failure_->what},
                     outcome_of_client(*client_failure_));
      co_return false;
    }
    if (!co_await request_changed_.wait(held_until(Direction::request))) {
      exchange_.details = cat("held by ", held_by_);
      co_await reply({504, "plugin-too-slow", "A plug-in held the request longer than it may."},
                     Outcome::filter_failed);
      co_return false;
    }
  }
  if (co_await end_by_filters()) co_return false;
  exchange_.under_way = true;
  if (std::exchange(exchange_.route_cleared, false)) choose_route();
  if (exchange_.route != nullptr) co_return true;
  co_await reply_no_route();
  co_return false;
}

// Until when the filter that holds the direction up now may do so.
Instant ExchangeRun::held_until(Direction direction) {
  const auto place = chain_.holder(direction);
  Hold& hold = holds_[static_cast<std::size_t>(direction)];
  if (place != hold.place) hold = {place, loop().now()};
  if (!place) return kNever;
  const Filter& filter = chain_.filter(*place);
  held_by_ = filter.name();
  return hold.since + filter.patience();
}

Task<> ExchangeRun::act() {
  const model::Route& route = *exchange_.route;
  if (const auto* forward_to = std::get_if<model::Forward>(&route.action))
    co_return co_await forward(*forward_to);
  goal_ = Outcome::answered_by_gateway;
  Headers head;
  std::string body;
  if (const auto* redirect = std::get_if<model::Redirect>(&route.action)) {
    head.add(":status", std::to_string(redirect->status));
    head.add("location", generation_->redirect_target(exchange_, *redirect));
  } else {
    const auto& direct = std::get<model::DirectResponse>(route.action);
    head.add(":status", std::to_string(direct.status));
    for (const auto& [name, value] : direct.headers) head.add(name, value);
    body = direct.body;
  }
  co_await respond_locally(std::move(head), std::move(body));
}

// What the route changes in the request, once, before the first attempt.
void ExchangeRun::edit_request() {
  const model::Route& route = *exchange_.route;
  const Upstream& upstream = *exchange_.upstream;
  Headers& headers = request();
  for (const std::string& name : route.request_headers.remove) headers.remove(name);
  for (const auto& [name, value] : route.request_headers.set) headers.set(name, value);
  for (const auto& [name, value] : route.request_headers.add) headers.add(name, value);
  if (route.rewrite.prefix || route.rewrite.regex) {
    headers.set(":path", generation_->routes().rewritten(exchange_.route_index,
                                                         headers.value_or(":path", "/")));
  }
  if (!route.rewrite.host.empty()) {
    headers.set(":authority", route.rewrite.host);
  } else if (upstream.service().host_header == model::HostHeader::service) {
    headers.set(":authority", upstream.authority());
  }
  headers.set(":scheme", upstream.tls() == nullptr ? "http" : "https");
}

Task<> ExchangeRun::forward(const model::Forward&) {
  if (exchange_.upstream == nullptr) {
    co_return co_await reply({503, "no-service", "The route has no service that can be asked."},
                             Outcome::service_unavailable);
  }
  edit_request();
  if (!co_await gather_small_body()) co_return;
  mirror();
  std::string avoid;
  std::optional<Counted<std::atomic<std::uint32_t>>> retry;
  while (true) {
    const bool hedged = hedges();
    const Attempt outcome = hedged ? co_await race(avoid) : co_await attempt(asked_, avoid);
    if (!hedged) take_over(asked_);
    if (outcome == Attempt::answered && !may_retry(outcome)) co_return co_await relay();
    if (outcome == Attempt::ended || !may_retry(outcome)) co_return co_await fail_attempt(outcome);
    avoid = exchange_.upstream_address;
    asked_.lease.reset();
    ++retries_;
    retry.reset();
    retry.emplace(exchange_.upstream->shared().retries_in_flight);
    co_await Sleep(loop(), backoff());
    stay_alive();
  }
}

// A body that is small and announced is read whole: it then goes out with the head in one write and
// can be sent again.
Task<bool> ExchangeRun::gather_small_body() {
  http::ServerStream& client = exchange_.client_stream;
  if (chain_.empty()) request_read_ = client.request_ended();
  if (feeding_) {
    fit_length(request(), Direction::request);
    if (chain_.ended(Direction::request)) {
      kept_ = std::exchange(chain_.output(Direction::request), {});
      request_read_ = true;
    }
    co_return true;
  }
  const bool small = client.request_length().value_or(kSmallBodyBytes + 1) <= kSmallBodyBytes;
  while (!request_read_ && small) {
    auto piece = co_await next_request_piece();
    if (!piece) {
      const int status = piece.error().code == Errc::timeout ? 408 : 400;
      co_await reply({status, "request-not-received", piece.error().what},
                     outcome_of_client(piece.error()));
      co_return false;
    }
    request_read_ = piece->end == http::End::yes;
    kept_.append(std::move(piece->bytes));
  }
  co_return true;
}

// Early hints and their like go on at once; while one is still on its way out, others are left out.
void ExchangeRun::interim_came(void* self, const Headers& head) {
  auto& run = *static_cast<ExchangeRun*>(self);
  if (run.interim_passing_ || head.find(":status") == "100") return;
  run.interim_passing_ = true;
  run.scope_.spawn(&ExchangeRun::pass_interim, std::ref(run), Headers(head));
}

Task<> ExchangeRun::pass_interim(ExchangeRun& self, Headers head) {
  // What matters comes later; whether the client takes it is seen then.
  (co_await self.exchange_.client_stream.send_interim(head)).ignore();
  self.interim_passing_ = false;
  self.response_changed_.set();
}

Task<> ExchangeRun::pump_request(ExchangeRun& self) {
  http::ClientStream& stream = *self.asked_.lease->stream;
  while (!self.request_read_) {
    auto piece = co_await self.next_request_piece();
    if (!piece) {
      self.client_failure_ = std::move(piece).error();
      stream.abort();
      self.chain_changed();
      co_return;
    }
    self.request_read_ = piece->end == http::End::yes;
    self.keep_for_retry(piece->bytes);
    const bool with_trailers = self.request_read_ && !self.exchange_.request_trailers.empty();
    const auto end = self.request_read_ && !with_trailers ? http::End::yes : http::End::no;
    // A service that takes no more may still answer, so a failed write only ends the pumping.
    if (!co_await stream.write(std::move(piece->bytes), end)) co_return;
    if (with_trailers && !co_await stream.finish(self.exchange_.request_trailers)) co_return;
  }
}

void ExchangeRun::keep_for_retry(const Slice& bytes) {
  if (!kept_whole_) return;
  kept_.append(bytes);
  if (kept_.size() <= kSmallBodyBytes) return;
  kept_whole_ = false;
  kept_.clear();
}

// The next piece of what goes to the service: from the client, or what came out of the filters.
Task<Result<http::Piece>> ExchangeRun::next_request_piece() {
  http::ServerStream& client = exchange_.client_stream;
  if (!feeding_) {
    auto piece = co_await client.read();
    if (piece) {
      stay_alive();
      exchange_.request_bytes += piece->bytes.size();
      if (piece->end == http::End::yes) exchange_.request_trailers = client.trailers();
    }
    co_return piece;
  }
  SliceChain& output = chain_.output(Direction::request);
  while (output.empty() && !chain_.ended(Direction::request)) {
    if (client_failure_) co_return *client_failure_;
    if (chain_.answer() || chain_.failure())
      co_return Error{Errc::cancelled, "a filter has ended the exchange"};
    co_await request_changed_.wait();
  }
  http::Piece piece;
  piece.bytes = output.take_slice();
  piece.end = output.empty() && chain_.ended(Direction::request) ? http::End::yes : http::End::no;
  request_room_.set();
  co_return piece;
}

Task<> ExchangeRun::feed_request(ExchangeRun& self) {
  http::ServerStream& client = self.exchange_.client_stream;
  while (true) {
    while (!self.chain_.wants_more(Direction::request)) co_await self.request_room_.wait();
    auto piece = co_await client.read();
    if (!piece) {
      self.client_failure_ = std::move(piece).error();
      self.chain_changed();
      co_return;
    }
    self.stay_alive();
    self.exchange_.request_bytes += piece->bytes.size();
    const bool ended = piece->end == http::End::yes;
    if (ended) self.exchange_.request_trailers = client.trailers();
    const bool with_trailers = ended && !self.exchange_.request_trailers.empty();
    SliceChain bytes(std::move(piece->bytes));
    self.chain_.body(Direction::request, std::move(bytes),
                     ended && !with_trailers ? End::yes : End::no);
    if (with_trailers) self.chain_.trailers(Direction::request);
    if (ended) co_return;
  }
}

// A copy of the request goes to each mirror, and nobody waits for what they answer. Only a request
// that is whole when it goes out is copied.
void ExchangeRun::mirror() {
  if (!request_read_) return;
  for (const model::Mirror& mirror : exchange_.route->mirrors) {
    if (worker_.dice().unit() * 100 >= mirror.percent) continue;
    auto upstream = worker_.find_service(mirror.service);
    if (upstream == nullptr) continue;
    worker_.background().spawn(&ExchangeRun::send_to_mirror, std::move(upstream),
                               Headers(request()), kept_);
  }
}

Task<> ExchangeRun::send_to_mirror(std::shared_ptr<Upstream> upstream, Headers head,
                                   SliceChain body) {
  auto lease = co_await upstream->open(0, {}, {});
  if (!lease) co_return;
  http::ClientStream& stream = *lease->stream;
  if (upstream->service().host_header == model::HostHeader::service)
    head.set(":authority", upstream->authority());
  if (!co_await send_whole(*upstream, stream, {std::move(head), std::move(body), {}})) co_return;
  if (!co_await stream.response()) co_return;
  while (!stream.response_ended()) {
    const auto piece = co_await stream.read();
    if (!piece || piece->end == http::End::yes) co_return;
  }
}

Outcome ExchangeRun::outcome_of_client(const Error& error) {
  exchange_.details = error.what;
  switch (error.code) {
    case Errc::timeout:
      return Outcome::client_too_slow;
    case Errc::too_large:
      return Outcome::request_too_large;
    case Errc::protocol:
      return Outcome::client_malformed;
    default:
      return Outcome::client_gone;
  }
}

void ExchangeRun::chain_changed() {
  request_changed_.set();
  request_room_.set();
  response_changed_.set();
  response_room_.set();
}

void ExchangeRun::filter_failed(const Filter& filter, const Error& error) {
  worker_.filter_failed(filter, error, exchange_);
}

}  // namespace mynah
