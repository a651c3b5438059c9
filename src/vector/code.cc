// SPDX-License-Identifier: Apache-2.0
// Rounding to steps and back.
#include "vector/code.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>

#include "base/text.h"
#include "vector/kernels.h"

namespace mynah::vector {
namespace {

constexpr float kLevels = 127.0F * 256.0F;
constexpr std::array<std::pair<std::string_view, Metric>, 3> kMetrics = {{
    {"cosine", Metric::cosine},
    {"dotproduct", Metric::dotproduct},
    {"euclidean", Metric::euclidean},
}};

}  // namespace

std::string_view name_of(Metric metric) { return kMetrics[static_cast<std::size_t>(metric)].first; }

std::optional<Metric> parse_metric(std::string_view name) {
  const auto found = std::ranges::find(kMetrics, name, [](const auto& pair) { return pair.first; });
  return found == kMetrics.end() ? std::nullopt : std::optional(found->second);
}

Scale scale_of(float step, float norm, Metric metric) {
  Scale scale{.step = step, .factor = 256 * step, .offset = 0};
  if (metric == Metric::cosine) {
    scale.factor = norm > 0 ? scale.factor / norm : 0;
    scale.offset = 0.5F;
  } else if (metric == Metric::euclidean) {
    scale.factor *= std::numbers::sqrt2_v<float>;
    scale.offset = norm * norm;
  }
  return scale;
}

Result<Code> encode(std::span<const float> vector, Metric metric) {
  float greatest = 0;
  double squares = 0;
  for (const float x : vector) {
    // Written so that what is not a number fails as well.
    if (!(std::abs(x) <= kComponentMax))
      return Error{Errc::invalid_argument, "a component of the vector is not a number in range"};
    greatest = std::max(greatest, std::abs(x));
    squares += double{x} * double{x};
  }
  Code code;
  code.norm = static_cast<float>(std::sqrt(squares));
  if (metric == Metric::cosine && code.norm < 1e-15F)
    return Error{Errc::invalid_argument, "a vector of zeros has no direction, so it has no cosine"};
  const float step = greatest / kLevels;
  code.scale = scale_of(step, code.norm, metric);
  code.high.assign(padded(vector.size()), 0);
  code.low.assign(padded(vector.size()), 0);
  if (!(step > 0)) return code;
  for (std::size_t i = 0; i < vector.size(); ++i) {
    const float level = std::clamp(std::round(vector[i] / step), -kLevels, kLevels);
    const auto whole = static_cast<std::int32_t>(level);
    // Rounded to the nearest multiple of 256; at the very top the rest is what is left.
    const std::int32_t high = std::clamp((whole + 128) >> 8, -127, 127);
    code.high[i] = static_cast<std::int8_t>(high);
    code.low[i] = static_cast<std::int8_t>(std::clamp(whole - high * 256, -128, 127));
  }
  return code;
}

std::vector<float> decode(float step, std::span<const std::int8_t> high,
                          std::span<const std::int8_t> low, std::size_t dimension) {
  std::vector<float> vector(dimension);
  for (std::size_t i = 0; i < dimension; ++i)
    vector[i] = step * static_cast<float>(std::int32_t{high[i]} * 256 + std::int32_t{low[i]});
  return vector;
}

Result<Query> make_query(std::vector<float> vector, Metric metric) {
  MYNAH_LET(Code code, encode(vector, metric));
  return Query{std::move(vector), std::move(code)};
}

float score(const Query& query, Metric metric, float step, float norm, const std::int8_t* high,
            const std::int8_t* low) {
  const std::size_t count = query.vector.size();
  if (metric == Metric::euclidean)
    return std::sqrt(kernels().gap_fine(query.vector.data(), high, low, step, count));
  const float product = step * kernels().dot_fine(query.vector.data(), high, low, count);
  if (metric == Metric::dotproduct) return product;
  return std::clamp(1.0F - product / (query.code.norm * norm), 0.0F, 2.0F);
}

}  // namespace mynah::vector
