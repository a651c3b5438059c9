// SPDX-License-Identifier: Apache-2.0
// system-prompt: puts a system message in front of every conversation that has none. What is not a
// conversation passes.
#include "base/json_writer.h"
#include <mynah/plugin.h>

using namespace mynah;

struct Config {
  std::string prompt;

  static void describe(Schema<Config>& schema) {
    schema.field("prompt", &Config::prompt, "what the model is told first")
        .required()
        .range(1, 10'000);
  }
};

Task<> serve(const Config& config, Exchange& x) {
  auto body = co_await x.request().json();
  if (!body) co_return;
  const JsonView messages = body->root()["messages"];
  if (!messages.is_array() || messages.at(0)["role"].text() == "system") co_return;

  JsonWriter with_prompt;
  with_prompt.begin_array();
  with_prompt.begin_object().member("role", "system").member("content", config.prompt).end_object();
  for (const JsonView message : messages.items()) with_prompt.value(message);
  with_prompt.end_array();
  if (!body->set_raw("messages", with_prompt.text())) co_return;
  x.request().set_body(body->dump());
}

MYNAH_PLUGIN(Config, serve,
             {.id = "system-prompt",
              .title = "System prompt",
              .about = "Puts a system message in front of every conversation.",
              .version = "1.0.0"});
