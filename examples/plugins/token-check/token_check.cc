// SPDX-License-Identifier: Apache-2.0
// token-check: lets in who shows a JSON Web Token with a right signature on an allowed path, and
// tells the upstream whose it is. It refuses everybody else.
#include <mynah/jwt.h>
#include <mynah/plugin.h>
#include <mynah/regex.h>
#include <mynah/url.h>

using namespace mynah;

struct Config {
  Secret secret;
  std::string paths = ".*";

  static void describe(Schema<Config>& schema) {
    schema.field("secret", &Config::secret, "the key of HS256").required().range(16, 1000);
    schema.field("paths", &Config::paths, "a pattern that paths must fit");
  }
  Status check() const {
    MYNAH_OK(Regex::compile(paths));
    return ok();
  }
};

Task<> serve(const Config& config, Exchange& x) {
  const Target target(x.request().path());
  const auto paths = Regex::compile(config.paths);
  if (!paths || !paths->matches(target.path()))
    co_return x.reply({.status = 403, .body = "not on this path", .content_type = "text/plain"});
  const std::string shown = x.request().header_or("authorization", "");
  const std::string token =
      shown.starts_with("Bearer ") ? shown.substr(7) : target.query("access_token").value_or("");
  const auto claims = verify_jwt(token, JwtKey::secret(config.secret.reveal()), now());
  if (!claims)
    co_return x.reply({.status = 401, .body = claims.error().what, .content_type = "text/plain"});
  x.request().set_header("x-user", claims->text("sub"));
}

MYNAH_PLUGIN(Config, serve,
             {.id = "token-check",
              .title = "Token check",
              .about = "Lets in who shows a JSON Web Token.",
              .version = "1.0.0",
              .stage = Stage::authn,
              .priority = 310});
