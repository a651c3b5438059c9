// SPDX-License-Identifier: Apache-2.0
// Goal: what a configuration asks for in vain is refused by name; an ordinary one passes.
#include "gateway/supported.h"

#include <gtest/gtest.h>

namespace mynah {
namespace {

TEST(Supported, AnOrdinaryConfigurationPasses) { EXPECT_TRUE(check_supported({})); }

TEST(Supported, WhatIsNotDoneIsNamed) {
  model::Config traced;
  traced.gateway.tracing.endpoint.emplace();
  model::Config hedged;
  hedged.routes.emplace_back().name = "chat";
  hedged.routes.back().hedge.emplace();
  model::Config fetched;
  fetched.plugins.emplace_back().id = "a";
  fetched.plugins.back().url = "oci://host/a:1";

  EXPECT_EQ(check_supported(traced).error().what,
            "gateway.tracing.endpoint: spans are not exported by this version");
  EXPECT_EQ(check_supported(hedged).error().what, "route chat: this version does not hedge");
  EXPECT_EQ(check_supported(fetched).error().what,
            "plug-in a: this version fetches no plug-ins, name a file by `wasm`");
}

}  // namespace
}  // namespace mynah
