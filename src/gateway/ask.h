// SPDX-License-Identifier: Apache-2.0
// ask(): one whole request of the gateway's own to a service, and its whole answer.
//
//   auto answer = co_await ask(*upstream, {std::move(head), std::move(body)}, {10s, 64 * 1024});
//   if (answer && answer->status == 200) …
#pragma once

#include "base/headers.h"
#include "base/result.h"
#include "base/slice.h"
#include "base/task.h"
#include "base/time.h"
#include "gateway/upstream.h"

namespace mynah {

struct Question {
  Headers head;  // `:scheme` and `content-length` are set when it is sent.
  SliceChain body;
  Headers trailers;
};
struct Answer {
  int status = 0;
  Headers head;
  SliceChain body;
  Headers trailers;
};
struct AskLimits {
  Duration time{};
  std::size_t answer_bytes = 0;
};

// Errors: those of Upstream::open and of the stream, timeout, too_large.
Task<Result<Answer>> ask(Upstream& upstream, Question question, AskLimits limits);

// The first half of ask(), for who has a stream of the upstream already.
Task<Status> send_whole(const Upstream& upstream, http::ClientStream& stream, Question question);

}  // namespace mynah
