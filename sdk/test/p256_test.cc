// SPDX-License-Identifier: Apache-2.0
// Signatures over P-256: known ones, those of OpenSSL, and what is no signature of the key.
// OpenSSL calls its plain functions on keys of curves deprecated: they are what takes any secret.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "p256.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/obj_mac.h>
#include <openssl/sha.h>

#include "base/encoding.h"
#include "base/text.h"
#include "mynah/jwt.h"

namespace mynah {
namespace {

using inner::p256_is_key;
using inner::p256_sha256_verifies;

constexpr std::string_view kOrder =
    "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
constexpr std::string_view kPrime =
    "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Bn = std::unique_ptr<BIGNUM, Freed<BN_free>>;
using Key = std::unique_ptr<EC_KEY, Freed<EC_KEY_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG_free>>;
using EcPoint = std::unique_ptr<EC_POINT, Freed<EC_POINT_free>>;

std::string unhex(std::string_view digits) {
  std::string bytes;
  for (std::size_t i = 0; i < digits.size(); i += 2)
    bytes += static_cast<char>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16));
  return bytes;
}

Bn number(std::string_view hexadecimal) {
  BIGNUM* made = nullptr;
  BN_hex2bn(&made, std::string(hexadecimal).c_str());
  return Bn(made);
}

std::string bytes_of(const BIGNUM* number) {
  std::string bytes(32, '\0');
  BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()), 32);
  return bytes;
}

// A key of OpenSSL's, by its secret number, and what it signs.
class Signer {
 public:
  explicit Signer(const Bn& secret) : key_(EC_KEY_new_by_curve_name(NID_X9_62_prime256v1)) {
    const EC_GROUP* group = EC_KEY_get0_group(key_.get());
    const EcPoint point(EC_POINT_new(group));
    EC_POINT_mul(group, point.get(), secret.get(), nullptr, nullptr, nullptr);
    EC_KEY_set_private_key(key_.get(), secret.get());
    EC_KEY_set_public_key(key_.get(), point.get());
    const Bn px(BN_new());
    const Bn py(BN_new());
    EC_POINT_get_affine_coordinates(group, point.get(), px.get(), py.get(), nullptr);
    x = bytes_of(px.get());
    y = bytes_of(py.get());
  }

  [[nodiscard]] std::string sign(std::string_view message) const {
    const std::string hash = digest(message);
    const Signature made(
        ECDSA_do_sign(reinterpret_cast<const unsigned char*>(hash.data()), 32, key_.get()));
    return bytes_of(ECDSA_SIG_get0_r(made.get())) + bytes_of(ECDSA_SIG_get0_s(made.get()));
  }
  // OpenSSL's judgement.
  [[nodiscard]] bool verifies(std::string_view message, std::string_view signature) const {
    const std::string hash = digest(message);
    const Signature given(ECDSA_SIG_new());
    const auto* bytes = reinterpret_cast<const unsigned char*>(signature.data());
    ECDSA_SIG_set0(given.get(), BN_bin2bn(bytes, 32, nullptr), BN_bin2bn(bytes + 32, 32, nullptr));
    return ECDSA_do_verify(reinterpret_cast<const unsigned char*>(hash.data()), 32, given.get(),
                           key_.get()) == 1;
  }

  std::string x;
  std::string y;

 private:
  static std::string digest(std::string_view message) {
    std::string hash(32, '\0');
    SHA256(reinterpret_cast<const unsigned char*>(message.data()), message.size(),
           reinterpret_cast<unsigned char*>(hash.data()));
    return hash;
  }

  Key key_;
};

// The secrets 1 and n - 1 make the key that is the curve's own point, and its opposite: sums of
// equal and of opposite points then happen on the way.
constexpr std::string_view kSecrets[] = {
    "01",
    "02",
    "03",
    "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550",
    "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc63254f",
    "7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8",
    "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
    "00000000000000000000000000000000000000000000000000000000ffffffff",
};

TEST(P256, agrees_with_the_signatures_of_rfc_6979) {
  const std::string x = unhex("60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6");
  const std::string y = unhex("7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");

  EXPECT_TRUE(p256_sha256_verifies(
      x, y, "sample",
      unhex("efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
            "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8")));
  EXPECT_TRUE(p256_sha256_verifies(
      x, y, "test",
      unhex("f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367"
            "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083")));
}

TEST(P256, agrees_with_openssl_on_right_and_changed_signatures) {
  for (const std::string_view secret : kSecrets) {
    const Signer signer(number(secret));
    for (std::size_t i = 0; i < 8; ++i) {
      const std::string message = cat("message ", i);
      std::string signature = signer.sign(message);
      EXPECT_TRUE(p256_sha256_verifies(signer.x, signer.y, message, signature)) << secret;
      EXPECT_FALSE(p256_sha256_verifies(signer.x, signer.y, "another", signature)) << secret;

      char& byte = signature[i * 8 + 3];
      byte = static_cast<char>(byte ^ 1 << i);
      EXPECT_EQ(p256_sha256_verifies(signer.x, signer.y, message, signature),
                signer.verifies(message, signature))
          << secret;
      EXPECT_FALSE(p256_sha256_verifies(signer.x, signer.y, message, signature)) << secret;
    }
  }
}

