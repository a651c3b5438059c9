// SPDX-License-Identifier: Apache-2.0
// The search for secrets: one walk over the text, word by word.
#include "base/redact.h"

#include <algorithm>

#include "base/text.h"

namespace mynah {
namespace {

constexpr std::size_t kCredentialBytesMin = 8;
constexpr std::size_t kNameBytesMax = 64;  // longer words are nobody's names

bool is_word(char c) { return is_alpha(c) || is_digit(c) || c == '-' || c == '_'; }
bool is_credential(char c) {
  return is_word(c) || c == '.' || c == '~' || c == '+' || c == '/' || c == '=';
}
bool is_quote(char c) { return c == '"' || c == '\'' || c == '\\'; }

std::size_t count_while(std::string_view text, std::size_t from, bool (*fits)(char)) {
  std::size_t end = from;
  while (end < text.size() && fits(text[end])) ++end;
  return end - from;
}

// Between a name and its value: quotes (escaped ones too, as in JSON within JSON), blanks, one `:`
// or `=`. The length of that; 0 when no value follows.
std::size_t assignment(std::string_view text) {
  const auto filler = [](char c) { return is_quote(c) || is_blank(c); };
  std::size_t at = count_while(text, 0, filler);
  if (at >= text.size() || (text[at] != ':' && text[at] != '=')) return 0;
  ++at;
  return at + count_while(text, at, filler);
}

bool is_value(char c) {
  return !is_quote(c) && !is_blank(c) && c != ',' && c != ';' && c != '&' && c != '}' && c != ')';
}

// Where the password begins in "//user:password@", right behind the slashes; 0 when there is none.
// `length` is its own.
std::size_t password_at(std::string_view text, std::size_t& length) {
  const auto part = [](char c) { return is_value(c) && c != '/' && c != '@' && c != ':'; };
  const auto rest = [](char c) { return is_value(c) && c != '/' && c != '@'; };
  const std::size_t user = count_while(text, 0, part);
  if (user >= text.size() || text[user] != ':') return 0;
  length = count_while(text, user + 1, rest);
  const std::size_t end = user + 1 + length;
  return length > 0 && end < text.size() && text[end] == '@' ? user + 1 : 0;
}

}  // namespace

Redactor::Redactor(RedactionRules rules) : rules_(std::move(rules)) {
  for (std::string& name : rules_.names) name = lower(name);
  for (std::string& beginning : rules_.beginnings) beginning = lower(beginning);
}

bool Redactor::is_secret_name(std::string_view name) const {
  if (name.size() > kNameBytesMax) name = name.substr(name.size() - kNameBytesMax);
  std::string bare;
  for (const char c : name) {
    if (c != '-' && c != '_' && c != '.') bare += lower(c);
  }
  if (bare.ends_with("tokens")) return false;
  return std::ranges::any_of(
      rules_.names, [&](const std::string& part) { return bare.find(part) != std::string::npos; });
}

// The length of the credential's giveaway at the start of the text, when a credential stands there;
// else 0.
std::size_t Redactor::credential_at(std::string_view text) const {
  for (const std::string& beginning : rules_.beginnings) {
    if (!iequals(text.substr(0, beginning.size()), beginning)) continue;
    if (count_while(text, beginning.size(), is_credential) >= kCredentialBytesMin)
      return beginning.size();
  }
  return 0;
}

void Redactor::append(std::string& to, std::string_view text) const {
  std::size_t at = 0;
  std::size_t copied = 0;
  // Copies what is harmless up to `end`, and goes on behind `length` bytes that are not.
  const auto hide = [&](std::size_t end, std::size_t length) {
    to.append(text, copied, end - copied);
    if (length > 0) to += kRedacted;
    at = copied = end + length;
  };
  while (at < text.size()) {
    if (text.substr(at).starts_with("//")) {
      std::size_t length = 0;
      const std::size_t password = password_at(text.substr(at + 2), length);
      at += 2;
      if (password > 0) hide(at + password, length);
      continue;
    }
    if (!is_word(text[at])) {
      ++at;
      continue;
    }
    if (const std::size_t giveaway = credential_at(text.substr(at)); giveaway > 0) {
      const std::size_t secret = at + giveaway;
      hide(secret, count_while(text, secret, is_credential));
      continue;
    }
    const std::size_t word = count_while(text, at, is_word);
    const std::size_t gap = assignment(text.substr(at + word));
    const bool secret = gap > 0 && is_secret_name(text.substr(at, word));
    at += word;
    if (!secret) continue;
    at += gap;
    // "authorization: Bearer x": the credential is the second word.
    const std::size_t giveaway = credential_at(text.substr(at));
    const std::size_t value = at + giveaway;
    hide(value, count_while(text, value, is_value));
  }
  to.append(text, copied);
}

}  // namespace mynah
