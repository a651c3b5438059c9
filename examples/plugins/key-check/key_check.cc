// SPDX-License-Identifier: Apache-2.0
// key-check: lets in who shows a known key, and tells the plug-ins behind it who that is. It
// refuses everybody else, also when its configuration knows no key.
#include <mynah/plugin.h>

using namespace mynah;

struct Consumer {
  std::string name;
  Secret key;

  static void describe(Schema<Consumer>& schema) {
    schema.field("name", &Consumer::name, "who shows this key").required().range(1, 100);
    schema.field("key", &Consumer::key, "the key").alias("credential").required().range(8, 1000);
  }
};

struct Config {
  std::string header = "x-api-key";
  std::vector<Consumer> consumers;

  static void describe(Schema<Config>& schema) {
    schema.field("header", &Config::header, "the header that carries the key");
    schema.field("consumers", &Config::consumers, "who may pass");
  }
};

// Takes as long for a wrong key as for a right one of the same length.
static bool same(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference |= static_cast<unsigned char>(a[i] ^ b[i]);
  return difference == 0;
}

Task<> serve(const Config& config, Exchange& x) {
  const std::string shown = x.request().header_or(config.header, "");
  const Consumer* found = nullptr;
  for (const Consumer& consumer : config.consumers) {
    if (same(consumer.key.reveal(), shown)) found = &consumer;
  }
  if (found == nullptr) {
    co_return x.reply(
        {.status = 401,
         .body =
             R"({"error": {"message": "the key is missing or unknown", "type": "authentication_error"}})",
         .content_type = "application/json",
         .details = "key-check.refused"});
  }
  x.request().set_header("x-mse-consumer", found->name);
  x.request().remove_header(config.header);
}

MYNAH_PLUGIN(Config, serve,
             {.id = "key-check",
              .title = "Key check",
              .about = "Lets in who shows a known key.",
              .version = "1.0.0",
              .stage = Stage::authn,
              .priority = 300});
