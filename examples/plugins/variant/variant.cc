// SPDX-License-Identifier: Apache-2.0
// variant: gives every user one of several variants, always the same, and tells the upstream in a
// header. Users are told apart by a header of theirs; who has none gets the first variant.
#include <mynah/hash.h>
#include <mynah/plugin.h>

using namespace mynah;

struct Variant {
  std::string name;
  std::uint32_t weight = 1;

  static void describe(Schema<Variant>& schema) {
    schema.field("name", &Variant::name, "what the upstream is told").required();
    schema.field("weight", &Variant::weight, "its share, beside the weights of the others")
        .range(0, 1'000'000);
  }
};

struct Config {
  std::string user_header = "x-user";
  std::vector<Variant> variants;

  static void describe(Schema<Config>& schema) {
    schema.field("userHeader", &Config::user_header, "the header that tells users apart");
    schema.field("variants", &Config::variants, "among what to split").required().range(1, 100);
  }
};

static const Variant& choose(const Config& config, std::string_view user) {
  std::uint64_t all = 0;
  for (const Variant& variant : config.variants) all += variant.weight;
  std::uint64_t place = 0;
  for (const std::uint8_t byte : Sha256().add(user).bytes())
    place = place << 8U ^ place >> 56U ^ byte;
  place = all == 0 ? 0 : place % all;
  for (const Variant& variant : config.variants) {
    if (place < variant.weight) return variant;
    place -= variant.weight;
  }
  return config.variants.front();
}

Task<> serve(const Config& config, Exchange& x) {
  const auto user = x.request().header(config.user_header);
  const Variant& variant = user ? choose(config, *user) : config.variants.front();
  x.request().set_header("x-variant", variant.name);
  x.note("variant", variant.name);
  co_return;
}

MYNAH_PLUGIN(Config, serve,
             {.id = "variant",
              .title = "Variant",
              .about = "Splits users between variants of an upstream.",
              .version = "1.0.0"});
