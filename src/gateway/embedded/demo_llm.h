// SPDX-License-Identifier: Apache-2.0
// The demonstration model: an OpenAI-style service inside the process that answers by rule, for
// trying things out and for tests. The same question always gets the same answer.
//
//   POST /v1/chat/completions   plain and streaming (stream_options.include_usage too)
//   GET  /v1/models
//
// Request headers change its manners: x-demo-delay (before the first byte), x-demo-pace (between
// streamed pieces), both as "250ms" or "1s", and x-demo-fail with a status to answer with.
#pragma once

#include <string>
#include <string_view>

#include "aio/loop.h"
#include "http/local_exchange.h"

namespace mynah {

http::LocalHandler demo_llm(Loop& loop);

// What it answers to a question, and what it counts as tokens.
std::string demo_answer(std::string_view question);
std::size_t demo_tokens(std::string_view text);

}  // namespace mynah
