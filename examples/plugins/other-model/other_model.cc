// SPDX-License-Identifier: Apache-2.0
// other-model: when the upstream is overloaded or fails, asks another service with another model,
// and gives its answer in place of the failure. When that fails too, the first failure stands.
#include <mynah/plugin.h>

using namespace mynah;

struct Config {
  HttpService service;
  std::string model;

  static void describe(Schema<Config>& schema) {
    schema.field("service", &Config::service, "who is asked then").required();
    schema.field("model", &Config::model, "for which model").required();
  }
};

Task<> serve(const Config& config, Exchange& x) {
  // Read first: in Envoy the head has gone on when the body is here.
  const std::string path = x.request().path();
  auto body = co_await x.request().json();
  if (!body) co_return;
  Response& response = co_await x.next();
  const bool failed = response.status() == 429 || response.status() >= 500;
  if (!failed || !body->set_text("model", config.model) || !body->set_flag("stream", false))
    co_return;
  const std::string cluster = config.service.cluster();
  const Header json[] = {{"content-type", "application/json"}};
  const auto second = co_await http::call(cluster, {.method = "POST",
                                                    .path = path,
                                                    .host = config.service.host,
                                                    .headers = json,
                                                    .body = body->dump(),
                                                    .timeout = config.service.timeout});
  if (!second || second->status != 200) co_return;
  x.note("other_model", config.model);
  x.reply({.body = second->body.str(), .content_type = "application/json"});
}

MYNAH_PLUGIN(Config, serve,
             {.id = "other-model",
              .title = "Other model",
              .about = "Asks another model when the first one fails.",
              .version = "1.0.0"});
