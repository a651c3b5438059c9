// SPDX-License-Identifier: Apache-2.0
// Question: what a request asks, as far as the answer depends on it; and Wishes: what its client
// wants of the cache.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "answer.h"
#include <mynah/exchange.h>

struct Question {
  bool streamed = false;
  bool wants_usage = false;  // in the stream
  // Equal for requests that ask the same in every respect: consumer, path, and each field of the
  // body but those that only say how the answer travels. The order of fields and blanks play no
  // part.
  std::string fingerprint;

  // None when it is no chat request.
  static std::optional<Question> of(mynah::JsonView body, const mynah::Request& request);
};

struct Wishes {
  bool may_use_cache = true;
  bool only_if_cached = false;
  std::int64_t age_max =
      std::numeric_limits<std::int64_t>::max();  // seconds; 0: nothing kept will do

  static Wishes of(const mynah::Request& request);
};

bool is_json_post(const mynah::Request& request);

// Seconds since the answer was kept.
std::int64_t age_of(const Answer& answer);
