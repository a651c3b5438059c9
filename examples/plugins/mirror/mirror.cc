// SPDX-License-Identifier: Apache-2.0
// mirror: sends a copy of every request to another service, and throws its answer away. The client
// does not wait for it, and does not notice when it fails.
#include <mynah/plugin.h>

using namespace mynah;

struct Config {
  HttpService service;

  static void describe(Schema<Config>& schema) {
    schema.field("service", &Config::service, "who gets the copies").required();
  }
};

static Counter sent("mirror_sent");
static Counter lost("mirror_lost");

Task<> serve(const Config& config, Exchange& x) {
  Request& request = x.request();
  const std::string method = request.method();
  const std::string path = request.path();
  const Header type[] = {{"content-type", request.header_or("content-type", "text/plain")}};
  const auto body = co_await request.copy();
  if (!body) co_return;
  Response& response = co_await x.next();
  response.pass();
  const std::string cluster = config.service.cluster();
  const auto reply = co_await http::call(cluster, {.method = method,
                                                   .path = path,
                                                   .host = config.service.host,
                                                   .headers = type,
                                                   .body = *body,
                                                   .timeout = config.service.timeout});
  (reply ? sent : lost).add();
}

MYNAH_PLUGIN(Config, serve,
             {.id = "mirror",
              .title = "Mirror",
              .about = "Sends a copy of every request to another service.",
              .version = "1.0.0"});
