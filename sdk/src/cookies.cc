// SPDX-License-Identifier: Apache-2.0
// Cookies by RFC 6265.
#include "mynah/cookies.h"

#include "base/text.h"

namespace mynah {
inline namespace plugin {

namespace {

bool may_stand(std::string_view text, std::string_view banned) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7F || banned.contains(c)) return false;
  }
  return true;
}

}  // namespace

std::optional<std::string> find_cookie(std::string_view header, std::string_view name) {
  while (!header.empty()) {
    const Halves rest = cut(header, ";");
    const Halves pair = cut(trim(rest.before), "=");
    if (pair.found && pair.before == name) {
      std::string_view value = pair.after;
      if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
        value = value.substr(1, value.size() - 2);
      return std::string(value);
    }
    header = rest.after;
  }
  return std::nullopt;
}

Result<std::string> set_cookie(const SetCookie& cookie) {
  if (cookie.name.empty() || !may_stand(cookie.name, "=;,\"\\()<>@:/[]?{}"))
    return Error{Errc::invalid_argument, "the name of the cookie is none"};
  if (!may_stand(cookie.value, ";,\"\\"))
    return Error{Errc::invalid_argument, "the value of the cookie must be encoded"};
  if (!may_stand(cookie.path, ";") || !may_stand(cookie.domain, ";"))
    return Error{Errc::invalid_argument, "the path or domain of the cookie is none"};
  std::string text = cat(cookie.name, "=", cookie.value);
  if (!cookie.path.empty()) append(text, "; Path=", cookie.path);
  if (!cookie.domain.empty()) append(text, "; Domain=", cookie.domain);
  if (cookie.life) append(text, "; Max-Age=", cookie.life->count());
  if (cookie.secure) text += "; Secure";
  if (cookie.http_only) text += "; HttpOnly";
  if (!cookie.same_site.empty()) append(text, "; SameSite=", cookie.same_site);
  return text;
}

}  // namespace plugin
}  // namespace mynah
