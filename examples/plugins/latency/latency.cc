// SPDX-License-Identifier: Apache-2.0
// latency: measures how long the upstream takes to begin and to end, and how much it says. It
// cannot fail.
#include <mynah/plugin.h>

using namespace mynah;

struct Config {
  static void describe(Schema<Config>&) {}
};

static Counter answers("latency_answers");
static Counter cut_short("latency_cut_short");
static Counter bytes("latency_bytes");
static Histogram first_byte("latency_first_byte_milliseconds");
static Histogram last_byte("latency_last_byte_milliseconds");

static std::uint64_t milliseconds_since(WallTime begin) {
  return static_cast<std::uint64_t>((now() - begin) / 1ms);
}

Task<> serve(const Config&, Exchange& x) {
  const WallTime begin = now();
  Response& response = co_await x.next();
  first_byte.observe(milliseconds_since(begin));
  while (const auto piece = co_await response.next_piece())
    bytes.add(static_cast<std::uint32_t>(piece->text().size()));
  last_byte.observe(milliseconds_since(begin));
  (response.complete() ? answers : cut_short).add();
}

MYNAH_PLUGIN(Config, serve,
             {.id = "latency",
              .title = "Latency",
              .about = "Measures how long upstreams take, and how much they say.",
              .version = "1.0.0",
              .stage = Stage::stats});
