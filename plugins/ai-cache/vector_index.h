// SPDX-License-Identifier: Apache-2.0
// VectorIndex: where the vectors of questions that have an answer are kept: the embedded index, or
// a DashVector cluster. A document there is named as the answer is in the store, and holds the
// question, and the scope in which it was asked; it never holds the answer.
//
// With no collection named, each model has one of its own, which comes into being with its first
// document, and scopes are spread over partitions of it; documents end when their answers do. A
// collection that is named is used as it stands, as DashVector's documentation describes it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "breaker.h"
#include "embedding.h"
#include <mynah/config.h>

struct Neighbour {
  std::string id;
  std::string question;
  double score = 0;
};

struct VectorIndex {
  enum class Metric : std::uint8_t { cosine, euclidean, dotproduct };
  enum class Relation : std::uint8_t { lt, lte, gt, gte };

  std::string type = "dashvector";
  std::string service = "vectors";
  std::uint16_t port = 443;
  std::string host;
  std::chrono::milliseconds timeout{5000};
  mynah::Secret key;
  std::string collection;
  std::uint32_t count = 5;
  Metric metric = Metric::cosine;
  std::optional<double> threshold;
  std::optional<Relation> relation;  // none: as the metric wants it
  mutable Breaker breaker;           // as those of Embedding
  mutable Breaker punctuality;

  // The nearest ones of the scope, nearest first.
  mynah::Task<mynah::Result<std::vector<Neighbour>>> nearest(const Vector& vector,
                                                             std::string_view scope) const;
  // `life` of zero is for ever.
  mynah::Task<mynah::Status> add(const Vector& vector, std::string_view scope, Neighbour document,
                                 std::chrono::seconds life) const;
  mynah::Task<mynah::Status> remove(const Vector& vector, std::string_view scope,
                                    std::span<const std::string> ids) const;

  // Whether the threshold lets the score pass, and the score as a similarity of at most 1.
  [[nodiscard]] bool is_near(double score) const;
  [[nodiscard]] double similarity(double score) const;

  static void describe(mynah::Schema<VectorIndex>& schema);
  [[nodiscard]] mynah::Status check() const;

 private:
  mynah::Task<mynah::Result<mynah::Json>> ask(std::string_view method, std::string path,
                                              std::string body) const;
  [[nodiscard]] std::string path_of(const Vector& vector, std::string_view call) const;
  [[nodiscard]] bool is_own() const { return collection.empty(); }
};
