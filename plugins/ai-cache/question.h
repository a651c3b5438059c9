// SPDX-License-Identifier: Apache-2.0
// Question: what a request asks, as far as the answer depends on it; and Wishes: what its client
// wants of the cache.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "answer.h"
#include <mynah/config.h>
#include <mynah/exchange.h>

// Which parts of a request make its question.
struct QuestionPlan {
  // What of the turns before the last one counts.
  enum class Turns : std::uint8_t { all, asked, none, disabled };
  Turns turns = Turns::all;
  std::string at = "messages.@reverse.0.content";

  static void describe(mynah::Schema<QuestionPlan>& schema);
};

struct Question {
  Form form = Form::chat;
  bool streamed = false;
  bool wants_usage = false;  // in the stream
  // What may be asked in other words; empty when the request asks in more than words.
  std::string text;
  // A digest of all the rest on which the answer depends: consumer, path, earlier turns, and each
  // field of the body but those that only say how the answer travels. The order of fields and
  // blanks play no part.
  std::string scope;

  // None when it is no chat request.
  static std::optional<Question> of(mynah::JsonView body, const mynah::Request& request,
                                    const QuestionPlan& plan, std::string_view session);

  // Equal for requests that ask the same in every respect; and that of another text in this scope.
  [[nodiscard]] std::string fingerprint() const { return fingerprint_of(text); }
  [[nodiscard]] std::string fingerprint_of(std::string_view other) const;
};

struct Wishes {
  bool may_use_cache = true;
  bool only_if_cached = false;
  std::int64_t age_max =
      std::numeric_limits<std::int64_t>::max();  // seconds; 0: nothing kept will do

  // Nothing in particular: any answer will do, and may serve others.
  [[nodiscard]] bool are_usual() const {
    return !only_if_cached && age_max == std::numeric_limits<std::int64_t>::max();
  }

  static Wishes of(const mynah::Request& request);
};

bool is_json_post(const mynah::Request& request);

// Seconds of Unix time, and those since the answer was kept.
std::int64_t seconds_now();
std::int64_t age_of(const Answer& answer);
