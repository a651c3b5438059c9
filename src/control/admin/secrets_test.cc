// SPDX-License-Identifier: Apache-2.0
// Goal: secrets are random, passwords are verified against their hashes, tampered hashes are
// refused.
#include "control/admin/secrets.h"

#include <gtest/gtest.h>

namespace mynah::control {
namespace {

TEST(Secrets, TwoRandomSecretsDiffer) {
  EXPECT_EQ(random_secret().size(), 64U);
  EXPECT_NE(random_secret(), random_secret());
}

TEST(Secrets, ARandomPasswordHasFiveGroupsOfFour) {
  const std::string password = random_password();

  EXPECT_EQ(password.size(), 24U);
  EXPECT_EQ(password[4], '-');
  EXPECT_NE(password, random_password());
}

TEST(Secrets, Sha256IsTheKnownOne) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Secrets, APasswordFitsItsHashAndNoOtherDoes) {
  const std::string hash = hash_password("correct horse");

  EXPECT_TRUE(hash.starts_with("scrypt$15$8$1$"));
  EXPECT_TRUE(verify_password("correct horse", hash));
  EXPECT_FALSE(verify_password("correct horsf", hash));
  EXPECT_FALSE(verify_password("", hash));
}

TEST(Secrets, TheSamePasswordHasTwoHashes) { EXPECT_NE(hash_password("a"), hash_password("a")); }

// The test vector of RFC 7914, section 12, cut to the length of our keys: N = 16384 … p = 1.
TEST(Secrets, TheHashIsScrypt) {
  EXPECT_TRUE(verify_password("pleaseletmein",
                              "scrypt$14$8$1$536f6469756d43686c6f72696465$"
                              "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"));
}

TEST(Secrets, AHashThatIsMalformedOrAsksForTooMuchFitsNothing) {
  EXPECT_FALSE(verify_password("a", ""));
  EXPECT_FALSE(verify_password("a", "scrypt$15$8$1$zz$zz"));
  EXPECT_FALSE(verify_password("a", "scrypt$40$8$1$00$00"));
  EXPECT_FALSE(verify_password("a", "scrypt$15$900$1$00$00"));
  EXPECT_FALSE(verify_password("a", "scrypt$15$8$1$00$"));
  EXPECT_FALSE(verify_password("a", "plain$15$8$1$00$00"));
}

}  // namespace
}  // namespace mynah::control
