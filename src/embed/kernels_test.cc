// SPDX-License-Identifier: Apache-2.0
// Each variant's arithmetic against the plain one, at sizes that fill no register evenly.
#include "embed/kernels.h"

#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace mynah::embed {
namespace {

// Numbers without order, the same in every run.
class Numbers final {
 public:
  std::uint32_t next() {
    state_ = state_ * 1664525U + 1013904223U;
    return state_ >> 8U;
  }
  float real() { return static_cast<float>(next() % 2000) / 1000.0F - 1.0F; }

 private:
  std::uint32_t state_ = 1;
};

ByteLayer layer_of(std::size_t inputs, std::size_t outputs, int highest) {
  Numbers numbers;
  ByteLayer layer;
  layer.inputs = padded(inputs, kDepth);
  layer.outputs = padded(outputs, kColumns);
  layer.weights = AlignedArray<std::int8_t>(layer.inputs * layer.outputs);
  layer.scales = AlignedArray<float>(layer.outputs);
  layer.sums = AlignedArray<std::int32_t>(layer.outputs);
  layer.bias = AlignedArray<float>(layer.outputs);
  layer.narrow = highest <= 64;
  for (std::size_t column = 0; column < outputs; ++column) {
    layer.scales[column] = 0.01F;
    layer.bias[column] = numbers.real();
    for (std::size_t input = 0; input < inputs; ++input) {
      const int weight =
          static_cast<int>(numbers.next() % (2U * static_cast<unsigned>(highest))) - highest;
      layer.weights[layer.place_of(input, column)] = static_cast<std::int8_t>(weight);
      layer.sums[column] += weight;
    }
  }
  return layer;
}

std::vector<float> product(const Kernels& kernels, const ByteLayer& layer, std::size_t rows) {
  Numbers numbers;
  std::vector<std::uint8_t> bytes(rows * layer.inputs);
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(numbers.next());
  const std::vector<float> scales(rows, 0.02F);
  const std::vector<std::int32_t> zeros(rows, 117);
  std::vector<float> out(rows * layer.outputs);
  kernels.multiply_bytes({bytes.data(), layer.inputs, rows, scales.data(), zeros.data()}, layer,
                         out.data());
  return out;
}

void expect_near(const std::vector<float>& a, const std::vector<float>& b, float within,
                 const std::string& what) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i)
    ASSERT_NEAR(a[i], b[i], within * (1 + std::abs(b[i]))) << what << " at " << i;
}

TEST(Kernels, EveryVariantMultipliesBytesTheSame) {
  for (const int highest : {64, 128}) {
    const ByteLayer layer = layer_of(100, 70, highest);
    for (std::size_t rows = 1; rows < 30; ++rows) {
      const auto plain = product(detail::kPlainKernels, layer, rows);
      for (const Kernels* kernels : kernels_of_this_machine())
        expect_near(product(*kernels, layer, rows), plain, 1e-5F, kernels->name);
    }
  }
}

TEST(Kernels, BytesStandForTheFloatsThatTheyWereMadeOf) {
  Numbers numbers;
  std::vector<float> in(3 * 21);
  for (float& x : in) x = numbers.real();
  for (const Kernels* kernels : kernels_of_this_machine()) {
    std::vector<std::uint8_t> bytes(in.size());

    const Quantum quantum = kernels->quantize(in.data(), 21, 3, 21, bytes.data(), 21);

    for (std::size_t i = 0; i < in.size(); ++i) {
      const float back = static_cast<float>(bytes[i] - quantum.zero) * quantum.scale;
      ASSERT_NEAR(back, in[i], quantum.scale) << kernels->name;
    }
  }
}

TEST(Kernels, ZerosStayZeros) {
  const std::vector<float> in(20);
  for (const Kernels* kernels : kernels_of_this_machine()) {
    std::vector<std::uint8_t> bytes(20, 9);

    const Quantum quantum = kernels->quantize(in.data(), 20, 1, 20, bytes.data(), 20);

    EXPECT_EQ(bytes, std::vector<std::uint8_t>(20));
    EXPECT_EQ(quantum.zero, 0);
  }
}

TEST(Kernels, TheBendFollowsItsFormula) {
  for (const Kernels* kernels : kernels_of_this_machine()) {
    std::vector<float> x;
    for (int i = -64; i < 64; ++i) x.push_back(static_cast<float>(i) / 8);
    const std::vector<float> before = x;

    kernels->gelu(x.data(), x.size());

    for (std::size_t i = 0; i < x.size(); ++i)
      ASSERT_NEAR(x[i], before[i] * 0.5F * (1 + std::erf(before[i] / std::sqrt(2.0F))), 1e-5F);
  }
}

TEST(Kernels, AStateIsBroughtToItsMeanAndDeviation) {
  for (const Kernels* kernels : kernels_of_this_machine()) {
    std::vector<float> x = {1, 2, 3, 4, 5, 6};
    const std::vector<float> y = {0, 0, 0, 0, 0, 3};
    const std::vector<float> scale(6, 2);
    const std::vector<float> shift(6, 1);

    kernels->add_and_normalize(x.data(), y.data(), 6, scale.data(), shift.data(), 0);

    EXPECT_NEAR(x[3], 1, 1e-6);
    EXPECT_NEAR(x[5], 1 + 2 * 5 / std::sqrt(40.0F / 6), 1e-5);
  }
}

TEST(Kernels, AttentionMixesValuesByTheirShares) {
  constexpr std::size_t kLength = 37;
  constexpr std::size_t kWidth = 20;
  Numbers numbers;
  std::vector<float> in(kLength * 3 * 2 * kWidth);
  for (float& x : in) x = numbers.real();
  const auto attended = [&](const Kernels& kernels) {
    std::vector<float> room(attention_room(kLength, kWidth));
    std::vector<float> out(kLength * 2 * kWidth);
    kernels.attend({.queries_keys_values = in.data(),
                    .stride = 6 * kWidth,
                    .length = kLength,
                    .heads = 2,
                    .head_width = kWidth,
                    .room = room.data(),
                    .out = out.data(),
                    .out_stride = 2 * kWidth});
    return out;
  };
  const auto plain = attended(detail::kPlainKernels);
  double first = 0;
  double sum = 0;
  for (std::size_t token = 0; token < kLength; ++token) {
    double score = 0;
    for (std::size_t i = 0; i < kWidth; ++i)
      score += double{in[i]} * double{in[token * 6 * kWidth + 2 * kWidth + i]};
    const double share = std::exp(score / std::sqrt(double{kWidth}));
    sum += share;
    first += share * double{in[token * 6 * kWidth + 4 * kWidth]};
  }

  EXPECT_NEAR(double{plain[0]}, first / sum, 1e-5);
  for (const Kernels* kernels : kernels_of_this_machine())
    expect_near(attended(*kernels), plain, 1e-4F, kernels->name);
}

}  // namespace
}  // namespace mynah::embed
