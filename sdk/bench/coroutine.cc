// SPDX-License-Identifier: Apache-2.0
// What sdk_bench measures, written with the SDK: marks a request with who asks, and its response
// with how many bytes have passed. callbacks.cc is the same by hand.
#include <mynah/plugin.h>

using namespace mynah;

struct Config {
  std::string mark = "seen";

  static void describe(Schema<Config>& schema) {
    schema.field("mark", &Config::mark, "what the headers say");
  }
};

Task<> serve(const Config& config, Exchange& x) {
  const std::string agent = x.request().header_or("user-agent", "nobody");
  x.request().set_header("x-mark", cat(config.mark, " ", agent));
  Response& response = co_await x.next();
  response.set_header("x-mark", config.mark);
  std::size_t bytes = 0;
  while (auto piece = co_await response.next_piece()) bytes += piece->text().size();
  x.note("bytes", cat(bytes));
}

MYNAH_PLUGIN(Config, serve, {.id = "bench", .title = "Bench"});
