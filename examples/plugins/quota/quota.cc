// SPDX-License-Identifier: Apache-2.0
// quota: allows each user so many requests in a window of time, counted in Redis for all gateways
// together. When the store does not work, everybody passes.
#include <mynah/plugin.h>
#include <mynah/redis.h>

using namespace mynah;

struct Config {
  std::string user_header = "x-user";
  std::int64_t requests = 100;
  std::chrono::seconds window{60};
  Redis redis;

  static void describe(Schema<Config>& schema) {
    schema.field("userHeader", &Config::user_header, "the header that tells users apart");
    schema.field("requests", &Config::requests, "how many are allowed").range(1, 1e9);
    schema.field("window", &Config::window, "in how many seconds").range(1, 86'400);
    schema.field("redis", &Config::redis, "where they are counted");
  }
};

Task<> serve(const Config& config, Exchange& x) {
  const std::string user = x.request().header_or(config.user_header, "anonymous");
  const auto window = now().time_since_epoch() / config.window;
  const std::string key = cat("quota:", user, ":", window);
  const auto count = co_await config.redis.incr_by(key, 1);
  if (!count) co_return;
  if (*count == 1) (co_await config.redis.expire(key, config.window)).ignore();  // Best effort.
  if (*count <= config.requests) co_return;
  x.reply({.status = 429,
           .body = R"({"error": {"message": "the quota is used up", "type": "rate_limit"}})",
           .content_type = "application/json",
           .headers = {{"retry-after", cat(config.window.count())}},
           .details = "quota.exceeded"});
}

MYNAH_PLUGIN(Config, serve,
             {.id = "quota",
              .title = "Quota",
              .about = "Allows each user so many requests in a window of time.",
              .version = "1.0.0"});
