// SPDX-License-Identifier: Apache-2.0
// Keeping secrets out of what people read: logs, errors, the console. What looks like a secret is
// replaced by `***`:
//
// - the value of a field, header or parameter whose name says so: authorization, x-api-key,
// password=…, "token": "…"
// - a credential that its beginning gives away, wherever it stands: Bearer …, sk-…, AKIA…, eyJ… (a
// JSON Web Token)
// - the password in an address: redis://user:***@host
//
// It errs towards hiding. It is a net under the code that should not have logged a secret, not a
// leave to log them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mynah {

struct RedactionRules {
  // A name is secret when one of these is part of it, whatever its case, hyphens and underscores.
  // Names that end in "tokens" are not: they count.
  std::vector<std::string> names = {"authorization", "apikey",     "password",  "passwd",
                                    "secret",        "token",      "cookie",    "credential",
                                    "accesskey",     "privatekey", "signature", "session"};
  // What credentials begin with. The rest of the word must be at least eight characters long.
  std::vector<std::string> beginnings = {"bearer ", "basic ", "sk-",  "sk_", "akia",  "ghp_",
                                         "xoxb-",   "xoxp-",  "ltai", "eyj", "mynah_"};
};

// Thread-safe: nothing changes after construction.
class Redactor final {
 public:
  explicit Redactor(RedactionRules rules = {});

  [[nodiscard]] bool is_secret_name(std::string_view name) const;
  // Appends the text without its secrets; linear in its length.
  void append(std::string& to, std::string_view text) const;
  [[nodiscard]] std::string redact(std::string_view text) const {
    std::string redacted;
    append(redacted, text);
    return redacted;
  }

 private:
  [[nodiscard]] std::size_t credential_at(std::string_view text) const;

  RedactionRules rules_;
};

inline constexpr std::string_view kRedacted = "***";

}  // namespace mynah
