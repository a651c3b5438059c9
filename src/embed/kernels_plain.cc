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
      finish(sums, in.zeros[row], in.scales[row], layer, block, out + row * layer.outputs + block);
    }
  }
}

}  // namespace

constinit const Kernels detail::kPlainKernels = kernels_with("plain", multiply_bytes);

}  // namespace mynah::embed
