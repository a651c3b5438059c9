// SPDX-License-Identifier: Apache-2.0
// For any processor: what the others are measured and tested against.
#include "embed/kernels_body.h"

namespace mynah::embed {
namespace {

void multiply_bytes(const ByteRows& in, const ByteLayer& layer, float* out) {
  for (std::size_t row = 0; row < in.rows; ++row) {
    const std::uint8_t* bytes = in.bytes + row * in.stride;
    for (std::size_t block = 0; block < layer.outputs; block += ByteLayer::kBlock) {
      const std::int8_t* weights = layer.weights.data() + layer.place_of(0, block);
      std::int32_t sums[ByteLayer::kBlock] = {};
      for (std::size_t k = 0; k < layer.inputs; k += 4) {
        for (std::size_t i = 0; i < ByteLayer::kBlock * 4; ++i)
          sums[i / 4] += bytes[k + i % 4] * weights[k * ByteLayer::kBlock + i];
      }
      for (std::size_t i = 0; i < ByteLayer::kBlock; ++i) {
        const std::size_t column = block + i;
        const std::int32_t sum = sums[i] - in.zeros[row] * layer.sums[column];
        out[row * layer.outputs + column] =
            static_cast<float>(sum) * (in.scales[row] * layer.scales[column]) + layer.bias[column];
      }
    }
  }
}

}  // namespace

constinit const Kernels detail::kPlainKernels = {
    .name = "plain",
    .multiply_bytes = multiply_bytes,
    .multiply_floats = multiply_floats,
    .quantize = quantize,
    .attend = attend,
    .gelu = gelu,
    .add_and_normalize = add_and_normalize,
};

}  // namespace mynah::embed
