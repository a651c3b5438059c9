// SPDX-License-Identifier: Apache-2.0
// Which secrets are the same.
#include "base/secret.h"

#include <gtest/gtest.h>

namespace mynah {
namespace {

TEST(Secret, is_the_same_when_every_byte_is) {
  EXPECT_TRUE(same_secret("", ""));
  EXPECT_TRUE(same_secret("secret", "secret"));
}

TEST(Secret, is_another_when_any_byte_or_the_length_is) {
  EXPECT_FALSE(same_secret("secret", "Secret"));
  EXPECT_FALSE(same_secret("secret", "secreT"));
  EXPECT_FALSE(same_secret("secret", "secre"));
  EXPECT_FALSE(same_secret("", "s"));
}

}  // namespace
}  // namespace mynah
