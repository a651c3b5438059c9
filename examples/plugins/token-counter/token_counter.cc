// SPDX-License-Identifier: Apache-2.0
// token-counter: counts the tokens that answers use, while they stream to the client. It never
// holds an answer up, and what it cannot read passes uncounted.
#include <mynah/plugin.h>

using namespace mynah;

struct Config {
  static void describe(Schema<Config>&) {}
};

static Counter total("token_counter_tokens");

static std::int64_t tokens_in(std::string_view json) {
  const auto parsed = Json::parse(std::string(json));
  return parsed ? parsed->find("usage.total_tokens").integer().value_or(0) : 0;
}

Task<> serve(const Config&, Exchange& x) {
  Response& response = co_await x.next();
  std::int64_t tokens = 0;
  if (response.header_or("content-type", "").starts_with("text/event-stream")) {
    while (const auto event = co_await response.next_event()) {
      if (event->data.contains("\"usage\"")) tokens = tokens_in(event->data);
    }
  } else if (const auto body = co_await response.copy()) {
    tokens = tokens_in(*body);
  }
  if (tokens <= 0) co_return;
  total.add(static_cast<std::uint32_t>(tokens));
  x.note("tokens", cat(tokens));
}

MYNAH_PLUGIN(Config, serve,
             {.id = "token-counter",
              .title = "Token counter",
              .about = "Counts the tokens of answers as they stream by.",
              .version = "1.0.0",
              .stage = Stage::stats});
