// SPDX-License-Identifier: Apache-2.0
// What a plug-in includes. A plug-in is a configuration and one coroutine:
//
//   // greeter: adds a greeting to every response. It cannot fail.
//   #include <mynah/plugin.h>
//
//   using namespace mynah;
//
//   struct Config {
//     std::string greeting = "hello";
//     static void describe(Schema<Config>& schema) {
//       schema.field("greeting", &Config::greeting, "what the header x-greeting says");
//     }
//   };
//
//   Task<> serve(const Config& config, Exchange& x) {
//     Response& response = co_await x.next();
//     response.set_header("x-greeting", config.greeting);
//   }
//
//   MYNAH_PLUGIN(Config, serve, {.id = "greeter", .title = "Greeter", .version = "1.0.0"});
//
// exchange.h is the request and the response; config.h the configuration; wait.h waiting; http.h
// calls to services; log.h, metric.h and shared.h what they say.
//
// What is included by itself, and paid for when it is used: redis.h, which not every host can load;
// grpc.h; hash.h, hmac.h, jwt.h; regex.h; url.h, cookies.h, cidr.h; encoding.h, random.h, time.h;
// queue.h, event.h.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "base/task.h"
#include "base/text.h"
#include "mynah/config.h"
#include "mynah/exchange.h"
#include "mynah/http.h"
#include "mynah/log.h"
#include "mynah/metric.h"
#include "mynah/shared.h"
#include "mynah/wait.h"

namespace mynah {
inline namespace plugin {

// When a plug-in runs: stages in this order, in a stage the larger priority first.
enum class Stage { authn, authz, stats, normal };

// What a plug-in says about itself. It travels in the .wasm, for marketplace and console.
struct Identity {
  // tidy: allow string_view: literals
  std::string_view id;  // lower case, digits and hyphens
  // tidy: allow string_view: literals
  std::string_view title;              // for people
  std::string_view about = {};         // tidy: allow string_view: literals
  std::string_view version = "0.1.0";  // tidy: allow string_view: literals
  Stage stage = Stage::normal;
  int priority = 100;
  std::string_view min_gateway_version = "0.1.0";  // tidy: allow string_view: literals
};

namespace inner {

// What MYNAH_PLUGIN says: the one plug-in of this program.
struct PluginEntry {
  Task<> (*serve)(const void* config, Exchange& exchange);
  void* (*make)();  // a configuration of defaults
  void (*destroy)(const void* config);
  void (*describe)(FieldList& fields, const void* config);
  Status (*check)(const void* config);  // null when the configuration has none
};

const PluginEntry& plugin_entry();
// The identity with the configuration's JSON Schema, as JSON: what the custom section holds.
std::string identity_json();

std::string write_identity(const Identity& identity, std::string_view schema);

template <class C, Task<> (*Serve)(const C&, Exchange&)>
inline constexpr PluginEntry kPlugin = {
    .serve = [](const void* config,
                Exchange& exchange) { return Serve(*static_cast<const C*>(config), exchange); },
    // tidy: allow new: destroyed below
    .make = [] -> void* { return new C(); },
    // tidy: allow delete: made with new
    .destroy = [](const void* config) { delete static_cast<const C*>(config); },
    .describe = describe_fields<C>,
    .check = kFieldType<C>.check,
};

}  // namespace inner
}  // namespace plugin
}  // namespace mynah

#if defined(__wasm__) && !defined(MYNAH_DESCRIBE)
#define MYNAH_IDENTITY_(Config, ...)
#else
#define MYNAH_IDENTITY_(Config, ...)                                                   \
  std::string mynah::plugin::inner::identity_json() {                                  \
    return mynah::plugin::inner::write_identity(__VA_ARGS__,                           \
                                                mynah::plugin::json_schema<Config>()); \
  }
#endif

// Makes the program a plug-in. Once in a program, at namespace scope; the last argument is an
// Identity.
#define MYNAH_PLUGIN(Config, serve, ...)                                          \
  const mynah::plugin::inner::PluginEntry& mynah::plugin::inner::plugin_entry() { \
    return mynah::plugin::inner::kPlugin<Config, serve>;                          \
  }                                                                               \
  MYNAH_IDENTITY_(Config, mynah::plugin::Identity __VA_ARGS__)                    \
  static_assert(true, "a semicolon follows")
