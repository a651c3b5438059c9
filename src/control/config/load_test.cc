// SPDX-License-Identifier: Apache-2.0
// Goal: what a correct configuration says arrives in the model, defaults and environment included.
#include "control/config/load.h"

#include <algorithm>
#include <variant>

#include <gtest/gtest.h>

namespace mynah::control {
namespace {

using namespace std::chrono_literals;

std::shared_ptr<const model::Config> config_of(std::string_view text,
                                               const Environment& environment = {}) {
  auto loaded = parse_config(text, "test.yaml", "/conf", environment, Files::do_not_look);
  EXPECT_TRUE(loaded.ok()) << loaded.error().what;
  return loaded ? loaded->config : std::make_shared<const model::Config>();
}

const model::Service& service_of(const model::Config& config, std::string_view name) {
  return *std::ranges::find(config.services, name, &model::Service::name);
}

TEST(LoadConfig, AnEmptyFileGivesTheDefaultsAndTheEmbeddedServices) {
  const auto config = config_of("");

  EXPECT_EQ(config->gateway, model::Gateway{});
  EXPECT_EQ(config->gateway.listeners.at(0).address.text(), "127.0.0.1:8080");
  EXPECT_EQ(config->console.address.text(), "127.0.0.1:8001");
  ASSERT_EQ(config->services.size(), 4U);
  EXPECT_EQ(std::get<model::Embedded>(service_of(*config, "embedder").origin).kind,
            model::EmbeddedKind::embeddings);
}

TEST(LoadConfig, ADeclaredServiceTakesThePlaceOfTheEmbeddedOneOfItsName) {
  const auto config = config_of(R"(services: [{name: store, endpoints: ["127.0.0.1:6379"]}])");

  EXPECT_EQ(config->services.size(), 4U);
  EXPECT_TRUE(std::holds_alternative<model::StaticEndpoints>(service_of(*config, "store").origin));
}

TEST(LoadConfig, AServiceSaysHowRedisIsFound) {
  const auto config = config_of(R"(
services:
  - name: kept
    endpoints: ["127.0.0.1:26379"]
    redis: {topology: sentinel, primary: main, sentinel_user: u, sentinel_password: "${PW}"}
)",
                                {{"PW", "secret"}});

