// SPDX-License-Identifier: Apache-2.0
// How a vector is kept: 16 bits a dimension, in two rows of bytes.
//
//   x ≈ step · (256 · high + low)     step = (greatest |x|) / 32512, so high lies in -127…127
//
// The high bytes are what search compares; the low bytes refine the best of its finds, and give the
// vector back to within half a step: three hundred-thousandths of its greatest component.
//
// The distance of two vectors by their high bytes has one form for all metrics:
//
//   distance = offset + offset' − factor · factor' · Σ high·high'
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace mynah::vector {

enum class Metric : std::uint8_t { cosine, dotproduct, euclidean };
std::string_view name_of(Metric metric);
std::optional<Metric> parse_metric(std::string_view name);

inline constexpr std::size_t kDimensionMax = 20'000;
// Greater components would leave the range of floats when they are squared and added up.
inline constexpr float kComponentMax = 1e15F;

struct Scale {
  float step = 0;
  float factor = 0;
  float offset = 0;
};

// A vector in its two rows, each padded(dimension) bytes.
struct Code {
  Scale scale;
  float norm = 0;  // the length of the vector
  std::vector<std::int8_t> high;
  std::vector<std::int8_t> low;
};

// Refuses components that are not finite or too great, and for the cosine what has no direction.
Result<Code> encode(std::span<const float> vector, Metric metric);
// The same from what is on disk: the step, the norm and the two rows.
Scale scale_of(float step, float norm, Metric metric);
std::vector<float> decode(float step, std::span<const std::int8_t> high,
                          std::span<const std::int8_t> low, std::size_t dimension);

// What the query is: the vector itself, for the best finds, and its code for all others.
struct Query {
  std::vector<float> vector;
  Code code;
};
Result<Query> make_query(std::vector<float> vector, Metric metric);

// The score that DashVector reports: the cosine distance (0 … 2), the inner product, or the
// Euclidean distance.
float score(const Query& query, Metric metric, float step, float norm, const std::int8_t* high,
            const std::int8_t* low);
// Whether greater scores are the nearer ones.
constexpr bool greater_is_nearer(Metric metric) { return metric == Metric::dotproduct; }

}  // namespace mynah::vector
