// SPDX-License-Identifier: Apache-2.0
// Vectors for tests and benchmarks, and what is exactly nearest to them.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "vector/code.h"

namespace mynah::vector {

// Vectors like those of texts: clusters in a space of few dimensions, turned into one of many, with
// some noise.
class TextLike final {
 public:
  explicit TextLike(std::size_t dimension, std::uint64_t seed = 1)
      : dimension_(dimension), dice_(seed) {
    axes_ = draw(kAxes, dimension);
    centres_ = draw(kCentres, kAxes);
  }

  // One of its own.
  std::vector<float> fresh() {
    const std::vector<float>& centre = centres_[dice_() % kCentres];
    std::vector<float> vector(dimension_);
    for (std::size_t axis = 0; axis < kAxes; ++axis) {
      const float at = centre[axis] + 0.7F * normal_(dice_);
      for (std::size_t i = 0; i < dimension_; ++i) vector[i] += at * axes_[axis][i];
    }
    for (float& x : vector) x += 0.8F * normal_(dice_);
    return vector;
  }
  // What another wording of the same would be: about 0.9 by the cosine.
  std::vector<float> near(const std::vector<float>& vector) {
    double squares = 0;
    for (const float x : vector) squares += double{x} * double{x};
    const auto amount =
        static_cast<float>(0.5 * std::sqrt(squares / static_cast<double>(dimension_)));
    std::vector<float> moved = vector;
    for (float& x : moved) x += amount * normal_(dice_);
    return moved;
  }
  // Of any direction, with no structure at all.
  std::vector<float> structureless() {
    std::vector<float> vector(dimension_);
    for (float& x : vector) x = normal_(dice_);
    return vector;
  }

 private:
  static constexpr std::size_t kAxes = 64;
  static constexpr std::size_t kCentres = 1000;

  std::vector<std::vector<float>> draw(std::size_t count, std::size_t size) {
    std::vector<std::vector<float>> rows(count, std::vector<float>(size));
    for (auto& row : rows) {
      for (float& x : row) x = normal_(dice_);
    }
    return rows;
  }

  std::size_t dimension_;
  std::mt19937_64 dice_;
  std::normal_distribution<float> normal_;
  std::vector<std::vector<float>> axes_;
  std::vector<std::vector<float>> centres_;
};

// The index of the nearest, by all components: what a search without an index does.
inline std::size_t nearest_of(const std::vector<std::vector<float>>& vectors,
                              const std::vector<float>& query, Metric metric) {
  constexpr std::size_t kLanes = 16;
  std::size_t best = 0;
  float best_value = std::numeric_limits<float>::infinity();
  for (std::size_t i = 0; i < vectors.size(); ++i) {
    float products[kLanes] = {};
    float gaps[kLanes] = {};
    float squares[kLanes] = {};
    for (std::size_t j = 0; j < query.size(); ++j) {
      const float x = query[j];
      const float y = vectors[i][j];
      products[j % kLanes] += x * y;
      gaps[j % kLanes] += (x - y) * (x - y);
      squares[j % kLanes] += y * y;
    }
    float product = 0;
    float gap = 0;
    float square = 0;
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      product += products[lane];
      gap += gaps[lane];
      square += squares[lane];
    }
    float value = gap;
    if (metric == Metric::dotproduct) value = -product;
    if (metric == Metric::cosine) value = -product / std::sqrt(square);
    if (value >= best_value) continue;
    best_value = value;
    best = i;
  }
  return best;
}

}  // namespace mynah::vector
