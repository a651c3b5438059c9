// SPDX-License-Identifier: Apache-2.0
// page-cache: keeps good responses to GET requests in Redis and gives them again for a while. When
// the store does not work, every request goes to the upstream.
#include <mynah/plugin.h>
#include <mynah/redis.h>

using namespace mynah;

struct Config {
  Redis redis;
  std::chrono::seconds life{60};

  static void describe(Schema<Config>& schema) {
    schema.field("redis", &Config::redis, "where responses are kept");
    schema.field("life", &Config::life, "for how many seconds").range(1, 86'400);
  }
};

Task<> serve(const Config& config, Exchange& x) {
  Request& request = x.request();
  // What may be for one person alone is nobody else's.
  if (request.method() != "GET" || request.header("authorization") || request.header("cookie"))
    co_return;
  const std::string key = cat("page:", request.header_or(":authority", ""), request.path());
  if (const auto kept = co_await config.redis.get(key); kept && *kept) {
    const Halves page = cut(**kept, "\n");  // the type, then the body
    co_return x.reply({.body = std::string(page.after),
                       .content_type = std::string(page.before),
                       .headers = {{"x-page-cache", "hit"}}});
  }
  Response& response = co_await x.next();
  response.set_header("x-page-cache", "miss");
  const bool may_keep = response.status() == 200 && !response.header("set-cookie") &&
                        !response.header("vary") && !response.header("cache-control") &&
                        !response.header("content-encoding");
  if (!may_keep) co_return;
  const std::string type = response.header_or("content-type", "");
  const auto body = co_await response.copy();
  if (body) (co_await config.redis.set(key, cat(type, "\n", *body), config.life)).ignore();
}

MYNAH_PLUGIN(Config, serve,
             {.id = "page-cache",
              .title = "Page cache",
              .about = "Keeps responses to GET requests for a while.",
              .version = "1.0.0"});
