// SPDX-License-Identifier: Apache-2.0
// enrich: asks a service who the user of a request is, and tells the upstream in a header. A
// service that does not answer in time is no reason to stop anybody.
#include <mynah/plugin.h>

using namespace mynah;

struct Config {
  HttpService directory;
  std::string path = "/users/";

  static void describe(Schema<Config>& schema) {
    schema.field("directory", &Config::directory, "the service that knows users").required();
    schema.field("path", &Config::path, "where; the user's name is put behind it");
  }
};

Task<> serve(const Config& config, Exchange& x) {
  const auto user = x.request().header("x-user");
  if (!user) co_return;
  const std::string cluster = config.directory.cluster();
  const std::string path = cat(config.path, *user);
  const auto reply = co_await http::call(
      cluster, {.path = path, .host = config.directory.host, .timeout = config.directory.timeout});
  if (!reply || reply->status != 200) {
    x.note("enrich", reply ? cat("status ", reply->status) : reply.error().what);
    co_return;
  }
  const auto person = Json::parse(reply->body.str());
  if (person) x.request().set_header("x-user-group", person->text("group"));
}

MYNAH_PLUGIN(Config, serve,
             {.id = "enrich",
              .title = "Enrich",
              .about = "Tells the upstream more about a request's user.",
              .version = "1.0.0"});
