// SPDX-License-Identifier: Apache-2.0
// Rounding vectors, and the sums over them in every form that this processor has.
#include "vector/code.h"

#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "vector/kernels.h"

namespace mynah::vector {
namespace {

std::vector<std::int8_t> random_row(std::mt19937& dice, std::size_t count) {
  std::vector<std::int8_t> row(count);
  for (auto& byte : row) byte = static_cast<std::int8_t>(static_cast<int>(dice() % 255) - 127);
  return row;
}

TEST(Kernels, every_form_finds_the_same_sum_of_bytes) {
  std::mt19937 dice(1);
  for (std::size_t index = 0; index < 3; ++index) {
    const Kernels* form = find_kernels(index);
    if (form == nullptr) continue;
    for (const std::size_t count : {32U, 64U, 384U, 20'000U}) {
      const auto a = random_row(dice, padded(count));
      const auto b = random_row(dice, padded(count));

      EXPECT_EQ(form->dot(a.data(), b.data(), a.size()),
                plain_kernels().dot(a.data(), b.data(), a.size()))
          << form->name;
    }
  }
}

TEST(Kernels, the_greatest_products_do_not_overflow) {
  const std::vector<std::int8_t> high(20'000, 127);
  const std::vector<std::int8_t> negative(20'000, -127);
  for (std::size_t index = 0; index < 3; ++index) {
    const Kernels* form = find_kernels(index);
    if (form == nullptr) continue;
    EXPECT_EQ(form->dot(high.data(), high.data(), high.size()), 127 * 127 * 20'000);
    EXPECT_EQ(form->dot(high.data(), negative.data(), high.size()), -127 * 127 * 20'000);
  }
}

TEST(Kernels, every_form_finds_nearly_the_same_fine_sums) {
  std::mt19937 dice(2);
  for (std::size_t index = 0; index < 3; ++index) {
    const Kernels* form = find_kernels(index);
    if (form == nullptr) continue;
    for (const std::size_t count : {1U, 7U, 8U, 17U, 384U, 1000U}) {
      const auto high = random_row(dice, padded(count));
      const auto low = random_row(dice, padded(count));
      std::vector<float> x(count);
      for (float& each : x) each = static_cast<float>(dice() % 1000) / 500.0F - 1.0F;
      const float dot = plain_kernels().dot_fine(x.data(), high.data(), low.data(), count);
      const float gap = plain_kernels().gap_fine(x.data(), high.data(), low.data(), 1e-4F, count);

      EXPECT_NEAR(form->dot_fine(x.data(), high.data(), low.data(), count), dot,
                  1.0F + std::abs(dot) * 1e-4F);
      EXPECT_NEAR(form->gap_fine(x.data(), high.data(), low.data(), 1e-4F, count), gap,
                  1e-3F + gap * 1e-4F);
    }
  }
}

TEST(Code, a_vector_comes_back_to_within_half_a_step) {
  const std::vector<float> vector = {0.1F, -0.2F, 0.3F, 0.4F, 0.0F, -0.4F};

  const auto code = encode(vector, Metric::cosine);

  ASSERT_TRUE(code.ok());
  const auto back = decode(code->scale.step, code->high, code->low, vector.size());
  for (std::size_t i = 0; i < vector.size(); ++i) EXPECT_NEAR(back[i], vector[i], 0.4F / 60'000);
}

TEST(Code, zeros_have_no_cosine_but_a_place) {
  const std::vector<float> zeros(8, 0.0F);

  EXPECT_FALSE(encode(zeros, Metric::cosine).ok());
  ASSERT_TRUE(encode(zeros, Metric::euclidean).ok());
  EXPECT_EQ(
      decode(0, encode(zeros, Metric::euclidean)->high, encode(zeros, Metric::euclidean)->low, 8),
      zeros);
}

TEST(Code, what_is_no_number_in_range_is_refused) {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(),
                          std::numeric_limits<float>::infinity(), 1e30F, -1e30F}) {
    EXPECT_FALSE(encode(std::vector<float>{1.0F, bad}, Metric::euclidean).ok());
  }
}

TEST(Code, scores_are_those_of_the_metrics) {
  const std::vector<float> a = {1, 0, 2, 0};
  const std::vector<float> b = {2, 1, 2, 3};
  const auto scored = [&](Metric metric) {
    const auto query = make_query(a, metric);
    const auto code = encode(b, metric);
    return score(*query, metric, code->scale.step, code->norm, code->high.data(), code->low.data());
  };

  EXPECT_NEAR(scored(Metric::dotproduct), 6.0F, 1e-3F);
  EXPECT_NEAR(scored(Metric::euclidean), std::sqrt(11.0F), 1e-3F);
  EXPECT_NEAR(scored(Metric::cosine), 1.0F - 6.0F / std::sqrt(5.0F * 18.0F), 1e-4F);
}

}  // namespace
}  // namespace mynah::vector