  const model::RedisSettings wanted{.topology = model::RedisTopology::sentinel,
                                    .primary = "main",
                                    .sentinel_user = "u",
                                    .sentinel_password = "secret"};
  EXPECT_EQ(service_of(*config, "kept").redis, wanted);
}

TEST(LoadConfig, RelativePathsStartFromTheFolderOfTheFile) {
  const auto config = config_of(R"(
data: ./data
plugins: [{id: a, wasm: ../a.wasm}, {id: b, wasm: /abs/b.wasm}]
)");

  EXPECT_EQ(config->data, "/conf/data");
  EXPECT_EQ(config->plugins.at(0).wasm, "/a.wasm");
  EXPECT_EQ(config->plugins.at(1).wasm, "/abs/b.wasm");
}

TEST(LoadConfig, ADnsServiceGetsItsPortNameAndHostHeaderFromItsHost) {
  const auto config = config_of(R"(
services:
  - {name: secure, host: A.Example, tls: {}}
  - {name: clear, host: b.example, host_header: client}
  - {name: other, host: c.example, port: 8443, tls: {sni: d.example}}
)");

  const model::Service& secure = service_of(*config, "secure");
  EXPECT_EQ(std::get<model::DnsName>(secure.origin), (model::DnsName{"a.example", 443}));
  EXPECT_EQ(secure.tls->sni, "a.example");
  EXPECT_EQ(secure.host_header, model::HostHeader::service);
  const model::Service& clear = service_of(*config, "clear");
  EXPECT_EQ(std::get<model::DnsName>(clear.origin).port, 80);
  EXPECT_EQ(clear.host_header, model::HostHeader::client);
  EXPECT_EQ(service_of(*config, "other").tls->sni, "d.example");
}

TEST(LoadConfig, EndpointsComeInTheShortAndInTheLongForm) {
  const auto config = config_of(R"(
services: [{name: a, endpoints: ["127.0.0.1:1", {address: "[::1]:2", weight: 3}, "unix:/a.sock"]}]
)");

  const auto& endpoints =
      std::get<model::StaticEndpoints>(service_of(*config, "a").origin).endpoints;
  ASSERT_EQ(endpoints.size(), 3U);
  EXPECT_EQ(endpoints[0].address.text(), "127.0.0.1:1");
  EXPECT_EQ(endpoints[0].weight, 1U);
  EXPECT_EQ(endpoints[1].address.text(), "[::1]:2");
  EXPECT_EQ(endpoints[1].weight, 3U);
  EXPECT_EQ(endpoints[2].address.text(), "unix:/a.sock");
}

TEST(LoadConfig, LimitsAreReadWithTheirUnits) {
  const auto config = config_of(R"(
gateway:
  workers: 2
  limits: {header_bytes: 4096, body_bytes: 5MB, gathered_body_bytes: 2MiB, idle_timeout: 1m30s, overall_timeout: 0}
)");

  const model::Limits& limits = config->gateway.limits;
  EXPECT_EQ(config->gateway.workers, 2U);
  EXPECT_EQ(limits.header_bytes, 4096U);
  EXPECT_EQ(limits.body_bytes, 5'000'000U);
  EXPECT_EQ(limits.gathered_body_bytes, 2 * model::kMiB);
  EXPECT_EQ(limits.idle_timeout, 90s);
  EXPECT_EQ(limits.overall_timeout, 0s);
}

TEST(LoadConfig, BlocksOfAddressesAreInTheirMappedForm) {
  const auto config =
      config_of("gateway: {forwarding: {trusted_proxies: [10.0.0.0/8, '2001:db8::/32', '::1']}}");

  const auto& blocks = config->gateway.forwarding.trusted_proxies;
  ASSERT_EQ(blocks.size(), 3U);
  EXPECT_EQ(blocks[0].prefix_bits, 104);
  EXPECT_EQ(blocks[0].address[10], 0xff);
  EXPECT_EQ(blocks[0].address[12], 10);
  EXPECT_EQ(blocks[1].prefix_bits, 32);
  EXPECT_EQ(blocks[1].address[1], 0x01);
  EXPECT_EQ(blocks[2].prefix_bits, 128);
}

TEST(LoadConfig, AUrlIsTakenApart) {
  const auto config =
      config_of("gateway: {tracing: {endpoint: 'https://[::1]:4318/v1/traces?a=b'}}");

  EXPECT_EQ(config->gateway.tracing.endpoint, (model::Url{true, "::1", 4318, "/v1/traces?a=b"}));
}

TEST(LoadConfig, ARouteWithAllItsPartsArrives) {
  const auto config = config_of(R"(
routes:
  - name: a
    match:
      hosts: [A.example, "*.B.example"]
      path: {exact: /v1}
      methods: [GET]
      headers: [{name: X-A, prefix: b}, {name: x-b, absent: true}, {name: x-c}]
      query: [{name: Q, exact: "1"}]
    services: [{service: store, weight: 9}, {service: demo}]
    timeouts: {overall: 1m, idle: 0, per_try: 10s}
    retry: {attempts: 2, when: [gateway_error]}
    hedge: {after: 300ms}
    mirrors: [{service: vectors, percent: 0.5}]
    request_headers: {set: {X-A: b}, add: {x-n: 5}, remove: [X-C]}
    rewrite: {regex: {pattern: "^/v1", to: ""}, host: c.example}
)");

  const model::Route& route = config->routes.at(0);
  EXPECT_EQ(route.match.hosts, (std::vector<std::string>{"a.example", "*.b.example"}));
  EXPECT_EQ(route.match.path, (model::PathMatch{model::PathKind::exact, "/v1"}));
  const std::vector<model::FieldMatch> headers = {{"x-a", model::FieldKind::prefix, "b"},
                                                  {"x-b", model::FieldKind::absent, ""},
                                                  {"x-c", model::FieldKind::present, ""}};
  EXPECT_EQ(route.match.headers, headers);
  EXPECT_EQ(route.match.query.at(0), (model::FieldMatch{"Q", model::FieldKind::exact, "1"}));
  const model::Forward forward{{{"store", 9}, {"demo", 1}}};
  EXPECT_EQ(std::get<model::Forward>(route.action), forward);
  EXPECT_EQ(route.timeouts, (model::RouteTimeouts{1min, 0ms, 10s}));
  EXPECT_EQ(route.retry.attempts, 2U);
  EXPECT_EQ(route.retry.on, std::vector{model::RetryOn::gateway_error});
  EXPECT_EQ(route.hedge, (model::Hedge{300ms, 1}));
  EXPECT_EQ(route.mirrors.at(0), (model::Mirror{"vectors", 0.5}));
  EXPECT_EQ(route.request_headers.set.at(0), (model::NameValue{"x-a", "b"}));
  EXPECT_EQ(route.request_headers.add.at(0), (model::NameValue{"x-n", "5"}));
  EXPECT_EQ(route.request_headers.remove, std::vector<std::string>{"x-c"});
  EXPECT_EQ(route.rewrite.regex, (model::RegexRewrite{"^/v1", ""}));
  EXPECT_EQ(route.rewrite.host, "c.example");
}

TEST(LoadConfig, RedirectsAndResponsesArrive) {
  const auto config = config_of(R"(
routes:
  - {name: a, redirect: {status: 308, scheme: https, port: 8443, prefix: /b}}
  - {name: b, response: {status: 403, headers: {Content-Type: text/plain}, body: no}}
)");

  const model::Redirect redirect{308, "https", "", 8443, "", "/b"};
  EXPECT_EQ(std::get<model::Redirect>(config->routes.at(0).action), redirect);
  const model::DirectResponse response{403, {{"content-type", "text/plain"}}, "no"};
  EXPECT_EQ(std::get<model::DirectResponse>(config->routes.at(1).action), response);
}

TEST(LoadConfig, TheConfigurationOfAPluginBecomesJsonWithTheTypesThatYamlMeans) {
  const auto config = config_of(R"(
plugins:
  - id: a
    config:
      int: 5
      plus: +4
      zeros: 00.50
      half: .5
      whole: 5.
      exp: -1E3
      yes: yes
      true: True
      none: ~
      nothing:
      quoted: "5"
      block: |
        two
        lines
      date: 2026-01-01
      version: 1.2.3
      dash: a - b
      list: [1, [2], {}, "a\"\\\t"]
      tagged: !!str 7
)");

  EXPECT_EQ(config->plugins.at(0).config,
            R"({"int":5,"plus":4,"zeros":0.50,"half":0.5,"whole":5.0,"exp":-1e3,"yes":"yes",)"
            R"("true":true,"none":null,"nothing":null,"quoted":"5","block":"two\nlines\n",)"
            R"("date":"2026-01-01","version":"1.2.3","dash":"a - b","list":[1,[2],{},"a\"\\\t"],)"
            R"("tagged":"7"})");
}

