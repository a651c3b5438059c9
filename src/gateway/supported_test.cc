// SPDX-License-Identifier: Apache-2.0
// Goal: what a configuration asks for in vain is refused by name; an ordinary one passes.
#include "gateway/supported.h"

#include <gtest/gtest.h>

namespace mynah {
namespace {

TEST(Supported, AnOrdinaryConfigurationPasses) { EXPECT_TRUE(check_supported({})); }

TEST(Supported, WhatIsNotDoneIsNamed) {
  model::Config fetched;
  fetched.plugins.emplace_back().id = "a";
  fetched.plugins.back().url = "oci://host/a:1";

  EXPECT_EQ(check_supported(fetched).error().what,
            "plug-in a: this version fetches no plug-ins, name a file by `wasm`");
}

}  // namespace
}  // namespace mynah
