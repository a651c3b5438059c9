// SPDX-License-Identifier: Apache-2.0
// hello: adds a greeting to every response. It cannot fail.
#include <mynah/plugin.h>

using namespace mynah;

struct Config {
  std::string greeting = "hello";

  static void describe(Schema<Config>& schema) {
    schema.field("greeting", &Config::greeting, "what the header x-greeting says").range(1, 100);
  }
};

Task<> serve(const Config& config, Exchange& x) {
  Response& response = co_await x.next();
  response.set_header("x-greeting", config.greeting);
}

MYNAH_PLUGIN(Config, serve,
             {.id = "hello",
              .title = "Hello",
              .about = "Adds a greeting to every response.",
              .version = "1.0.0"});