TEST(LoadConfig, APluginHasTheRulesOfTheFileInTheirOrder) {
  const auto config = config_of(R"(
routes: [{name: chat, service: demo}]
plugins:
  - id: a
    stage: authz
    priority: -5
    on_failure: closed
    environment: {A: b}
    rules:
      - {routes: [chat], config: {a: 1}}
      - {hosts: ["*.Example.com"], enabled: false}
)");

  const model::Plugin& plugin = config->plugins.at(0);
  EXPECT_EQ(plugin.stage, model::Stage::authz);
  EXPECT_EQ(plugin.priority, -5);
  EXPECT_EQ(plugin.on_failure, model::OnFailure::closed);
  EXPECT_EQ(plugin.environment.at(0), (model::NameValue{"A", "b"}));
  const std::vector<model::PluginRule> rules = {{{}, {"chat"}, {}, true, R"({"a":1})"},
                                                {{"*.example.com"}, {}, {}, false, std::nullopt}};
  EXPECT_EQ(plugin.rules, rules);
}

TEST(LoadConfig, WhatAPluginLeavesOpenStaysOpen) {
  const auto config = config_of("plugins: [{id: a}]");

  EXPECT_EQ(config->plugins.at(0).stage, std::nullopt);
  EXPECT_EQ(config->plugins.at(0).priority, std::nullopt);
  EXPECT_EQ(config->plugins.at(0).on_failure, std::nullopt);
  EXPECT_EQ(config->plugins.at(0).config, "{}");
}

