// SPDX-License-Identifier: Apache-2.0
// The answers that the gateway makes itself when it cannot pass an exchange on. Under /v1 they have
// the shape of OpenAI's errors, so that its client libraries understand them; elsewhere that of the
// admin API.
#pragma once

#include <string>
#include <string_view>

#include "base/headers.h"

namespace mynah {

struct ErrorReply {
  int status = 500;
  std::string code;     // "no-route", in lower case with hyphens.
  std::string message;  // One sentence for the person who called.
};

// The body, which is JSON.
std::string error_body(std::string_view request_path, const ErrorReply& error);
// The head that goes with a body of that many bytes.
Headers error_head(const ErrorReply& error, std::size_t body_bytes);

}  // namespace mynah
