// SPDX-License-Identifier: Apache-2.0
// ExchangeRun: takes one exchange from the request's first header to the response's last byte. This
// is the request path:
//
//   run()              prepare → route → filters of the request → action of the route
//   forward()            attempt(), again where the route's retries allow it
//   attempt()              an endpoint, a connection, the request out, the head of the response in
//   race()                 attempts beside each other, where the route hedges
//   relay()              filters of the response → the client
//
// It lives in the coroutine that serves the exchange. When the client goes away that coroutine is
// dropped where it waits, and the destructor of this object tells the story as far as it came.
//
// Bodies run beside each other: what comes from the client is pumped by a coroutine of its own
// whenever it is not complete, or when filters want to see it, so that either side may be ahead of
// the other.
// tidy: allow-file shared_ptr: what exchanges in flight use outlives the generation that made it
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "aio/event.h"
#include "aio/scope.h"
#include "base/task.h"
#include "gateway/chain.h"
#include "gateway/error_reply.h"
#include "gateway/exchange.h"
#include "gateway/generation.h"
#include "gateway/upstream.h"

namespace mynah {

class Worker;

class ExchangeRun final : private ChainWatcher {
 public:
  ExchangeRun(Worker& worker, http::ServerStream& client);
  ~ExchangeRun();

  Task<> run();

 private:
  // How an attempt at an endpoint ended.
  enum class Attempt : unsigned char {
    answered,       // The head of a response is in exchange_.response.
    not_possible,   // No endpoint, or over a limit.
    no_connection,  // Nothing of the request was sent.
    broke_off,      // The connection ended before the head of a response.
    malformed,      // What came was not HTTP.
    per_try_timeout,
    client_failed,  // The rest of the request did not come.
    ended,          // The exchange is over: a filter ended it, or its time is up.
  };

  // One attempt at an endpoint, up to the head of the response.
  struct Try final {
    Try() : limit(&Try::expired, this) {}
    Try(Try&&) = delete;
    static void expired(void* self);

    std::optional<Attempt> end;  // How it ended, once it has.
    std::optional<Lease> lease;
    std::string address;
    Headers head;
    int status = 0;
    std::string details;
    Instant begun{};
    std::optional<Instant> answered;
    Timer limit;
    bool timed_out = false;
  };

  void prepare();
  Task<bool> gather_small_body();
  Task<bool> pass_request_filters();
  void choose_route();
  Task<> reply_no_route();
  Task<> act();
  Task<> forward(const model::Forward& forward);
  void edit_request();
  Task<Attempt> attempt(Try& current, std::string_view avoid);
  Task<Attempt> race(std::string_view avoid);
  static Task<> run_try(ExchangeRun& self, Try& current, std::string avoid);
  void take_over(Try& decisive);
  Task<Status> send_request(Try& current);
  [[nodiscard]] bool within_retry_budget() const;
  [[nodiscard]] bool hedges() const;
  Task<> fail_attempt(Attempt attempt);
  [[nodiscard]] bool may_retry(Attempt attempt) const;
  [[nodiscard]] Duration backoff() const;

  Task<> relay();
  Task<> relay_directly();
  Task<> relay_filtered();
  Task<> tunnel();
  Task<bool> start_response(http::End end);
  Task<bool> pass_on(Slice bytes, http::End end, const Headers& trailers);

  Task<> reply(ErrorReply error, Outcome outcome);
  Task<> respond_locally(Headers head, std::string body);
  // Ends the exchange when a filter asks for it; true when it did.
  Task<bool> end_by_filters();
  void break_off();
  void fit_length(Headers& head, Direction direction);

  Task<Result<http::Piece>> next_request_piece();
  static Task<> feed_request(ExchangeRun& self);
  static Task<> feed_response(ExchangeRun& self);
  static Task<> pump_request(ExchangeRun& self);
  static void interim_came(void* self, const Headers& head);
  static Task<> pass_interim(ExchangeRun& self, Headers head);
  void keep_for_retry(const Slice& bytes);
  Outcome outcome_of_client(const Error& error);

  // ChainWatcher.
  void chain_changed() override;
  void filter_failed(const Filter& filter, const Error& error) override;

  [[nodiscard]] Instant held_until(Direction direction);
  void time_is_up(std::string_view which);
  // A byte has moved: the time in which none may move begins anew.
  void stay_alive() { moved_ = loop().now(); }
  static void look_whether_idle(void* self);
  void mirror();
  static Task<> send_to_mirror(std::shared_ptr<Upstream> upstream, Headers head, SliceChain body);
  [[nodiscard]] Loop& loop() const;
  [[nodiscard]] Headers& request() { return exchange_.client_stream.request(); }

  Worker& worker_;
  std::shared_ptr<const Generation> generation_;
  Exchange exchange_;
  Outcome goal_ = Outcome::completed;  // What the outcome is once the response is whole.
  Chain chain_;

  Event request_changed_;
  Event request_room_;
  Event response_changed_;
  Event response_room_;
  Timer overall_;
  Timer idle_;
  Duration idle_max_{};  // Zero: any time.
  Instant moved_{};      // When the last byte did.
  bool timed_out_ = false;
  // Which filter holds a direction up, and since when.
  struct Hold {
    std::optional<std::size_t> place;
    Instant since{};
  };
  Hold holds_[2];
  std::string held_by_;

  Try asked_;                  // The attempt that the response comes from.
  std::uint32_t retries_ = 0;  // Attempts after one that failed; hedges are none.
  // The request's body as far as it was read, as long as it is small enough to be sent again.
  SliceChain kept_;
  bool kept_whole_ = true;
  bool request_read_ = false;  // Up to its end.
  bool pumping_ = false;
  bool feeding_ = false;
  bool interim_passing_ = false;
  std::optional<Error> client_failure_;
  std::optional<Error> service_failure_;
  bool service_ended_ = false;

  Scope scope_;  // Last: what runs in it uses all of the above.
};

}  // namespace mynah
