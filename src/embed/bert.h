// SPDX-License-Identifier: Apache-2.0
// A BERT encoder: tokens in, one vector of length 1 for each text out.
//
// Weights that the file stores as bytes are multiplied as bytes, by rows that are made bytes on the
// way, a text at a time: what a text's vector is does not depend on the texts beside it. Weights
// that the file stores as floats are multiplied as floats.
//
// Immutable once it is read: any number of threads may run it, each with a Workspace of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "base/result.h"
#include "embed/kernels.h"
#include "embed/weights.h"

namespace mynah::embed {

enum class Pooling : unsigned char {
  first,  // the state of the first token, [CLS]
  mean,   // the mean of all tokens' states
};

// What files of weights do not always tell.
struct BertSettings {
  std::optional<std::size_t> heads;
  float epsilon = 1e-12F;
  Pooling pooling = Pooling::first;
};

using TokenSpan = std::span<const std::uint32_t>;

class Bert final {
 public:
  class Workspace;

  static Result<Bert> read(const WeightFile& file, const BertSettings& settings);

  // The texts' vectors, one behind the other. Every text has at least one token and at most
  // positions(), all of them below vocabulary().
  [[nodiscard]] std::vector<float> run(std::span<const TokenSpan> texts, Workspace& workspace,
                                       const Kernels& kernels) const;

  [[nodiscard]] std::size_t width() const { return hidden_; }
  [[nodiscard]] std::size_t positions() const { return positions_; }
  [[nodiscard]] std::size_t vocabulary() const { return words_.rows; }

 private:
  friend class BertReader;
  class Pass;

  // Rows of floats, or of bytes that stand for floats.
  struct Table {
    std::size_t rows = 0;
    std::size_t width = 0;
    std::vector<float> floats;
    std::vector<std::uint8_t> bytes;
    float scale = 1;
    float zero = 0;

    void add_row(std::size_t row, float* to) const;
  };
  struct Norm {
    std::vector<float> scale;
    std::vector<float> shift;
  };
  using Linear = std::variant<FloatLayer, ByteLayer>;
  struct Layer {
    Linear queries_keys_values;
    Linear attended;
    Norm attended_norm;
    Linear inner;
    Linear outer;
    Norm norm;
  };

  std::size_t hidden_ = 0;
  std::size_t inner_ = 0;
  std::size_t heads_ = 0;
  std::size_t positions_ = 0;
  float epsilon_ = 0;
  Pooling pooling_ = Pooling::first;
  Table words_;
  Table places_;
  Table kinds_;
  Norm norm_;
  std::vector<Layer> layers_;
};

// Room for what lies between the layers; it grows to what the largest batch needed.
class Bert::Workspace final {
 public:
  Workspace() = default;

 private:
  friend class Bert::Pass;

  template <class T>
  static T* ensure(AlignedArray<T>& room, std::size_t size) {
    if (room.size() < size) room = AlignedArray<T>(size);
    return room.data();
  }

  AlignedArray<float> states_;
  AlignedArray<float> wide_;
  AlignedArray<float> attended_;
  AlignedArray<float> changes_;
  AlignedArray<float> attention_;
  AlignedArray<std::uint8_t> bytes_;
  AlignedArray<float> scales_;
  AlignedArray<std::int32_t> zeros_;
};

}  // namespace mynah::embed
