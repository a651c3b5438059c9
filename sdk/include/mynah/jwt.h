// SPDX-License-Identifier: Apache-2.0
// JSON Web Tokens, RFC 7519: signed ones, verified with a key that is known beforehand.
//
//   const auto claims = verify_jwt(token, JwtKey::secret(config.key.reveal()), now());
//   if (!claims) co_return x.reply({.status = 401, .body = claims.error().what});
//   x.request().set_header("x-user", claims->text("sub"));
//
// The key decides the algorithm; what the token says about it must agree. So no token chooses
// "none", or takes a public key for a secret.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "base/time.h"

namespace mynah {
inline namespace plugin {

class JwtKey final {
 public:
  // HS256: whoever verifies can sign as well. At least 16 bytes, or nothing is verified with it.
  static JwtKey secret(std::string bytes);
  // RS256: the modulus and the exponent, in base64url as a JSON Web Key has them. Of 2048 to 4096
  // bits.
  static Result<JwtKey> rsa(std::string_view modulus, std::string_view exponent);
  // ES256: the coordinates of a point of the curve P-256, in base64url as a JSON Web Key has them.
  static Result<JwtKey> p256(std::string_view x, std::string_view y);
  // A JSON Web Key of type "oct", "RSA", or "EC" with the curve P-256.
  static Result<JwtKey> parse(JsonView jwk);

  // Whether the signature is the key's, as the algorithm writes it: for what is signed and is no
  // token.
  [[nodiscard]] bool verifies(std::string_view message, std::string_view signature) const {
    return verify_(*this, message, signature);
  }

 private:
  // What the factory chose: a module carries the algorithms whose keys it makes.
  using Verify = bool (*)(const JwtKey& key, std::string_view message, std::string_view signature);
  friend Result<Json> verify_jwt(std::string_view, const JwtKey&, WallTime,
                                 std::chrono::seconds leeway);

  JwtKey(std::string_view algorithm, Verify verify) : algorithm_(algorithm), verify_(verify) {}

  std::string_view algorithm_;  // tidy: allow string_view: a literal
  Verify verify_;
  std::string number_;  // the secret; big-endian, the modulus or x
  std::string y_;       // big-endian
  std::uint64_t exponent_ = 0;
};

// The claims of a token whose signature is right and whose time ("exp", "nbf") has come and not
// gone; `leeway` is for clocks that differ. Whose token it is ("iss", "aud") is for the caller to
// look at.
[[nodiscard]] Result<Json> verify_jwt(std::string_view token, const JwtKey& key, WallTime now,
                                      std::chrono::seconds leeway = std::chrono::seconds(60));

}  // namespace plugin
}  // namespace mynah
