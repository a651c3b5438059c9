// SPDX-License-Identifier: Apache-2.0
// What the formats of weights have in common.
#include "embed/weights.h"

#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>

#include "aio/files.h"
#include "base/text.h"

namespace mynah::embed {
namespace {

constexpr std::size_t kFileBytesMax = 2U << 30U;

std::size_t bytes_of(ElementType type) {
  switch (type) {
    case ElementType::i64:
      return 8;
    case ElementType::f32:
      return 4;
    case ElementType::f16:
    case ElementType::bf16:
      return 2;
    case ElementType::u8:
    case ElementType::s8:
      return 1;
  }
  return 1;
}

// Of IEEE 754 binary16. Numbers below its normal range become zero.
float from_half(std::uint16_t half) {
  const std::uint32_t sign = (half & 0x8000U) << 16U;
  const std::uint32_t exponent = (half >> 10U) & 0x1FU;
  if (exponent == 0) return std::bit_cast<float>(sign);
  const std::uint32_t wide = exponent == 0x1FU ? 0xFFU : exponent + 112U;
  return std::bit_cast<float>(sign | wide << 23U | (half & 0x3FFU) << 13U);
}

template <class T>
T element(const StoredTensor& tensor, std::size_t index) {
  T value{};
  std::memcpy(&value, tensor.bytes.data() + index * sizeof(T), sizeof(T));
  return value;
}

float float_at(const StoredTensor& tensor, std::size_t index) {
  switch (tensor.type) {
    case ElementType::f32:
      return element<float>(tensor, index);
    case ElementType::f16:
      return from_half(element<std::uint16_t>(tensor, index));
    case ElementType::bf16:
      return std::bit_cast<float>(std::uint32_t{element<std::uint16_t>(tensor, index)} << 16U);
    case ElementType::u8:
      return static_cast<float>(element<std::uint8_t>(tensor, index));
    case ElementType::s8:
      return static_cast<float>(element<std::int8_t>(tensor, index));
    case ElementType::i64:
      return static_cast<float>(element<std::int64_t>(tensor, index));
  }
  return 0;
}

}  // namespace

std::size_t StoredTensor::size() const { return bytes.size() / bytes_of(type); }

Result<std::unique_ptr<WeightFile>> WeightFile::open(const std::string& path) {
  MYNAH_LET(std::string bytes, read_file(path, kFileBytesMax));
  auto opened =
      path.ends_with(".onnx") ? open_onnx(std::move(bytes)) : open_safetensors(std::move(bytes));
  if (!opened) return std::move(opened).error().within(path);
  return opened;
}

Result<std::vector<float>> floats_of(const StoredTensor& tensor, std::size_t size) {
  if (tensor.size() != size) {
    return detail::damaged_weights(
        cat("a tensor has ", tensor.size(), " numbers where the model needs ", size));
  }
  std::vector<float> floats(size);
  for (std::size_t i = 0; i < size; ++i) floats[i] = float_at(tensor, i);
  return floats;
}

namespace detail {

std::optional<StoredTensor> stored_tensor(ElementType type, std::vector<std::size_t> shape,
                                          std::span<const std::byte> bytes) {
  std::size_t elements = 1;
  for (const std::size_t each : shape) {
    if (each != 0 && elements > std::numeric_limits<std::size_t>::max() / 8 / each) return {};
    elements *= each;
  }
  if (elements * bytes_of(type) != bytes.size()) return {};
  return StoredTensor{type, std::move(shape), bytes};
}

Error damaged_weights(std::string_view what) {
  return {Errc::invalid_argument, cat("the file of weights is damaged: ", what)};
}

}  // namespace detail

}  // namespace mynah::embed
