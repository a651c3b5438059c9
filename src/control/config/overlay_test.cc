// SPDX-License-Identifier: Apache-2.0
// Goal: objects beside the file are read as those in it, with problems that name them, and can do
// no more than an administrator of routes may.
#include "control/config/overlay.h"

#include <gtest/gtest.h>

#include "control/config/load.h"

namespace mynah::control {
namespace {

constexpr std::string_view kFile = R"(
services: [{name: llm, endpoints: ["127.0.0.1:9000"]}]
routes: [{name: chat, match: {path: {prefix: /v1/}}, service: llm}]
)";

Result<Loaded> with(const Overlay& overlay, std::string_view file = kFile) {
  return parse_config(file, "f.yaml", "", {{"SECRET", "s3cret"}}, Files::look, overlay);
}

std::string refusal_of(const Overlay& overlay) {
  const auto loaded = with(overlay);
  return loaded ? "" : loaded.error().what;
}

TEST(Overlay, ObjectsJoinThoseOfTheFile) {
  const auto loaded = with({{ObjectKind::service, "second", R"({"endpoints":["127.0.0.1:9001"]})"},
                            {ObjectKind::route, "new", R"({"name":"new","service":"second"})"},
                            {ObjectKind::plugin, "ai-cache", R"({"config":{"ttl":60}})"}});

  ASSERT_TRUE(loaded.ok()) << loaded.error().what;
  EXPECT_EQ(loaded->config->services.at(1).name, "second");
  EXPECT_EQ(loaded->config->routes.at(1).name, "new");
  EXPECT_EQ(loaded->config->plugins.at(0).config, R"({"ttl":60})");
  EXPECT_EQ(loaded->in_file, (std::set<std::pair<ObjectKind, std::string>>{
                                 {ObjectKind::service, "llm"}, {ObjectKind::route, "chat"}}));
}

TEST(Overlay, TheFileMayReferToWhatStandsBesideIt) {
  const auto loaded = with({{ObjectKind::service, "llm", R"({"endpoints":["127.0.0.1:9000"]})"}},
                           "routes: [{name: chat, service: llm}]");

  EXPECT_TRUE(loaded.ok());
}

TEST(Overlay, AProblemNamesTheObjectAndTheField) {
  EXPECT_EQ(refusal_of({{ObjectKind::route, "a", R"({"service":"llm","match":{"paht":1}})"}}),
            R"(routes/a: match: unknown field "paht"; did you mean "path"?)");
  EXPECT_EQ(refusal_of({{ObjectKind::route, "a", R"({"service":"lmm"})"}}),
            R"(routes/a: service: there is no service named "lmm"; did you mean "llm"?)");
  EXPECT_EQ(refusal_of({{ObjectKind::service, "b", R"({"endpoints":)"}}).substr(0, 14),
            "services/b: li");
  EXPECT_EQ(refusal_of({{ObjectKind::service, "b", "[]"}}),
            "services/b: expected a map, got a list");
}

TEST(Overlay, AnObjectThatTheFileHasTooIsAProblem) {
  EXPECT_EQ(
      refusal_of({{ObjectKind::route, "chat", R"({"service":"llm"})"}}),
      R"(routes/chat: name: there is a second route named "chat"; the first is in line 3 of the file)");
}

TEST(Overlay, AnObjectHasTheNameOfItsPath) {
  EXPECT_EQ(refusal_of({{ObjectKind::route, "a", R"({"name":"b","service":"llm"})"}}),
            R"(routes/a: name: it is "a" by its path and must be the same here)");
}

TEST(Overlay, AFieldThatStandsTwiceIsAProblem) {
  EXPECT_EQ(refusal_of({{ObjectKind::route, "a", R"({"service":"llm","service":"store"})"}}),
            R"(routes/a: "service" stands here a second time)");
}

TEST(Overlay, AnObjectReachesNeitherFilesNorTheEnvironment) {
  EXPECT_EQ(
      refusal_of({{ObjectKind::plugin, "p", R"({"wasm":"/etc/passwd"})"}}),
      R"(plugins/p: wasm: only the configuration file may name files of this machine, such as "/etc/passwd")");
  const auto loaded = with({{ObjectKind::plugin, "p", R"({"config":{"key":"${SECRET}"}})"}});
  ASSERT_TRUE(loaded.ok()) << loaded.error().what;
  EXPECT_EQ(loaded->config->plugins.at(0).config, R"({"key":"${SECRET}"})");
}

TEST(Overlay, NestingWithoutEndIsAProblem) {
  const std::string deep = R"({"config":)" + std::string(60, '[') + std::string(60, ']') + "}";

  EXPECT_NE(refusal_of({{ObjectKind::plugin, "p", deep}}), "");
}

TEST(Overlay, TheDataFolderIsKnownBeforeTheRest) {
  EXPECT_FALSE(data_folder_of("/nowhere/f.yaml", {}).ok());
}

}  // namespace
}  // namespace mynah::control
