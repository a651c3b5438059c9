// SPDX-License-Identifier: Apache-2.0
// ai-cache: answers a question that was answered before, in these or in other words, from a store,
// and keeps each new answer there. It never stands in the way: whatever of store, embedder and
// index is down, slow or wrong, the model is asked.
#include <algorithm>
#include <cmath>

#include "config.h"
#include "counters.h"
#include "lookup.h"
#include <mynah/plugin.h>

using namespace mynah;

// More than any answer costs.
constexpr std::int64_t kTokensMax = 100'000'000;

// "exact; age=7", "semantic; similarity=0.953; age=7"
static std::string described(const Hit& hit) {
  const std::string age = cat(age_of(hit.answer), hit.stale ? "; stale" : "");
  if (hit.kind == HitKind::joined) return "joined; age=0";
  if (hit.kind == HitKind::exact) return cat("exact; age=", age);
  const auto thousandths = std::lround(std::clamp(hit.similarity, 0.0, 1.0) * 1000);
  const std::string digits = cat(1000 + thousandths % 1000).substr(1);
  return cat("semantic; similarity=", thousandths / 1000, ".", digits, "; age=", age);
}

static std::string body_of(const Config& config, const Question& question, const Answer& answer) {
  const std::string& form = question.streamed ? config.templates.stream : config.templates.whole;
  if (!form.empty() && answer.form == Form::chat) return answer.filled(form);
  return question.streamed ? answer.events(question.wants_usage) : answer.completion();
}

static void reply_with(const Config& config, Exchange& x, const Question& question,
                       const Hit& hit) {
  hits.add();
  if (hit.stale) stale_hits.add();
  hits_by_kind[static_cast<std::size_t>(hit.kind)].add();
  tokens_saved.add(
      static_cast<std::uint32_t>(std::clamp<std::int64_t>(hit.answer.tokens, 0, kTokensMax)));
  x.note("cache_status", "hit");
  if (hit.kind == HitKind::canonical || hit.kind == HitKind::semantic)
    x.note("cache_matched", hit.answer.question);
  x.reply({.status = 200,
           .body = body_of(config, question, hit.answer),
           .content_type = question.streamed ? "text/event-stream" : "application/json",
           .headers = {{"x-cache-status", "hit"}, {"x-mynah-cache", described(hit)}},
           .details = "ai-cache.hit"});
}

static void report_miss(Exchange& x, const Lookup& lookup) {
  misses.add();
  x.note("cache_status", "miss");
  if (lookup.hit()) {
    shadow_hits.add();
    x.note("cache_shadow", described(*lookup.hit()));
    x.note("cache_matched", lookup.hit()->answer.question);
    return;
  }
  misses_by_reason[static_cast<std::size_t>(lookup.miss())].add();
  const std::string_view separator = lookup.detail().empty() ? "" : ": ";
  x.note("cache_reason", cat(name_of(lookup.miss()), separator, lookup.detail()));
}

// The rest of an exchange that the cache has no part in.
static Task<> pass(Exchange& x) {
  skips.add();
  x.note("cache_status", "skip");
  Response& response = co_await x.next();
  response.set_header("x-cache-status", "skip");
}

// What the model answers.
struct Said {
  enum class End : std::uint8_t { whole, unfit, failed };
  End end = End::failed;
  Answer answer;  // when it is whole: fit to be kept

  static Said of(std::optional<Answer> answer) {
    if (!answer) return {End::unfit, {}};
    return {End::whole, *std::move(answer)};
  }
};

// Reads it while it goes to the client.
static Task<Said> listen(const Config& config, Form form, Response& response) {
  if (response.status() != 200) co_return Said();
  if (!response.header_or("content-type", "").starts_with("text/event-stream")) {
    const auto body = co_await response.copy();
    if (!body) co_return Said();
    co_return Said::of(Answer::from_completion(form, *body, config.paths));
  }
  AnswerCollector collector(form, config.paths);
  while (const auto event = co_await response.next_event()) collector.add(event->data);
  // A stream says by itself that it is whole. Many clients leave when it has, with the end of the
  // body still on its way.
  auto answer = collector.take();
  if (!answer && !response.complete()) co_return Said();
  co_return Said::of(std::move(answer));
}

