// SPDX-License-Identifier: Apache-2.0
// Plug-ins that others have written and built, unmodified: those of the Python package
// gpustack-higress-plugins, Go and Rust. They are large, so they are not part of the tree:
// MYNAH_THIRD_PARTY_PLUGINS names the folder that holds them (NAME/VERSION/plugin.wasm),
// MYNAH_TEST_CACHE one for compiled code; without the former these tests are skipped.
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "base/text.h"
#include "wasm/inspect.h"
#include "wasm/machine.h"
#include "wasm/module_cache.h"
#include "wasm/world_testing.h"

namespace mynah::wasm {
namespace {

namespace fs = std::filesystem;
using abi::BodyAction;
using abi::HeadersAction;
using abi::MapType;

std::string folder() {
  const char* const given = std::getenv("MYNAH_THIRD_PARTY_PLUGINS");
  return given == nullptr ? "" : given;
}

std::string file_of(std::string_view name) {
  for (const auto& version : fs::directory_iterator(cat(folder(), "/", name))) {
    const fs::path file = version.path() / "plugin.wasm";
    if (fs::exists(file)) return file.string();
  }
  return {};
}

std::shared_ptr<const Module> module_of(std::string_view name) {
  const std::string wasm = read_test_file(file_of(name));
  const char* const cache = std::getenv("MYNAH_TEST_CACHE");
  auto module =
      cache == nullptr
          ? Module::compile(test_engine(), wasm)
          : ModuleCache(test_engine(), {.folder = cache, .compiler = {}, .limits = {}}).get(wasm);
  EXPECT_TRUE(module.ok()) << (module ? "" : module.error().what);
  return module ? *std::move(module) : nullptr;
}

class ThirdPartyTest : public testing::Test {
 protected:
  void SetUp() override {
    if (folder().empty()) GTEST_SKIP() << "MYNAH_THIRD_PARTY_PLUGINS is not set";
    settings.version = "1.0.0";
    settings.limits.start_time = std::chrono::seconds(60);
    settings.limits.call_time = std::chrono::seconds(20);
    Headers& request = exchange.maps[MapType::request_headers];
    request.add(":method", "POST");
    request.add(":path", "/v1/chat/completions?keep=1");
    request.add(":authority", "gateway.example");
    request.add(":scheme", "http");
    request.add("content-type", "application/json");
    request.add("x-old", "old");
    exchange.properties["route_name"] = std::string("chat");
    exchange.properties["cluster_name"] = std::string("outbound|80||llm.static");
    exchange.properties["source.address"] = std::string("127.0.0.1:4000");
    exchange.properties["x_request_id"] = std::string("1");
  }

  Result<RootId> start(std::string_view name, const std::string& configuration) {
    settings.name = name;
    MYNAH_LET(machine, Machine::start(module_of(name), settings, outside, {data, queues}));
    return machine->configure(std::string(name), configuration);
  }

