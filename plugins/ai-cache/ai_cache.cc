// SPDX-License-Identifier: Apache-2.0
// ai-cache: answers a question that was answered before from a store, and keeps each new answer
// there. It never stands in the way: a store that is down, slow or wrong means that the model is
// asked.
#include <algorithm>

#include "answer.h"
#include "question.h"
#include <mynah/hash.h>
#include <mynah/plugin.h>
#include <mynah/redis.h>

using namespace mynah;

struct Store {
  Redis redis;
  std::string type = "redis";
  std::chrono::seconds life{0};
  std::string prefix = "higress-ai-cache:";

  static void describe(Schema<Store>& schema) {
    schema.field("type", &Store::type, "the kind of store").one_of({"redis"});
    schema.merge(&Store::redis);
    schema.field("cacheTTL", &Store::life, "how long answers are kept, in seconds; 0 is for ever")
        .range(0, 315'360'000);
    schema.field("cacheKeyPrefix", &Store::prefix, "what the keys of the store begin with");
  }
};

struct Config {
  Store store;
  AnswerPaths paths;
  std::chrono::milliseconds patience{200};

  static void describe(Schema<Config>& schema) {
    schema.field("cache", &Config::store,
                 "where answers are kept; the embedded store when nothing is said");
    schema
        .field("lookupTimeout", &Config::patience,
               "how long a question waits for the store, in milliseconds")
        .range(1, 60'000);
    schema.merge(&Config::paths);
  }
};

static Counter hits("ai_cache_hits");
static Counter misses("ai_cache_misses");
static Counter skips("ai_cache_skips");
static Counter kept("ai_cache_kept");
static Counter store_errors("ai_cache_store_errors");

// The answer that the store has, if it comes in time.
static Task<std::optional<Answer>> recall(const Config& config, const std::string& key) {
  const auto record = co_await with_timeout(config.store.redis.get(key), config.patience);
  if (!record) {
    store_errors.add();
    log_warn("the store gives no answer, so the model is asked: ", record.error().what);
    co_return std::nullopt;
  }
  if (!*record) co_return std::nullopt;
  co_return Answer::from_record(**record);
}

static Task<> keep(const Config& config, const std::string& key, Answer answer) {
  answer.created =
      std::chrono::duration_cast<std::chrono::seconds>(now().time_since_epoch()).count();
  const std::string record = answer.record();
  const auto life = config.store.life;
  const Status done = life.count() == 0 ? co_await config.store.redis.set(key, record)
                                        : co_await config.store.redis.set(key, record, life);
  if (done) {
    kept.add();
  } else {
    store_errors.add();
    log_warn("an answer is not kept: ", done.error().what);
  }
}

static void reply_with(Exchange& x, const Question& question, const Answer& answer,
                       std::int64_t age) {
  hits.add();
  x.note("cache_status", "hit");
  x.reply({.status = 200,
           .body = question.streamed ? answer.events(question.wants_usage) : answer.completion(),
           .content_type = question.streamed ? "text/event-stream" : "application/json",
           .headers = {{"x-cache-status", "hit"}, {"x-mynah-cache", cat("exact; age=", age)}},
           .details = "ai-cache.hit"});
}

// The rest of an exchange that the cache has no part in.
static Task<> pass(Exchange& x) {
  skips.add();
  x.note("cache_status", "skip");
  Response& response = co_await x.next();
  response.set_header("x-cache-status", "skip");
}

// What the model answers, read while it goes to the client.
static Task<std::optional<Answer>> listen(const Config& config, Response& response) {
  if (response.status() != 200) co_return std::nullopt;
  if (!response.header_or("content-type", "").starts_with("text/event-stream")) {
    const auto body = co_await response.copy();
    if (!body) co_return std::nullopt;
    co_return Answer::from_completion(*body, config.paths);
  }
  AnswerCollector collector(config.paths);
  while (const auto event = co_await response.next_event()) collector.add(event->data);
  if (!response.complete()) co_return std::nullopt;
  co_return collector.take();
}

Task<> serve(const Config& config, Exchange& x) {
  const Wishes wishes = Wishes::of(x.request());
  if (!wishes.may_use_cache || !is_json_post(x.request())) co_return co_await pass(x);
  const auto body = co_await x.request().json();
  const auto question = body ? Question::of(body->root(), x.request()) : std::nullopt;
  if (!question) co_return co_await pass(x);

  const std::string key = config.store.prefix + question->fingerprint;
  if (wishes.age_max > 0) {
    const auto answer = co_await recall(config, key);
    const std::int64_t age = answer ? age_of(*answer) : 0;
    if (answer && age <= wishes.age_max) co_return reply_with(x, *question, *answer, age);
  }
  misses.add();
  x.note("cache_status", "miss");
  if (wishes.only_if_cached) {
    co_return x.reply(
        {.status = 504,
         .body =
             R"({"error": {"message": "not in the cache", "type": "cache_miss", "code": "cache_miss", "param": null}})",
         .content_type = "application/json",
         .headers = {{"x-cache-status", "miss"}},
         .details = "ai-cache.only_if_cached"});
  }
  x.request().remove_header("accept-encoding");  // A compressed answer could not be read.
  Response& response = co_await x.next();
  response.set_header("x-cache-status", "miss");
  auto answer = co_await listen(config, response);
  if (answer) co_await keep(config, key, *std::move(answer));
}

MYNAH_PLUGIN(Config, serve,
             {.id = "ai-cache",
              .title = "AI cache",
              .about = "Answers a question that was answered before without asking the model.",
              .version = "0.1.0",
              .priority = 800});
