// SPDX-License-Identifier: Apache-2.0
// The way back: from the service, or from whoever answers in its place, through the filters to the
// client.
#include <utility>

#include "base/text.h"
#include "gateway/exchange_run.h"
#include "gateway/worker.h"

namespace mynah {
namespace {

constexpr std::uint32_t kStatusMin = 200;
constexpr std::uint32_t kStatusMax = 599;

}  // namespace

Task<> ExchangeRun::relay() {
  exchange_.by_service = true;
  if (exchange_.status == 101) co_return co_await tunnel();
  const model::HeaderEdits& edits = exchange_.route->response_headers;
  for (const std::string& name : edits.remove) exchange_.response.remove(name);
  for (const auto& [name, value] : edits.set) exchange_.response.set(name, value);
  for (const auto& [name, value] : edits.add) exchange_.response.add(name, value);
  if (chain_.empty()) co_return co_await relay_directly();

  service_ended_ = asked_.lease->stream->response_ended();
  chain_.head(Direction::response, service_ended_ ? End::yes : End::no);
  const bool untouched =
      chain_.passed(Direction::response) && !chain_.wants_body(Direction::response);
  if (untouched && !chain_.answer() && !chain_.failure()) co_return co_await relay_directly();
  if (!service_ended_) scope_.spawn(&ExchangeRun::feed_response, std::ref(*this));
  co_await relay_filtered();
}

// Bytes go on as they come: nothing between the two connections gathers or looks.
Task<> ExchangeRun::relay_directly() {
  http::ClientStream& service = *asked_.lease->stream;
  bool ended = service.response_ended();
  if (!co_await start_response(ended ? http::End::yes : http::End::no)) co_return;
  while (!ended) {
    auto piece = co_await service.read();
    if (!piece) {
      service_failure_ = std::move(piece).error();
      co_return break_off();
    }
    ended = piece->end == http::End::yes;
    if (!co_await pass_on(std::move(piece->bytes), piece->end, service.trailers())) co_return;
  }
  exchange_.outcome = goal_;
}

// What comes out of the filters goes on, whoever put it in.
Task<> ExchangeRun::relay_filtered() {
  http::ServerStream& client = exchange_.client_stream;
  SliceChain& output = chain_.output(Direction::response);
  while (true) {
    if (co_await end_by_filters()) co_return;
    if (!client.responded() && chain_.passed(Direction::response)) {
      fit_length(exchange_.response, Direction::response);
      const bool bodyless = chain_.ended(Direction::response) && output.empty() &&
                            !chain_.trailers_passed(Direction::response);
      if (!co_await start_response(bodyless ? http::End::yes : http::End::no)) co_return;
      if (bodyless) {
        exchange_.outcome = goal_;
        co_return;
      }
    }
    while (client.responded() && (!output.empty() || chain_.ended(Direction::response))) {
      Slice bytes = output.take_slice();
      const bool last = output.empty() && chain_.ended(Direction::response);
      const auto end = last ? http::End::yes : http::End::no;
      if (!co_await pass_on(std::move(bytes), end, exchange_.response_trailers)) co_return;
      if (last) {
        exchange_.outcome = goal_;
        co_return;
      }
      response_room_.set();
    }
    if (timed_out_)
      co_return co_await reply({504, "timed-out", "The exchange took longer than it may."},
                               Outcome::timed_out);
    if (service_failure_ && output.empty()) {
      if (client.responded()) co_return break_off();
      exchange_.details = service_failure_->what;
      co_return co_await reply({502, "service-broke-off",
                                "The service ended the connection before its response was whole."},
                               Outcome::service_broke_off);
    }
    if (co_await response_changed_.wait(held_until(Direction::response))) continue;
    exchange_.details = cat("held by ", held_by_);
    co_return co_await reply(
        {504, "plugin-too-slow", "A plug-in held the response longer than it may."},
        Outcome::filter_failed);
  }
}

Task<> ExchangeRun::feed_response(ExchangeRun& self) {
  http::ClientStream& service = *self.asked_.lease->stream;
  while (true) {
    while (!self.chain_.wants_more(Direction::response)) co_await self.response_room_.wait();
    auto piece = co_await service.read();
    if (!piece) {
      self.service_failure_ = std::move(piece).error();
      co_return self.chain_changed();
    }
    const bool ended = piece->end == http::End::yes;
    if (ended) self.exchange_.response_trailers = service.trailers();
    const bool with_trailers = ended && !self.exchange_.response_trailers.empty();
    SliceChain bytes(std::move(piece->bytes));
    self.chain_.body(Direction::response, std::move(bytes),
                     ended && !with_trailers ? End::yes : End::no);
    if (with_trailers) self.chain_.trailers(Direction::response);
    if (ended) co_return;
  }
}

// Filters may have changed the body: its length is what came out when all has, and unknown
// otherwise.
void ExchangeRun::fit_length(Headers& head, Direction direction) {
  if (!chain_.wants_body(direction) || exchange_.method == "HEAD") return;
  head.remove("content-length");
  if (!chain_.ended(direction) || chain_.trailers_passed(direction)) return;
  const SliceChain& output = chain_.output(direction);
  const bool empty_request = direction == Direction::request && output.empty();
  if (!empty_request) head.add("content-length", std::to_string(output.size()));
}

// A client can tell a response that was cut from one that is whole.
void ExchangeRun::break_off() {
  if (exchange_.outcome != Outcome::timed_out) {
    exchange_.details = service_failure_->what;
    exchange_.outcome = service_failure_->code == Errc::timeout ? Outcome::service_too_slow
                                                                : Outcome::service_broke_off;
  }
  exchange_.client_stream.abort();
}

Task<bool> ExchangeRun::start_response(http::End end) {
  Headers& head = exchange_.response;
  head.set("x-request-id", exchange_.request_id);
  exchange_.status = parse_number<int>(head.value_or(":status", "0")).value_or(0);
  while (interim_passing_) co_await response_changed_.wait();
  const auto sent = co_await exchange_.client_stream.respond(head, end);
  exchange_.first_byte = loop().now();
  if (!sent) exchange_.outcome = outcome_of_client(sent.error());
  co_return sent.ok();
}

Task<bool> ExchangeRun::pass_on(Slice bytes, http::End end, const Headers& trailers) {
  http::ServerStream& client = exchange_.client_stream;
  stay_alive();
  exchange_.response_bytes += bytes.size();
  const bool with_trailers = end == http::End::yes && !trailers.empty();
  auto sent = co_await client.write(std::move(bytes), with_trailers ? http::End::no : end);
  if (sent && with_trailers) sent = co_await client.finish(trailers);
  if (!sent) exchange_.outcome = outcome_of_client(sent.error());
  co_return sent.ok();
}

// After 101 both directions are bytes that nobody interprets. It ends when both sides have ended,
// or either breaks.
Task<> ExchangeRun::tunnel() {
  overall_.disarm();
  http::ClientStream& service = *asked_.lease->stream;
  http::ServerStream& client = exchange_.client_stream;
  if (!co_await start_response(http::End::no)) co_return;
  request_read_ = false;
  feeding_ = false;
  kept_whole_ = false;
  scope_.spawn(&ExchangeRun::pump_request, std::ref(*this));
  while (true) {
    auto piece = co_await service.read();
    if (!piece) co_return client.abort();
    const auto end = piece->end;
    if (!co_await pass_on(std::move(piece->bytes), end, {}) || end == http::End::yes) break;
  }
  co_await scope_.join();
  exchange_.outcome = goal_;
}

Task<> ExchangeRun::reply(ErrorReply error, Outcome outcome) {
  goal_ = outcome;
  std::string body = error_body(exchange_.path, error);
  co_await respond_locally(error_head(error, body.size()), std::move(body));
}

// An answer that no service gave. It passes the filters that have seen the request, unless the
// response was begun by another, or filters have ended the exchange.
Task<> ExchangeRun::respond_locally(Headers head, std::string body) {
  http::ServerStream& client = exchange_.client_stream;
  if (client.responded()) co_return client.abort();
  scope_.cancel();
  asked_.lease.reset();
  exchange_.response = std::move(head);
  exchange_.by_service = false;
  exchange_.response_trailers.clear();
  exchange_.response.set("content-length", std::to_string(body.size()));
  service_failure_.reset();
  if (!chain_.empty() && !chain_.head_given(Direction::response) && !chain_.failure()) {
    chain_.head(Direction::response, body.empty() ? End::yes : End::no);
    if (!body.empty())
      chain_.body(Direction::response, SliceChain(Slice::of(std::move(body))), End::yes);
    co_return co_await relay_filtered();
  }
  const auto end = body.empty() ? http::End::yes : http::End::no;
  if (!co_await start_response(end)) co_return;
  if (!body.empty() && !co_await pass_on(Slice::of(std::move(body)), http::End::yes, {})) co_return;
  exchange_.outcome = goal_;
}

Task<bool> ExchangeRun::end_by_filters() {
  if (chain_.answer()) {
    wasm::LocalResponse answer = std::move(*chain_.answer());
    const bool proper = answer.status >= kStatusMin && answer.status <= kStatusMax;
    Headers head;
    head.add(":status", std::to_string(proper ? answer.status : 500));
    for (const auto& [name, value] : answer.headers) {
      if (!name.starts_with(':') && name != "content-length" && name != "transfer-encoding")
        head.add(name, value);
    }
    goal_ = Outcome::answered_by_filter;
    exchange_.details = std::move(answer.details);
    co_await respond_locally(std::move(head), std::move(answer.body));
    co_return true;
  }
  const auto& failure = chain_.failure();
  if (!failure) co_return false;
  exchange_.details = cat("plug-in ", failure->filter);
  switch (failure->kind) {
    case ChainFailure::Kind::filter_failed:
      co_await reply(
          {503, "plugin-failed",
           cat("Plug-in ", failure->filter, " failed and does not let requests pass without it.")},
          Outcome::filter_failed);
      break;
    case ChainFailure::Kind::body_too_large:
      if (failure->direction == Direction::request) {
        co_await reply(
            {413, "body-too-large",
             cat("Plug-in ", failure->filter, " wants the whole body, which is too large.")},
            Outcome::request_too_large);
      } else {
        co_await reply(
            {500, "body-too-large",
             cat("Plug-in ", failure->filter, " wants the whole response, which is too large.")},
            Outcome::response_too_large);
      }
      break;
    case ChainFailure::Kind::reset:
      exchange_.outcome = Outcome::reset_by_filter;
      exchange_.client_stream.abort();
      break;
  }
  co_return true;
}

}  // namespace mynah
