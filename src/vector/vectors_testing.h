// SPDX-License-Identifier: Apache-2.0
// Vectors for tests and benchmarks, and what is exactly nearest to them.
#pragma once

#include <cstddef>
#include <random>
#include <vector>

#include "vector/code.h"

namespace mynah::vector {

// Vectors like those of texts: clusters in a space of few dimensions, turned into one of many, with
// some noise.
class TextLike final {
 public:
  explicit TextLike(std::size_t dimension, std::uint64_t seed = 1);
  // One of its own.
  std::vector<float> fresh();
  // What another wording of the same would be: about 0.9 of the way, by the cosine.
  std::vector<float> near(const std::vector<float>& vector);

 private:
  std::size_t dimension_;
  std::mt19937_64 dice_;
  std::normal_distribution<float> normal_;
  std::vector<std::vector<float>> axes_;
  std::vector<std::vector<float>> centres_;
};

// The index of the nearest, by all of their components.
std::size_t nearest_of(const std::vector<std::vector<float>>& vectors,
                       const std::vector<float>& query, Metric metric);

}  // namespace mynah::vector
