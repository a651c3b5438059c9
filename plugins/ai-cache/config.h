// SPDX-License-Identifier: Apache-2.0
// Config: what ai-cache can be told. Field names are those of Higress's ai-cache; `Dash` and
// `redis` are those of its forerunner.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "answer.h"
#include "embedding.h"
#include "flight.h"
#include "question.h"
#include "vector_index.h"
#include "volatile.h"
#include <mynah/config.h>
#include <mynah/redis.h>

struct Store {
  mynah::Redis redis;
  std::string type = "redis";
  std::chrono::seconds life{0};
  std::uint32_t jitter_percent = 10;
  std::chrono::seconds stale_life{0};
  std::string prefix = "higress-ai-cache:";

  // How long one answer is kept for: zero is for ever. `most` is at most that, unless negative.
  [[nodiscard]] std::chrono::seconds life_of_one(std::int32_t most) const;

  static void describe(mynah::Schema<Store>& schema);
};

// DashScope and DashVector, as the guide of ai-cache's forerunner sets them up.
struct DashScope : Embedding {
  DashScope();
  static void describe(mynah::Schema<DashScope>& schema);
};
struct DashVector : VectorIndex {
  static void describe(mynah::Schema<DashVector>& schema);
};
struct Dash {
  DashScope scope;
  DashVector vector;
  std::string session;

  static void describe(mynah::Schema<Dash>& schema);
  [[nodiscard]] mynah::Status check() const { return vector.check(); }
};

enum class Mode : std::uint8_t { on, shadow, off };

struct Config {
  Mode mode = Mode::on;
  Store store;
  bool semantic = true;
  Embedding embedding;
  VectorIndex vector;
  std::optional<Dash> dash;
  std::chrono::milliseconds patience{200};
  QuestionPlan question;
  AnswerPaths paths;
  AnswerTemplates templates;
  Coalescing coalescing;
  Volatility volatility;
  mutable Flights flights;  // of this machine

  [[nodiscard]] const Embedding& embedder() const { return dash ? dash->scope : embedding; }
  [[nodiscard]] const VectorIndex& index() const { return dash ? dash->vector : vector; }
  // What keys of the store begin with.
  [[nodiscard]] std::string prefix() const;
  // Part of every scope.
  [[nodiscard]] std::string_view session() const {
    return dash ? dash->session : std::string_view();
  }

  static void describe(mynah::Schema<Config>& schema);
  [[nodiscard]] mynah::Status check() const;
};
