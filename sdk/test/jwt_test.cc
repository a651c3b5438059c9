// SPDX-License-Identifier: Apache-2.0
// Tokens: right ones are taken, and each way in which one can be wrong is refused. The RSA key and
// its signature were made with OpenSSL.
#include "mynah/jwt.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/text.h"
#include "mynah/hmac.h"

namespace mynah {
namespace {

constexpr std::string_view kModulus =
    "otLeg68JkAsJfL2HAVDe5b0KZaM_Sn2SLeTMJnH3VHprMVSvnHq3c9sl2--W3QfDOG9Y6EPMfLtosuPdIrd9F9BX"
    "HkPPxbKys8gpZnS1ugnq63tWvCKfiVI7EWzIcAb6i8jRzgwMbmuro4SYG9bVPuFKnU18xwsmrGJZgQTW5G4xBpYZ"
    "xuph2_OVmaChJbGxaSRauXxd9_MLVBVkO-6iJmsrCEWtExdZiXTwA9n1G6BNMpFArEuxDAITCz7KEiDduVyRXyKY"
    "agJ9hxcNNwa3u05788jVVnHWOnez8v_Dum5sMFQefdP1D3efY9ayljedi4YlFq2aNLpR5Z3jwdSOZw";
constexpr std::string_view kRsaToken =
    "eyJhbGciOiAiUlMyNTYiLCAidHlwIjogIkpXVCJ9.eyJzdWIiOiAiYW5uIiwgImV4cCI6IDIwMDAwMDAwMDB9.GJ"
    "prapRJmZDgzhxq23Ipt5MdAzjIcBaMgz-tyRSahmNnas0lbLL2xrraP9DRK_6y-pt6rESyOAYUTF7G0up5knUCeK"
    "soQU2z8YRJdNt-3HOmEy2jg1X-broY5b-2CgqFXihNPolKzi5F4AVLX-1pRGoH30FQctG4iLyp8jNpCBlx-HwWFM"
    "YYdRBw0oaY0Hh62-sGUf0znyBMcYylZX9DKwoKVN2jiCKWrzPkZyxgN2x5Oly6cUvhvC4avkM3gODAE2-iSHT8HV"
    "xeriI6S9zBrOfzl2VxHwvXiILwEiziDLgengOOpmislq2-HuMfJEH8E4ML_kdKJhUteZ2895IuMQ";
const std::string kSecret = "sixteen bytes or more";

WallTime at(std::int64_t seconds) { return WallTime(std::chrono::seconds(seconds)); }

std::string token(std::string_view header, std::string_view claims,
                  std::string_view secret = kSecret) {
  const std::string message = cat(base64url(header), ".", base64url(claims));
  return cat(message, ".", base64url(as_text(hmac_sha256(secret, message))));
}

std::string refusal(std::string_view text, std::int64_t now = 1'000) {
  const auto claims = verify_jwt(text, JwtKey::secret(kSecret), at(now));
  return claims ? "taken" : claims.error().what;
}

constexpr std::string_view kHeader = R"({"alg":"HS256","typ":"JWT"})";

TEST(Jwt, a_token_with_a_right_signature_gives_its_claims) {
  const auto claims =
      verify_jwt(token(kHeader, R"({"sub":"ann"})"), JwtKey::secret(kSecret), at(0));

  ASSERT_TRUE(claims) << claims.error().what;
  EXPECT_EQ(claims->text("sub"), "ann");
}

TEST(Jwt, agrees_with_the_example_that_everybody_knows) {
  constexpr std::string_view kKnown =
      "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
      "eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0"
      "IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c";

  EXPECT_TRUE(verify_jwt(kKnown, JwtKey::secret("your-256-bit-secret"), at(0)));
}

TEST(Jwt, a_wrong_signature_is_refused) {
  const std::string good = token(kHeader, R"({"sub":"ann"})");

  EXPECT_TRUE(
      refusal(token(kHeader, "{}", "another secret of mine")).contains("signature is wrong"));
  EXPECT_TRUE(refusal(good.substr(0, good.rfind('.') + 1)).contains("signature is wrong"));
  EXPECT_TRUE(refusal(good.substr(0, good.size() - 4)).contains("the token is refused"));
}

TEST(Jwt, the_key_decides_the_algorithm_and_not_the_token) {
  EXPECT_TRUE(refusal(token(R"({"alg":"none"})", "{}")).contains("not signed with HS256"));
  EXPECT_TRUE(refusal(token(R"({"alg":"RS256"})", "{}")).contains("not signed with HS256"));
  const auto key = JwtKey::rsa(kModulus, "AQAB");
  EXPECT_TRUE(verify_jwt(token(kHeader, "{}", kModulus), *key, at(0))
                  .error()
                  .what.contains("not signed with RS256"));
}

TEST(Jwt, times_are_looked_at_with_a_minute_of_patience) {
  const std::string expires = token(kHeader, R"({"exp":1000.5})");
  EXPECT_EQ(refusal(expires, 1'059), "taken");
  EXPECT_TRUE(refusal(expires, 1'060).contains("expired"));

  const std::string begins = token(kHeader, R"({"nbf":1000})");
  EXPECT_EQ(refusal(begins, 940), "taken");
  EXPECT_TRUE(refusal(begins, 939).contains("not valid yet"));

  EXPECT_TRUE(refusal(token(kHeader, R"({"exp":"soon"})")).contains("no time"));
}

TEST(Jwt, what_is_no_token_is_refused) {
  EXPECT_TRUE(refusal("").contains("three parts"));
  EXPECT_TRUE(refusal("a.b").contains("three parts"));
  EXPECT_TRUE(refusal("a.b.c.d").contains("three parts"));
  EXPECT_TRUE(refusal("*.*.*").contains("base64url"));
  EXPECT_TRUE(refusal(token("{", "{}")).contains("not JSON"));
  EXPECT_TRUE(refusal(token(kHeader, "[]")).contains("not a JSON object"));
  EXPECT_TRUE(refusal(token(R"({"alg":"HS256","crit":["b64"]})", "{}")).contains("critical"));
  EXPECT_TRUE(refusal(std::string(20'000, 'a')).contains("too long"));
}

TEST(Jwt, a_short_secret_verifies_nothing) {
  EXPECT_FALSE(verify_jwt(token(kHeader, "{}", "short"), JwtKey::secret("short"), at(0)));
}

TEST(Jwt, rsa_signatures_are_verified) {
  const auto key = JwtKey::rsa(kModulus, "AQAB");
  ASSERT_TRUE(key) << key.error().what;

  const auto claims = verify_jwt(kRsaToken, *key, at(0));

  ASSERT_TRUE(claims) << claims.error().what;
  EXPECT_EQ(claims->text("sub"), "ann");
}

TEST(Jwt, an_rsa_signature_with_any_byte_changed_is_refused) {
  const auto key = JwtKey::rsa(kModulus, "AQAB");
  const std::size_t begin = kRsaToken.rfind('.') + 1;

  for (std::size_t i = 0; i < kRsaToken.size() - 1; i += 7) {
    if (i == begin - 1) continue;
    std::string changed(kRsaToken);
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(verify_jwt(changed, *key, at(0))) << i;
  }
}

TEST(Jwt, keys_come_as_json_web_keys) {
  const auto rsa = Json::parse(cat(R"({"kty":"RSA","e":"AQAB","n":")", kModulus, "\"}"));
  EXPECT_TRUE(verify_jwt(kRsaToken, *JwtKey::parse(rsa->root()), at(0)));

  const auto oct = Json::parse(cat(R"({"kty":"oct","k":")", base64url(kSecret), "\"}"));
  EXPECT_TRUE(verify_jwt(token(kHeader, "{}"), *JwtKey::parse(oct->root()), at(0)));

  const auto other = Json::parse(R"({"kty":"EC"})");
  EXPECT_FALSE(JwtKey::parse(other->root()));
}

TEST(Jwt, rsa_keys_that_are_none_are_refused) {
  EXPECT_FALSE(JwtKey::rsa("AQAB", "AQAB"));
  EXPECT_FALSE(JwtKey::rsa("", "AQAB"));
  EXPECT_FALSE(JwtKey::rsa(kModulus, ""));
  EXPECT_FALSE(JwtKey::rsa(kModulus, "AQ"));
  EXPECT_FALSE(JwtKey::rsa(base64url(std::string(256, '\x02')), "AQAB"));
}

}  // namespace
}  // namespace mynah