TEST(LoadConfig, ValuesComeFromTheEnvironment) {
  const Environment environment = {{"PORT", "9000"}, {"KEY", "a: \"b\"\n- c"}, {"EMPTY", ""}};

  const auto config = config_of(R"(
console: {address: "127.0.0.1:${PORT}"}
gateway: {workers: "${EMPTY:-3}"}
data: ${NOT_SET:-/var/lib/mynah}
plugins:
  - id: a
    config:
      number: "${PORT}"
      plain: ${PORT}
      key: ${KEY}
      dollar: $$5 and $6 and $${KEY}
      empty: "${EMPTY}"
)",
                                environment);

  EXPECT_EQ(config->console.address.port(), 9000);
  EXPECT_EQ(config->gateway.workers, 3U);
  EXPECT_EQ(config->data, "/var/lib/mynah");
  EXPECT_EQ(config->plugins.at(0).config, R"({"number":"9000","plain":9000,"key":"a: \"b\"\n- c",)"
                                          R"("dollar":"$5 and $6 and ${KEY}","empty":""})");
}

TEST(LoadConfig, AWasmPluginDocumentBecomesAPlugin) {
  const auto config = config_of(R"(
services: [{name: qwen, host: qwen.example}]
routes: [{name: chat, service: qwen}]
---
apiVersion: extensions.higress.io/v1alpha1
kind: WasmPlugin
metadata: {name: mine, namespace: higress-system}
spec:
  url: file:///plugins/mine.wasm
  phase: AUTHN
  priority: 310
  pluginName: root
  defaultConfig: {a: 1}
  defaultConfigDisable: true
  matchRules:
    - {ingress: [chat], domain: [a.example], config: {a: 2}}
    - {service: ["qwen.dns:443"], configDisable: true}
)");

  const model::Plugin& plugin = config->plugins.at(0);
  EXPECT_EQ(plugin.id, "mine");
  EXPECT_EQ(plugin.wasm, "/plugins/mine.wasm");
  EXPECT_EQ(plugin.root_id, "root");
  EXPECT_EQ(plugin.stage, model::Stage::authn);
  EXPECT_EQ(plugin.priority, 310);
  EXPECT_EQ(plugin.on_failure, model::OnFailure::closed);
  EXPECT_EQ(plugin.config, R"({"a":1})");
  EXPECT_TRUE(plugin.rules_only);
  const std::vector<model::PluginRule> rules = {{{"a.example"}, {"chat"}, {}, true, R"({"a":2})"},
                                                {{}, {}, {"qwen"}, false, std::nullopt}};
  EXPECT_EQ(plugin.rules, rules);
}

TEST(LoadConfig, AWasmPluginWithoutASchemeComesFromARegistry) {
  const auto config = config_of(R"(
apiVersion: extensions.higress.io/v1alpha1
kind: WasmPlugin
metadata: {name: a}
spec: {url: "registry.example/a:1.0.0", failStrategy: FAIL_OPEN, pluginConfig: {b: 2}}
)");

  EXPECT_EQ(config->plugins.at(0).url, "oci://registry.example/a:1.0.0");
  EXPECT_EQ(config->plugins.at(0).on_failure, model::OnFailure::open);
  EXPECT_EQ(config->plugins.at(0).config, R"({"b":2})");
}

TEST(LoadConfig, TheFilesThatAConfigurationNamesAreListed) {
  const auto loaded = parse_config(R"(
gateway: {listeners: [{address: ":443", tls: {certificate: c.pem, key: k.pem}}]}
plugins: [{id: a, wasm: a.wasm}]
)",
                                   "test.yaml", "/conf", {}, Files::do_not_look);

  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(loaded->files,
            (std::vector<std::string>{"/conf/a.wasm", "/conf/c.pem", "/conf/k.pem"}));
}

