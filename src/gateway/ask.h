// SPDX-License-Identifier: Apache-2.0
// ask(): one whole request of the gateway's own to a service, and its whole answer.
//
//   auto answer = co_await ask(*upstream, {std::move(head), std::move(body)}, {10s, 64 * 1024});
//   if (answer && answer->status == 200) …
#pragma once

#include <string>

#include "base/headers.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "gateway/upstream.h"

namespace mynah {

struct Question {
  Headers head;  // `:scheme` and `content-length` are set by ask().
  std::string body;
};
struct Answer {
  int status = 0;
  Headers head;
  std::string body;
};
struct AskLimits {
  Duration time{};
  std::size_t answer_bytes = 0;
};

// Errors: those of Upstream::open and of the stream, timeout, too_large.
Task<Result<Answer>> ask(Upstream& upstream, Question question, AskLimits limits);

}  // namespace mynah
