// SPDX-License-Identifier: Apache-2.0
// Bindings and the objects that say the same.
#include "market/plugin_use.h"

#include <string>

#include <gtest/gtest.h>

namespace mynah::market {
namespace {

TEST(PluginUseTest, ScopesAreReadAndSaidTheSameWay) {
  for (const char* text : {"global", "route:chat", "host:*.example", "service:llm"}) {
    EXPECT_EQ(BindingScope::parse(text)->text(), text);
  }
  for (const char* text : {"", "everywhere", "route", "route:", "path:/v1"}) {
    EXPECT_FALSE(BindingScope::parse(text).ok()) << text;
  }
}

TEST(PluginUseTest, TheNarrowestPlaceStandsFirst) {
  PluginUse use{"greeter", "1.0.0", {}};
  use.set({*BindingScope::parse("global"), false, R"({"a":1})"});
  use.set({*BindingScope::parse("host:a.example"), true, "{}"});
  use.set({*BindingScope::parse("service:llm"), true, "{}"});
  use.set({*BindingScope::parse("route:chat"), false, "{}"});

  EXPECT_EQ(use.json(),
            R"({"id":"greeter","version":"1.0.0","rules_only":true,"config":{"a":1},"rules":[)"
            R"({"services":["llm"],"enabled":true,"config":{}},)"
            R"({"routes":["chat"],"enabled":false,"config":{}},)"
            R"({"hosts":["a.example"],"enabled":true,"config":{}}]})");
}

TEST(PluginUseTest, WhatWasWrittenReadsTheSame) {
  PluginUse use{"greeter", "", {}};
  use.set({*BindingScope::parse("route:chat"), true, R"({"b":[1]})"});
  use.set({*BindingScope::parse("global"), false, "{}"});

  const auto read = PluginUse::parse(use.json());

  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->json(), use.json());
  EXPECT_FALSE(read->find(*BindingScope::parse("global"))->enabled);
}

TEST(PluginUseTest, ABindingIsReplacedAndRemoved) {
  PluginUse use{"greeter", "", {}};
  use.set({*BindingScope::parse("route:chat"), true, "{}"});
  use.set({*BindingScope::parse("route:chat"), true, R"({"c":1})"});

  EXPECT_EQ(use.bindings.size(), 1u);
  EXPECT_TRUE(use.remove(*BindingScope::parse("route:chat")));
  EXPECT_FALSE(use.remove(*BindingScope::parse("route:chat")));
}

}  // namespace
}  // namespace mynah::market
