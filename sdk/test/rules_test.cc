// SPDX-License-Identifier: Apache-2.0
// Rules of configurations, as hosts leave them to the plug-in: which one holds for an exchange.
#include <gtest/gtest.h>

#include "base/text.h"
#include "mynah/native.h"
#include "story/plugin_stage.h"
#include "story/run.h"

namespace mynah {
namespace {

// Plays one exchange under this configuration: "403" when a rule refuses it, "200" when none does,
// else why the configuration is refused.
std::string outcome(std::string_view config, std::string_view given,
                    std::string_view host = "a.example.com") {
  const auto stories =
      story::parse_stories(cat("story   a rule\nconfig  ", config, "\n", given,
                               "request GET /\n        host: ", host, "\nexpect  403\n"),
                           "rules");
  if (!stories) return stories.error().what;
  const auto stage = story::plugin_stage(story::native_machine(native_plugin()));
  const auto failures = story::play(stories->front(), *stage);
  if (failures.empty()) return "403";
  return failures.front().instead.contains("200") ? "200" : failures.front().instead;
}

constexpr std::string_view kRoute = R"({"_rules_": [{"_match_route_": ["a", "b"],
  "does": "refuse"}], "does": "nothing"})";

TEST(Rules, a_rule_by_route_holds_on_its_routes) {
  EXPECT_EQ(outcome(kRoute, "given property route_name = b\n"), "403");
  EXPECT_EQ(outcome(kRoute, "given property route_name = c\n"), "200");
  EXPECT_EQ(outcome(kRoute, ""), "200");
}

TEST(Rules, a_rule_by_route_and_service_needs_both) {
  constexpr std::string_view kBoth = R"({"_rules_": [{"_match_route_": ["a"],
    "_match_service_": ["llm.dns"], "does": "refuse"}], "does": "nothing"})";
  const std::string route = "given property route_name = a\n";

  EXPECT_EQ(outcome(kBoth, route + "given property cluster_name = outbound|443||llm.dns\n"), "403");
  EXPECT_EQ(outcome(kBoth, route + "given property cluster_name = outbound|443||other.dns\n"),
            "200");
}

TEST(Rules, a_service_is_named_with_its_port_or_without) {
  const auto with = [](std::string_view name) {
    return outcome(cat(R"({"_rules_": [{"_match_service_": [")", name,
                       R"("], "does": "refuse"}], "does": "nothing"})"),
                   "given property cluster_name = outbound|443||llm.dns\n");
  };

  EXPECT_EQ(with("llm.dns"), "403");
  EXPECT_EQ(with("llm.dns:443"), "403");
  EXPECT_EQ(with("llm.dns:80"), "200");
  EXPECT_EQ(with("llm"), "200");
}

TEST(Rules, a_domain_may_have_a_star_at_one_end) {
  const auto with = [](std::string_view name, std::string_view host) {
    return outcome(cat(R"({"_rules_": [{"_match_domain_": [")", name,
                       R"("], "does": "refuse"}], "does": "nothing"})"),
                   "", host);
  };

  EXPECT_EQ(with("*.example.com", "a.example.com:8080"), "403");
  EXPECT_EQ(with("*.example.com", "example.com"), "200");
  EXPECT_EQ(with("a.*", "a.example.com"), "403");
  EXPECT_EQ(with("*", "anything"), "403");
  EXPECT_EQ(with("example.com", "a.example.com"), "200");
  EXPECT_EQ(with("[::1]", "[::1]:80"), "403");
}

TEST(Rules, a_rule_by_prefix_holds_on_routes_that_begin_so) {
  constexpr std::string_view kPrefix = R"({"_rules_": [{"_match_route_prefix_": ["chat-"],
    "does": "refuse"}], "does": "nothing"})";

  EXPECT_EQ(outcome(kPrefix, "given property route_name = chat-1\n"), "403");
  EXPECT_EQ(outcome(kPrefix, "given property route_name = cha\n"), "200");
}

TEST(Rules, the_first_that_fits_decides_and_one_that_is_disabled_switches_off) {
  constexpr std::string_view kTwo = R"({"_rules_": [{"_match_route_": ["a"], "_disable_": true},
    {"_match_route_": ["a", "b"], "does": "refuse"}], "does": "refuse"})";

  EXPECT_EQ(outcome(kTwo, "given property route_name = a\n"), "200");
  EXPECT_EQ(outcome(kTwo, "given property route_name = b\n"), "403");
}

TEST(Rules, a_plug_in_with_rules_alone_does_nothing_elsewhere) {
  constexpr std::string_view kAlone =
      R"({"_rules_": [{"_match_route_": ["a"], "does": "refuse"}]})";

  EXPECT_EQ(outcome(kAlone, "given property route_name = b\n"), "200");
}

TEST(Rules, a_rule_that_is_wrong_refuses_the_configuration) {
  EXPECT_TRUE(outcome(R"({"_rules_": [{"does": "nothing"}]})", "")
                  .contains("a rule names no route, domain or service"));
  EXPECT_TRUE(outcome(R"({"_rules_": [{"_match_route_": ["a"], "dose": "x"}]})", "")
                  .contains("did you mean \"does\""));
}

}  // namespace
}  // namespace mynah
