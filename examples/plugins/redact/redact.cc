// SPDX-License-Identifier: Apache-2.0
// redact: masks API keys in responses while they stream to the client, wherever the network cuts
// them. Lengths stay, nothing waits. It cannot fail.
#include <mynah/plugin.h>

using namespace mynah;

struct Config {
  std::string prefix = "sk-";

  static void describe(Schema<Config>& schema) {
    schema.field("prefix", &Config::prefix, "how a key begins; what follows is masked")
        .range(1, 20);
  }
};

Task<> serve(const Config& config, Exchange& x) {
  Response& response = co_await x.next();
  response.will_rewrite();
  std::size_t matched = 0;  // letters of the prefix that stand at the end of what has passed
  while (auto piece = co_await response.next_piece()) {
    std::string text(piece->text());
    for (char& c : text) {
      const bool in_key = matched == config.prefix.size();
      if (in_key && (is_alpha(c) || is_digit(c) || c == '-' || c == '_')) {
        c = '*';
      } else if (!in_key && c == config.prefix[matched]) {
        ++matched;
      } else {
        matched = c == config.prefix[0] ? 1 : 0;
      }
    }
    piece->replace(text);
  }
}

MYNAH_PLUGIN(Config, serve,
             {.id = "redact",
              .title = "Redact",
              .about = "Masks keys in responses while they stream.",
              .version = "1.0.0"});