static bool is_failure(int status) { return status >= 500 || status == 429; }

static Task<Said> ask_model(const Config& config, Exchange& x, const Question& question,
                            const std::optional<Hit>& stale) {
  x.request().remove_header("accept-encoding");  // A compressed answer could not be read.
  Response& response = co_await x.next();
  if (stale && config.mode == Mode::on && is_failure(response.status())) {
    reply_with(config, x, question, *stale);
    co_return Said();
  }
  response.set_header("x-cache-status", "miss");
  co_return co_await listen(config, question.form, response);
}

static Reply not_cached() {
  return {
      .status = 504,
      .body =
          R"({"error": {"message": "not in the cache", "type": "cache_miss", "code": "cache_miss", "param": null}})",
      .content_type = "application/json",
      .headers = {{"x-cache-status", "miss"}},
      .details = "ai-cache.only_if_cached"};
}

static bool takes_part(const Config& config, const Wishes& wishes, const Request& request) {
  return config.mode != Mode::off && config.question.turns != QuestionPlan::Turns::disabled &&
         wishes.may_use_cache && is_json_post(request);
}

// A question that nobody else is about to answer.
static Task<> find_or_ask(const Config& config, Exchange& x, const Question& question,
                          const Wishes& wishes, Seat* seat) {
  const bool leads = seat != nullptr && seat->leads();
  Lookup lookup(config, question, leads ? Lookup::Claiming::yes : Lookup::Claiming::no);
  if (wishes.age_max > 0) co_await lookup.run(wishes.age_max);
  if (lookup.hit() && config.mode == Mode::on) {
    reply_with(config, x, question, *lookup.hit());
    if (leads) seat->land(*lookup.hit());
    co_return co_await lookup.sweep();
  }
  report_miss(x, lookup);
  if (wishes.only_if_cached) co_return x.reply(not_cached());
  if (leads && lookup.stale()) seat->offer(*lookup.stale());
  Said said;
  if (lookup.holds_claim()) {
    auto first = co_await any(ask_model(config, x, question, lookup.stale()), lookup.hold_claim());
    said = std::get<0>(std::move(first));
  } else {
    said = co_await ask_model(config, x, question, lookup.stale());
  }
  if (said.end == Said::End::whole) {
    said.answer.created = seconds_now();
    if (leads) seat->land({HitKind::joined, said.answer});
    co_await lookup.keep(std::move(said.answer));
  } else if (leads) {
    said.end == Said::End::failed ? seat->fail() : seat->dissolve();
  }
  co_await lookup.sweep();
}

Task<> serve(const Config& config, Exchange& x) {
  const Wishes wishes = Wishes::of(x.request());
  if (!takes_part(config, wishes, x.request())) co_return co_await pass(x);
  const auto body = co_await x.request().json();
  const auto question =
      body ? Question::of(body->root(), x.request(), config.question, config.session())
           : std::nullopt;
  if (!question) co_return co_await pass(x);
  if (!config.coalescing.enabled || config.mode != Mode::on || !wishes.are_usual())
    co_return co_await find_or_ask(config, x, *question, wishes, nullptr);
  Seat seat(config.flights, question->fingerprint(), config.coalescing);
  co_await seat.wait();
  if (const Hit* hit = seat.landed()) co_return reply_with(config, x, *question, *hit);
  co_await find_or_ask(config, x, *question, wishes, &seat);
}

MYNAH_PLUGIN(Config, serve,
             {.id = "ai-cache",
              .title = "AI cache",
              .about = "Answers a question that was answered before without asking the model.",
              .version = "0.1.0",
              .priority = 800});
