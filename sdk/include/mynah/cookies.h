// SPDX-License-Identifier: Apache-2.0
// Cookies: one out of a request, one for a response.
//
//   const auto session = find_cookie(x.request().header_or("cookie", ""), "session");
//   response.add_header("set-cookie", set_cookie({.name = "session", .value = id}).value_or(""));
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace mynah {
inline namespace plugin {

// The first cookie of that name in a Cookie header; quotation marks around its value are none of
// it.
[[nodiscard]] std::optional<std::string> find_cookie(std::string_view header,
                                                     std::string_view name);

struct SetCookie {
  std::string name;
  std::string value;
  std::string path = "/";
  std::string domain = {};                        // empty: the host that answers
  std::optional<std::chrono::seconds> life = {};  // none: as long as the browser runs
  bool secure = true;                             // over TLS only
  bool http_only = true;                          // out of reach of scripts
  std::string_view same_site = "Lax";             // tidy: allow string_view: Strict, Lax or None
};

// The value of a Set-Cookie header. An error when a part holds what would end it.
[[nodiscard]] Result<std::string> set_cookie(const SetCookie& cookie);

}  // namespace plugin
}  // namespace mynah
