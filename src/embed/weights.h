// SPDX-License-Identifier: Apache-2.0
// A file of weights, opened: tensors by name, and the matrices of a transformer's linear layers,
// however the format stores them. Two formats are read:
//
//   model.safetensors   floats, under the names of the training framework
//   model.onnx          floats or bytes with scales, as the usual exporter and quantizer write them
//
// Names are given without the prefix that some frameworks put before all of them ("bert.").
// Everything in a file is checked against its size before it is used; a file that makes no sense is
// an Errc::invalid_argument, one of another kind of model an Errc::unsupported.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace mynah::embed {

enum class ElementType : unsigned char { f32, f16, bf16, u8, s8, i64 };

// A tensor inside a file; it points into the file's bytes.
struct StoredTensor {
  ElementType type = ElementType::f32;
  std::vector<std::size_t> shape;
  std::span<const std::byte> bytes;

  [[nodiscard]] std::size_t size() const;  // elements
};

// A tensor of two dimensions, or bytes that stand for one: (byte - zero point) * scale.
struct StoredMatrix {
  StoredTensor values;
  std::optional<StoredTensor> scale;       // one, or one for each column
  std::optional<StoredTensor> zero_point;  // likewise
  bool by_outputs = false;  // of a linear layer: a row for each output, not for each input
};

class WeightFile {
 public:
  virtual ~WeightFile() = default;

  // Takes over the file's bytes; the name's ending says which format.
  static Result<std::unique_ptr<WeightFile>> open(const std::string& path);

  // "embeddings.LayerNorm.bias"
  [[nodiscard]] virtual Result<StoredTensor> tensor(const std::string& name) const = 0;
  // The table "embeddings.word_embeddings", of floats or bytes.
  [[nodiscard]] virtual Result<StoredMatrix> table(const std::string& name) const = 0;
  // The matrix of the linear layer "encoder.layer.0.output.dense".
  [[nodiscard]] virtual Result<StoredMatrix> linear(const std::string& name) const = 0;
  // How many heads the attention of the model has, when the file tells.
  [[nodiscard]] virtual std::optional<std::size_t> heads() const = 0;
};

// For fuzz targets and tests: the same, of bytes.
Result<std::unique_ptr<WeightFile>> open_onnx(std::string bytes);
Result<std::unique_ptr<WeightFile>> open_safetensors(std::string bytes);

// All elements as floats; Errc::invalid_argument unless there are `size` of them.
Result<std::vector<float>> floats_of(const StoredTensor& tensor, std::size_t size);

namespace detail {

// What both formats use to make a tensor: none when shape and size do not fit.
std::optional<StoredTensor> stored_tensor(ElementType type, std::vector<std::size_t> shape,
                                          std::span<const std::byte> bytes);

Error damaged_weights(std::string_view what);

}  // namespace detail

}  // namespace mynah::embed