TEST(P256, agrees_with_openssl_on_numbers_at_the_edges) {
  const std::string edges[] = {
      unhex(std::string(64, '0')),
      unhex(std::string(63, '0') + "1"),
      unhex(std::string(64, 'f')),
      unhex(kOrder),
      unhex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550"),
      unhex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632552"),
      unhex(kPrime),
      unhex("0000000000000000000000000000000043190552df1a6c21012ffd85eedf9bfe"),
  };
  for (const std::string_view secret : kSecrets) {
    const Signer signer(number(secret));
    const std::string right = signer.sign("m");
    for (const std::string& edge : edges) {
      for (const std::string& other : {right.substr(0, 32), right.substr(32), edges[1], edges[4]}) {
        for (const std::string& signature : {edge + other, other + edge}) {
          EXPECT_EQ(p256_sha256_verifies(signer.x, signer.y, "m", signature),
                    signer.verifies("m", signature))
              << secret;
        }
      }
    }
  }
}

TEST(P256, the_opposite_s_is_right_as_well_and_r_above_the_order_is_not) {
  const Signer signer(number(kSecrets[6]));
  const std::string right = signer.sign("m");
  const Bn order = number(kOrder);
  const Bn s(BN_bin2bn(reinterpret_cast<const unsigned char*>(right.data()) + 32, 32, nullptr));
  const Bn opposite(BN_new());
  BN_sub(opposite.get(), order.get(), s.get());

  EXPECT_TRUE(p256_sha256_verifies(signer.x, signer.y, "m",
                                   right.substr(0, 32) + bytes_of(opposite.get())));

  EXPECT_FALSE(p256_sha256_verifies(signer.x, signer.y, "m", unhex(kOrder) + right.substr(32)));
}

TEST(P256, lengths_and_keys_that_are_none_are_refused) {
  const Signer signer(number(kSecrets[0]));
  const std::string right = signer.sign("m");
  const std::string zero(32, '\0');

  EXPECT_FALSE(p256_sha256_verifies(signer.x, signer.y, "m", ""));
  EXPECT_FALSE(p256_sha256_verifies(signer.x, signer.y, "m", right.substr(1)));
  EXPECT_FALSE(p256_sha256_verifies(signer.x, signer.y, "m", right + '\0'));
  EXPECT_FALSE(p256_sha256_verifies(signer.y, signer.x, "m", right));
  EXPECT_TRUE(p256_is_key(signer.x, signer.y));
  EXPECT_FALSE(p256_is_key(signer.y, signer.x));
  EXPECT_FALSE(p256_is_key(zero, zero));
  EXPECT_FALSE(p256_is_key(unhex(kPrime), signer.y));
  EXPECT_FALSE(p256_is_key(signer.x.substr(1), signer.y));
  EXPECT_FALSE(p256_is_key("", ""));
}

// The example of RFC 7515, appendix A.3.
constexpr std::string_view kX = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
constexpr std::string_view kY = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
constexpr std::string_view kToken =
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLm"
    "NvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApm"
    "WQxfKTUJqPP3-Kg6NU1Q";

TEST(P256, tokens_of_es256_are_taken_and_each_changed_byte_refuses_them) {
  const auto jwk =
      Json::parse(cat(R"({"kty":"EC","crv":"P-256","x":")", kX, R"(","y":")", kY, "\"}"));
  const auto key = JwtKey::parse(jwk->root());
  ASSERT_TRUE(key) << key.error().what;
  const WallTime then(std::chrono::seconds(1300819000));

  const auto claims = verify_jwt(kToken, *key, then);

  ASSERT_TRUE(claims) << claims.error().what;
  EXPECT_EQ(claims->text("iss"), "joe");
  for (std::size_t i = 0; i < kToken.size(); i += 5) {
    std::string changed(kToken);
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(verify_jwt(changed, *key, then)) << i;
  }
}

TEST(P256, keys_of_other_curves_and_points_beside_the_curve_are_refused) {
  const auto other =
      Json::parse(cat(R"({"kty":"EC","crv":"P-384","x":")", kX, R"(","y":")", kY, "\"}"));
  EXPECT_FALSE(JwtKey::parse(other->root()));
  EXPECT_FALSE(JwtKey::p256(kY, kX));
  EXPECT_FALSE(JwtKey::p256(kX, ""));
  EXPECT_FALSE(JwtKey::p256("*", kY));
}

}  // namespace
}  // namespace mynah