  Journal journal;
  TestOutside outside{journal};
  TestExchange exchange{journal};
  SharedData data;
  SharedQueues queues;
  MachineSettings settings;
  std::unique_ptr<Machine> machine;
};

TEST_F(ThirdPartyTest, EveryPlugInStartsAndTakesAConfiguration) {
  const std::map<std::string, std::string> kConfigurations = {
      {"ai-data-masking",
       R"({"system_deny": false, "deny_openai": true, "deny_words": ["secret"]})"},
      {"ai-statistics", "{}"},
      {"gpustack-ai-proxy", R"({"provider": {"type": "openai", "apiTokens": ["t"]}})"},
      {"gpustack-ext-auth",
       R"({"http_service": {"endpoint_mode": "envoy", "endpoint": {"service_name": "auth.static",
           "service_port": 80, "path_prefix": "/auth"}}})"},
      {"gpustack-generic-proxy-router", "{}"},
      {"gpustack-ip-acl", R"({"ip_source_type": "origin-source", "allow": ["127.0.0.1"]})"},
      {"gpustack-lb", "{}"},
      {"gpustack-lb-decision-service", "{}"},
      {"gpustack-lb-least-load", "{}"},
      {"gpustack-lb-session-affinity", R"({"sessionKeys": [{"header": "x-session"}]})"},
      {"gpustack-rate-limit", "{}"},
      {"gpustack-set-header-pre-route", R"({"routeNameHeader": "x-route"})"},
      {"gpustack-token-usage", "{}"},
      {"transformer", R"({"reqRules": [{"operate": "remove", "headers": [{"key": "x-old"}]}]})"},
  };
  for (const auto& [name, configuration] : kConfigurations) {
    const Inspection inspection = inspect(read_test_file(file_of(name)));
    EXPECT_FALSE(inspection.refusal) << name;
    EXPECT_EQ(inspection.language, name == "ai-data-masking" ? "Rust" : "Go");

    const auto root = start(name, configuration);

    EXPECT_TRUE(root.ok()) << name << ": " << (root ? "" : root.error().what) << journal.take();
    if (!root) continue;
    Stream stream(*machine, *root, exchange);
    const auto action = stream.on_request_headers(End::no);
    EXPECT_TRUE(action.ok()) << name << ": " << (action ? "" : action.error().what);
  }
}

TEST_F(ThirdPartyTest, TransformerChangesHeadersAndQuery) {
  const auto root = start("transformer", R"({"reqRules": [
      {"operate": "remove", "headers": [{"key": "x-old"}]},
      {"operate": "add", "headers": [{"key": "x-new", "value": "new"}],
                         "querys": [{"key": "added", "value": "2"}]}]})");
  ASSERT_TRUE(root.ok()) << root.error().what << journal.take();
  Stream stream(*machine, *root, exchange);

  const auto action = stream.on_request_headers(End::yes);

  ASSERT_TRUE(action.ok()) << action.error().what;
  EXPECT_EQ(*action, HeadersAction::continue_iteration) << journal.take();
  const Headers& request = exchange.maps[MapType::request_headers];
  EXPECT_FALSE(request.has("x-old"));
  EXPECT_EQ(request.value_or("x-new", ""), "new");
  EXPECT_NE(request.value_or(":path", "").find("added=2"), std::string_view::npos);
}

TEST_F(ThirdPartyTest, TransformerChangesABodyThatWasGathered) {
  const auto root = start("transformer", R"({"reqRules": [
      {"operate": "add", "body": [{"key": "model", "value": "small"}]}]})");
  ASSERT_TRUE(root.ok()) << root.error().what << journal.take();
  Stream stream(*machine, *root, exchange);
  ASSERT_TRUE(stream.on_request_headers(End::no).ok());
  SliceChain& body = exchange.bodies[Direction::request];
  body.append(Slice::of_static(R"({"messages":)"));
  ASSERT_EQ(*stream.on_request_body(End::no), BodyAction::stop_and_buffer);
  body.append(Slice::of_static("[]}"));

  const auto action = stream.on_request_body(End::yes);

  EXPECT_EQ(*action, BodyAction::continue_iteration);
  EXPECT_NE(body.copy().find(R"("model": "small")"), std::string::npos) << body.copy();
}

TEST_F(ThirdPartyTest, DataMaskingAnswersADeniedWord) {
  const auto root = start(
      "ai-data-masking",
      R"({"deny_openai": true, "deny_words": ["secret"], "deny_code": 200, "deny_message": "no"})");
  ASSERT_TRUE(root.ok()) << root.error().what << journal.take();
  Stream stream(*machine, *root, exchange);
  stream.on_request_headers(End::no).ignore();
  exchange.bodies[Direction::request].append(
      Slice::of_static(R"({"model":"m","messages":[{"role":"user","content":"a secret"}]})"));

  const auto action = stream.on_request_body(End::yes);

  ASSERT_TRUE(action.ok()) << action.error().what;
  EXPECT_TRUE(journal.contains("respond 200")) << journal.take();
}

}  // namespace
}  // namespace mynah::wasm
