// SPDX-License-Identifier: Apache-2.0
// What a story gives, as every stage answers from it: stores, answers to calls, fields.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/headers.h"
#include "base/result.h"
#include "story/fake_redis.h"
#include "story/stage.h"

namespace mynah::story {

void fill(Headers& to, const Fields& from);
// Without pseudo-fields.
Fields fields_of(const Headers& headers);

// What was given last for such a call; null when nothing was.
const GivenCall* answer_to(std::span<const GivenCall> given, const Received& call);

struct ScriptedStore {
  FakeRedis redis;
  Conduct conduct = Conduct::answers;
  Duration after{};

  void apply(const GivenRedis& given);
  // The replies to all commands of the query, one after the other.
  Result<std::string> answer(std::string_view query, Instant now);
};

}  // namespace mynah::story
