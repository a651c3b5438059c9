// SPDX-License-Identifier: Apache-2.0
// Tokens: three parts in base64url between dots.
#include "mynah/jwt.h"

#include <utility>

#include "base/encoding.h"
#include "base/text.h"
#include "mynah/hmac.h"
#include "p256.h"
#include "rsa.h"

namespace mynah {
inline namespace plugin {

namespace {

constexpr std::size_t kTokenMax = 16'384;
constexpr std::size_t kSecretMin = 16;

Error refused(std::string_view why) {
  return Error{Errc::denied, cat("the token is refused: ", why)};
}

}  // namespace

JwtKey JwtKey::secret(std::string bytes) {
  JwtKey key("HS256", [](const JwtKey& self, std::string_view message, std::string_view signature) {
    if (self.number_.size() < kSecretMin) return false;
    const auto hash = hmac_sha256(self.number_, message);
    return equal_secrets(as_text(hash), signature);
  });
  key.number_ = std::move(bytes);
  return key;
}

Result<JwtKey> JwtKey::rsa(std::string_view modulus, std::string_view exponent) {
  JwtKey key("RS256", [](const JwtKey& self, std::string_view message, std::string_view signature) {
    return inner::rsa_sha256_verifies(self.number_, self.exponent_, message, signature);
  });
  MYNAH_LET(key.number_, parse_base64url(modulus));
  MYNAH_LET(const std::string power, parse_base64url(exponent));
  key.number_.erase(0, key.number_.find_first_not_of('\0'));
  const bool odd = !key.number_.empty() && (key.number_.back() & 1) != 0;
  if (!odd || key.number_.size() < 256 || key.number_.size() > 512 || power.empty() ||
      power.size() > 8)
    return Error{Errc::invalid_argument, "the RSA key is none of 2048 to 4096 bits"};
  for (const char byte : power)
    key.exponent_ = key.exponent_ << 8U | static_cast<unsigned char>(byte);
  if (key.exponent_ < 3) return Error{Errc::invalid_argument, "the RSA key's exponent is none"};
  return key;
}

Result<JwtKey> JwtKey::p256(std::string_view x, std::string_view y) {
  JwtKey key("ES256", [](const JwtKey& self, std::string_view message, std::string_view signature) {
    return inner::p256_sha256_verifies(self.number_, self.y_, message, signature);
  });
  MYNAH_LET(key.number_, parse_base64url(x));
  MYNAH_LET(key.y_, parse_base64url(y));
  if (!inner::p256_is_key(key.number_, key.y_))
    return Error{Errc::invalid_argument, "the key is no point of the curve P-256"};
  return key;
}

Result<JwtKey> JwtKey::parse(JsonView jwk) {
  const std::string_view type = jwk["kty"].text();
  if (type == "RSA") return rsa(jwk["n"].text(), jwk["e"].text());
  if (type == "EC" && jwk["crv"].text() == "P-256") return p256(jwk["x"].text(), jwk["y"].text());
  if (type != "oct")
    return Error{Errc::unsupported, cat("keys of type \"", type, "\" are not known here")};
  MYNAH_LET(std::string bytes, parse_base64url(jwk["k"].text()));
  return secret(std::move(bytes));
}

Result<Json> verify_jwt(std::string_view token, const JwtKey& key, WallTime now,
                        std::chrono::seconds leeway) {
  if (token.size() > kTokenMax) return refused("it is too long");
  const auto parts = split(token, '.');
  if (parts.size() != 3) return refused("it has no three parts");
  auto head = parse_base64url(parts[0]);
  auto body = parse_base64url(parts[1]);
  const auto signature = parse_base64url(parts[2]);
  if (!head || !body || !signature) return refused("it is not base64url");
  const auto header = Json::parse(*std::move(head));
  if (!header) return refused("its header is not JSON");
  if (header->text("alg") != key.algorithm_)
    return refused(cat("it is not signed with ", key.algorithm_));
  // Whoever does not understand what is critical must refuse.
  if (header->find("crit")) return refused("it has critical extensions");
  const std::string_view message = token.substr(0, parts[0].size() + 1 + parts[1].size());
  if (!key.verifies(message, *signature)) return refused("its signature is wrong");
  auto claims = Json::parse(*std::move(body));
  if (!claims || !claims->root().is_object()) return refused("its claims are not a JSON object");
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch());
  for (const bool ends : {true, false}) {
    const JsonView claim = claims->root()[ends ? "exp" : "nbf"];
    if (!claim) continue;
    // Fractions of a second do not matter.
    const auto time = parse_int(cut(claim.raw(), ".").before);
    if (!time) return refused(ends ? "its end is no time" : "its begin is no time");
    if (ends && *time <= (seconds - leeway).count()) return refused("it has expired");
    if (!ends && *time > (seconds + leeway).count()) return refused("it is not valid yet");
  }
  return claims;
}

}  // namespace plugin
}  // namespace mynah
