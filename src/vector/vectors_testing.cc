// SPDX-License-Identifier: Apache-2.0
// Dice, and the search that needs no index.
#include "vector/vectors_testing.h"

#include <cmath>
#include <limits>

namespace mynah::vector {
namespace {

constexpr std::size_t kAxes = 64;
constexpr std::size_t kCentres = 1000;

float length_of(const std::vector<float>& vector) {
  double squares = 0;
  for (const float x : vector) squares += double{x} * double{x};
  return static_cast<float>(std::sqrt(squares));
}

}  // namespace

TextLike::TextLike(std::size_t dimension, std::uint64_t seed) : dimension_(dimension), dice_(seed) {
  const auto draw = [&](std::size_t count, std::size_t size) {
    std::vector<std::vector<float>> rows(count, std::vector<float>(size));
    for (auto& row : rows) {
      for (float& x : row) x = normal_(dice_);
    }
    return rows;
  };
  axes_ = draw(kAxes, dimension);
  centres_ = draw(kCentres, kAxes);
}

std::vector<float> TextLike::fresh() {
  const std::vector<float>& centre = centres_[dice_() % kCentres];
  std::vector<float> vector(dimension_);
  for (std::size_t axis = 0; axis < kAxes; ++axis) {
    const float at = centre[axis] + 0.7F * normal_(dice_);
    for (std::size_t i = 0; i < dimension_; ++i) vector[i] += at * axes_[axis][i];
  }
  for (float& x : vector) x += 0.8F * normal_(dice_);
  return vector;
}

std::vector<float> TextLike::near(const std::vector<float>& vector) {
  const float amount = 0.5F * length_of(vector) / std::sqrt(static_cast<float>(dimension_));
  std::vector<float> moved = vector;
  for (float& x : moved) x += amount * normal_(dice_);
  return moved;
}

std::size_t nearest_of(const std::vector<std::vector<float>>& vectors,
                       const std::vector<float>& query, Metric metric) {
  std::size_t best = 0;
  double best_value = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < vectors.size(); ++i) {
    double product = 0;
    double gap = 0;
    double squares = 0;
    for (std::size_t j = 0; j < query.size(); ++j) {
      const double x = query[j];
      const double y = vectors[i][j];
      product += x * y;
      gap += (x - y) * (x - y);
      squares += y * y;
    }
    double value = gap;
    if (metric == Metric::dotproduct) value = -product;
    if (metric == Metric::cosine) value = -product / std::sqrt(squares);
    if (value >= best_value) continue;
    best_value = value;
    best = i;
  }
  return best;
}

}  // namespace mynah::vector
