// SPDX-License-Identifier: Apache-2.0
// Attempts at having a service answer: one, one after another, or some beside each other.
#include <algorithm>
#include <deque>
#include <utility>

#include "base/text.h"
#include "gateway/counted.h"
#include "gateway/exchange_run.h"
#include "gateway/worker.h"

namespace mynah {
namespace {

constexpr int kFirstServerError = 500;

bool is_idempotent(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "TRACE" ||
         method == "PUT" || method == "DELETE";
}

}  // namespace

void ExchangeRun::Try::expired(void* self) {
  auto& late = *static_cast<Try*>(self);
  late.timed_out = true;
  if (late.lease) late.lease->stream->abort();
}

Task<ExchangeRun::Attempt> ExchangeRun::attempt(Try& current, std::string_view avoid) {
  if (timed_out_) co_return Attempt::ended;
  ++exchange_.attempts;
  Upstream& upstream = *exchange_.upstream;
  current.begun = loop().now();
  current.timed_out = false;
  exchange_.upstream_begun = current.begun;
  const std::string wanted(exchange_.note("upstream_override_host").value_or(""));
  auto opened =
      co_await upstream.open(upstream.hash_of(request(), exchange_.client.address), avoid, wanted);
  if (!opened) {
    current.details = opened.error().what;
    const bool limit = opened.error().code == Errc::exhausted || upstream.endpoints().empty();
    co_return limit ? Attempt::not_possible : Attempt::no_connection;
  }
  current.lease.emplace(*std::move(opened));
  exchange_.upstream_address = current.lease->address();
  if (const auto limit = exchange_.route->timeouts.per_try; limit.count() > 0) {
    current.limit.arm(loop().timers(), loop().now() + limit);
  }
  current.lease->stream->on_interim(&ExchangeRun::interim_came, this);
  const auto sent = co_await send_request(current);
  // A service may answer before it has taken the whole request: its answer is looked for even after
  // a failed write.
  auto head = co_await current.lease->stream->response();
  current.limit.disarm();
  if (head) {
    current.answered = loop().now();
    current.head = *std::move(head);
    current.status = parse_number<int>(current.head.value_or(":status", "0")).value_or(0);
    const bool failed = current.status >= kFirstServerError;
    current.lease->report(failed ? Report::server_error : Report::answered);
    co_return Attempt::answered;
  }
  if (client_failure_) co_return Attempt::client_failed;
  if (timed_out_ || chain_.answer() || chain_.failure()) co_return Attempt::ended;
  current.details = sent ? head.error().what : sent.error().what;
  if (current.timed_out || head.error().code == Errc::timeout) {
    current.lease->report(Report::timed_out);
    co_return Attempt::per_try_timeout;
  }
  current.lease->report(Report::broke_off);
  const bool nonsense = head.error().code == Errc::protocol || head.error().code == Errc::too_large;
  co_return nonsense ? Attempt::malformed : Attempt::broke_off;
}

// What the exchange tells of the service is what this attempt has seen.
void ExchangeRun::take_over(Try& decisive) {
  exchange_.upstream_begun = decisive.begun;
  exchange_.upstream_answered = decisive.answered;
  exchange_.response = std::move(decisive.head);
  exchange_.status = decisive.status;
  if (!decisive.details.empty()) exchange_.details = std::move(decisive.details);
  if (decisive.lease) exchange_.upstream_address = decisive.lease->address();
  if (&decisive != &asked_ && decisive.lease) asked_.lease.emplace(*std::move(decisive.lease));
}

// A request that may be sent twice and is here as a whole.
bool ExchangeRun::hedges() const {
  const model::Route& route = *exchange_.route;
  return route.hedge && request_read_ && kept_whole_ &&
         (is_idempotent(exchange_.method) || route.retry.non_idempotent);
}

// The first answer wins, but that of a service in trouble only when no other attempt is under way.
// Losing attempts are dropped, and with them what they wait for.
Task<ExchangeRun::Attempt> ExchangeRun::race(std::string_view avoid) {
  const model::Hedge& hedge = *exchange_.route->hedge;
  std::deque<Try> tries;
  std::deque<Counted<std::atomic<std::uint32_t>>> counted;
  Scope runners(loop());
  const auto start = [&](std::string_view but) {
    runners.spawn(&ExchangeRun::run_try, std::ref(*this), std::ref(tries.emplace_back()),
                  std::string(but));
    return loop().now() + hedge.after;
  };
  Instant next = start(avoid);
  while (true) {
    if (timed_out_ || chain_.answer() || chain_.failure()) co_return Attempt::ended;
    Try* decisive = nullptr;
    bool running = false;
    for (Try& current : tries) {
      running |= !current.end;
      if (!current.end) continue;
      const bool answered = *current.end == Attempt::answered;
      if (decisive == nullptr || (answered && *decisive->end != Attempt::answered) ||
          (answered && current.status < decisive->status))
        decisive = &current;
    }
    const bool won = decisive != nullptr && *decisive->end == Attempt::answered &&
                     decisive->status < kFirstServerError;
    if (won || !running) {
      take_over(*decisive);
      co_return *decisive->end;
    }
    const bool more = tries.size() <= hedge.attempts_max;
    if (co_await response_changed_.wait(more ? next : kNever) || loop().now() < next) continue;
    next = loop().now() + hedge.after;
    if (!within_retry_budget()) continue;
    counted.emplace_back(exchange_.upstream->shared().retries_in_flight);
    next = start(exchange_.upstream_address);
  }
}

Task<> ExchangeRun::run_try(ExchangeRun& self, Try& current, std::string avoid) {
  current.end = co_await self.attempt(current, avoid);
  self.response_changed_.set();
}

// The head, and the body as far as it is there; the rest follows by a pump of its own.
Task<Status> ExchangeRun::send_request(Try& current) {
  http::ClientStream& stream = *current.lease->stream;
  const Headers& trailers = exchange_.request_trailers;
  const bool whole = request_read_ && trailers.empty();
  MYNAH_CO_OK(
      co_await stream.send(request(), whole && kept_.empty() ? http::End::yes : http::End::no));
  std::size_t left = kept_.size();
  for (const Slice& slice : kept_) {
    left -= slice.size();
    MYNAH_CO_OK(co_await stream.write(slice, whole && left == 0 ? http::End::yes : http::End::no));
  }
  if (request_read_ && !trailers.empty()) MYNAH_CO_OK(co_await stream.finish(trailers));
  if (!request_read_) {
    pumping_ = true;
    scope_.spawn(&ExchangeRun::pump_request, std::ref(*this));
  }
  co_return ok();
}

bool ExchangeRun::may_retry(Attempt attempt) const {
  const model::Retry& retry = exchange_.route->retry;
  if (retries_ >= retry.attempts || timed_out_ || !kept_whole_ || (pumping_ && !request_read_))
    return false;
  if (chain_.answered() || chain_.failure()) return false;
  const auto asked_for = [&](model::RetryOn what) {
    return std::ranges::find(retry.on, what) != retry.on.end();
  };
  bool wanted = false;
  switch (attempt) {
    case Attempt::answered: {
      const int status = exchange_.status;
      wanted = (asked_for(model::RetryOn::server_error) && status >= 500) ||
               (asked_for(model::RetryOn::gateway_error) && status >= 502 && status <= 504) ||
               (asked_for(model::RetryOn::too_many) && status == 429) ||
               std::ranges::find(retry.statuses, status) != retry.statuses.end();
      break;
    }
    case Attempt::no_connection:
      wanted = asked_for(model::RetryOn::connect_failure);
      break;
    case Attempt::broke_off:
      wanted = asked_for(model::RetryOn::reset);
      break;
    case Attempt::per_try_timeout:
      wanted = asked_for(model::RetryOn::per_try_timeout);
      break;
    case Attempt::malformed:
    case Attempt::not_possible:
    case Attempt::client_failed:
    case Attempt::ended:
      return false;
  }
  if (!wanted) return false;
  // A service that has answered has refused; one that broke off or was too slow may have acted on
  // the request.
  const bool unsure = attempt == Attempt::broke_off || attempt == Attempt::per_try_timeout;
  const bool harmless = is_idempotent(exchange_.method) || retry.non_idempotent ||
                        (asked_.lease && asked_.lease->stream->retry_is_safe());
  return (harmless || !unsure) && within_retry_budget();
}

bool ExchangeRun::within_retry_budget() const {
  const model::Retry& retry = exchange_.route->retry;
  const ServiceShared& shared = exchange_.upstream->shared();
  const double budget =
      std::max<double>(retry.budget_min, shared.requests_in_flight * retry.budget_percent / 100);
  const std::uint32_t limit = exchange_.upstream->service().circuit.retries_max;
  return shared.retries_in_flight < budget && (limit == 0 || shared.retries_in_flight < limit);
}

Duration ExchangeRun::backoff() const {
  const model::Retry& retry = exchange_.route->retry;
  const auto doublings = std::min(retries_, 16U);
  const Duration most =
      std::min<Duration>(retry.backoff_base * (1LL << doublings), retry.backoff_max);
  return Duration(
      static_cast<std::int64_t>(static_cast<double>(most.count()) * worker_.dice().unit()));
}

Task<> ExchangeRun::fail_attempt(Attempt attempt) {
  const std::string& name = exchange_.upstream->service().name;
  switch (attempt) {
    case Attempt::answered:
      break;
    case Attempt::not_possible:
      co_return co_await reply({503, "service-unavailable",
                                cat("Service ", name, " cannot be asked: ", exchange_.details)},
                               Outcome::service_unavailable);
    case Attempt::no_connection:
      co_return co_await reply({502, "service-unreachable",
                                cat("Service ", name, " cannot be reached: ", exchange_.details)},
                               Outcome::service_unreachable);
    case Attempt::broke_off:
      co_return co_await reply({502, "service-broke-off",
                                cat("Service ", name, " ended the connection before it answered.")},
                               Outcome::service_broke_off);
    case Attempt::malformed:
      co_return co_await reply(
          {502, "service-malformed", cat("Service ", name, " sent what is not a proper response.")},
          Outcome::service_malformed);
    case Attempt::per_try_timeout:
      co_return co_await reply(
          {504, "service-too-slow", cat("Service ", name, " did not answer in time.")},
          Outcome::service_too_slow);
    case Attempt::client_failed: {
      const int status = client_failure_->code == Errc::too_large ? 413
                         : client_failure_->code == Errc::timeout ? 408
                                                                  : 400;
      co_return co_await reply({status, "request-not-received", client_failure_->what},
                               outcome_of_client(*client_failure_));
    }
    case Attempt::ended:
      if (co_await end_by_filters()) co_return;
      co_return co_await reply({504, "timed-out", "The exchange took longer than it may."},
                               Outcome::timed_out);
  }
}

}  // namespace mynah