TEST(LoadConfig, EqualFilesGiveEqualModels) {
  constexpr std::string_view kText = "routes: [{name: a, service: demo, retry: {attempts: 2}}]";

  EXPECT_EQ(*config_of(kText), *config_of(kText));
  EXPECT_NE(*config_of(kText), *config_of(""));
}

TEST(LoadConfig, AFileThatIsNotThereIsAnErrorThatNamesIt) {
  const auto loaded = load_config("/nowhere/gateway.yaml", {});

  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().what, "/nowhere/gateway.yaml: No such file or directory");
}

TEST(LoadConfig, AFolderIsNoConfiguration) {
  EXPECT_EQ(load_config("/", {}).error().what, "/: is a folder");
}

TEST(LoadConfig, ATextThatIsTooLargeOrHoldsAZeroByteIsRefused) {
  const auto large = parse_config(std::string(5 << 20, '#'), "f", "", {});
  const auto zero = parse_config(std::string_view("a: b\0c", 6), "f", "", {});

  EXPECT_EQ(large.error().what, "f: the file is larger than 4194304 bytes");
  EXPECT_EQ(zero.error().what, "f: not a text file: byte 4 is zero");
}

TEST(LoadConfig, TheExampleLoads) {
  const auto loaded = load_config("examples/gateway.yaml", {});

  ASSERT_TRUE(loaded.ok()) << loaded.error().what;
  EXPECT_FALSE(loaded->config->routes.empty());
  EXPECT_EQ(loaded->files.front(), "examples/gateway.yaml");
}

TEST(DefaultConfig, ServesTheDemoModelWithTheCacheOn) {
  const auto loaded = default_config({});

  ASSERT_TRUE(loaded.ok()) << loaded.error().what;
  const model::Config& config = *loaded->config;
  EXPECT_EQ(config.routes.at(0).match.path, (model::PathMatch{model::PathKind::prefix, "/v1/"}));
  EXPECT_EQ(std::get<model::Forward>(config.routes.at(0).action).services.at(0).service, "demo");
  EXPECT_EQ(config.plugins.at(0).id, "ai-cache");
}

TEST(DefaultConfig, ServesTheProviderWhoseKeyIsSet) {
  const auto loaded = default_config({{"DEEPSEEK_API_KEY", "sk-1"}});

  ASSERT_TRUE(loaded.ok()) << loaded.error().what;
  const model::Config& config = *loaded->config;
  EXPECT_EQ(std::get<model::DnsName>(config.services.at(0).origin).host, "api.deepseek.com");
  EXPECT_EQ(config.services.at(0).tls->sni, "api.deepseek.com");
  EXPECT_EQ(config.routes.at(0).request_headers.set.at(0),
            (model::NameValue{"authorization", "Bearer sk-1"}));
}

TEST(DefaultConfig, DefaultAiServiceChoosesAmongSeveralKeys) {
  const Environment keys = {{"DASHSCOPE_API_KEY", "a"}, {"OPENAI_API_KEY", "b"}};
  Environment chosen = keys;
  chosen["DEFAULT_AI_SERVICE"] = "openai";

  EXPECT_EQ(default_config(keys)->config->services.at(0).name, "qwen");
  EXPECT_EQ(default_config(chosen)->config->services.at(0).name, "openai");
}

TEST(DefaultConfig, AnUnknownDefaultAiServiceIsAnErrorWithASuggestion) {
  EXPECT_EQ(default_config({{"DEFAULT_AI_SERVICE", "opena"}}).error().what,
            "DEFAULT_AI_SERVICE: there is no provider named \"opena\"; did you mean \"openai\"?");
  EXPECT_EQ(default_config({{"DEFAULT_AI_SERVICE", "openai"}}).error().what,
            "DEFAULT_AI_SERVICE is openai, but OPENAI_API_KEY is not set");
}

}  // namespace
}  // namespace mynah::control
