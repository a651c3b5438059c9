// SPDX-License-Identifier: Apache-2.0
// From a file of weights to a model: sizes are found from the tensors themselves, and each tensor
// must then have the size that the others ask for.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "base/text.h"
#include "embed/bert.h"

namespace mynah::embed {
namespace {

constexpr std::size_t kWidthMax = 4096;
constexpr std::size_t kInnerMax = 16'384;
constexpr std::size_t kLayersMax = 64;
constexpr std::size_t kHeadsMax = 64;
constexpr std::size_t kPositionsMax = 8192;
constexpr std::size_t kRowsMax = 1U << 20U;
constexpr int kNarrowMax = 64;

struct Shape {
  std::size_t inputs = 0;
  std::size_t outputs = 0;
};

// A layer's matrix with its scales and bias, not packed yet.
struct Source {
  StoredMatrix matrix;
  std::vector<float> bias;
  std::vector<float> scales;  // by output, of bytes
  std::vector<float> zeros;   // likewise

  [[nodiscard]] std::size_t place_of(std::size_t input, std::size_t output, Shape shape) const {
    return matrix.by_outputs ? output * shape.inputs + input : input * shape.outputs + output;
  }
};

bool is_bytes(const StoredTensor& tensor) {
  return tensor.type == ElementType::s8 || tensor.type == ElementType::u8;
}

// The byte at this place; unsigned ones shifted into the range of signed ones.
int signed_byte(const StoredTensor& tensor, std::size_t place) {
  const auto byte = static_cast<std::uint8_t>(tensor.bytes[place]);
  return tensor.type == ElementType::s8 ? static_cast<std::int8_t>(byte) : int{byte} - 128;
}

// One number for all, or one each.
Result<std::vector<float>> spread(const std::optional<StoredTensor>& tensor, std::size_t size,
                                  float otherwise) {
  if (!tensor) return std::vector<float>(size, otherwise);
  if (tensor->size() != 1) return floats_of(*tensor, size);
  MYNAH_LET(const auto one, floats_of(*tensor, 1));
  return std::vector<float>(size, one.front());
}

bool all_finite(const std::vector<float>& numbers) {
  return std::ranges::all_of(numbers, [](float x) { return std::isfinite(x); });
}

}  // namespace

class BertReader final {
 public:
  BertReader(const WeightFile& file, const BertSettings& settings)
      : file_(file), settings_(settings) {}

  Result<Bert> read() {
    MYNAH_OK(read_sizes());
    made_.epsilon_ = settings_.epsilon;
    made_.pooling_ = settings_.pooling;
    MYNAH_LET(made_.words_, table("embeddings.word_embeddings"));
    MYNAH_LET(made_.places_, table("embeddings.position_embeddings"));
    MYNAH_LET(made_.kinds_, table("embeddings.token_type_embeddings"));
    made_.positions_ = made_.places_.rows;
    if (made_.positions_ > kPositionsMax) return detail::damaged_weights("too many positions");
    MYNAH_LET(made_.norm_, norm("embeddings.LayerNorm"));
    for (std::size_t i = 0; i < layers_; ++i) {
      MYNAH_LET(auto layer, read_layer(cat("encoder.layer.", i, ".")));
      made_.layers_.push_back(std::move(layer));
    }
    return std::move(made_);
  }

 private:
  Status read_sizes() {
    MYNAH_LET(const auto norm, file_.tensor("embeddings.LayerNorm.bias"));
    MYNAH_LET(const auto inner, file_.tensor("encoder.layer.0.intermediate.dense.bias"));
    made_.hidden_ = norm.size();
    made_.inner_ = inner.size();
    while (layers_ < kLayersMax &&
           file_.tensor(cat("encoder.layer.", layers_, ".output.LayerNorm.bias")).ok()) {
      ++layers_;
    }
    const auto heads = settings_.heads ? settings_.heads : file_.heads();
    if (!heads) {
      return Error{Errc::unsupported,
                   "nothing tells how many heads the model's attention has: config.json beside "
                   "the weights does, as num_attention_heads"};
    }
    made_.heads_ = *heads;
    const bool sound = made_.hidden_ > 0 && made_.hidden_ <= kWidthMax && made_.inner_ > 0 &&
                       made_.inner_ <= kInnerMax && made_.heads_ > 0 && made_.heads_ <= kHeadsMax &&
                       made_.hidden_ % made_.heads_ == 0;
    if (!sound) {
      return detail::damaged_weights(cat("a width of ", made_.hidden_, ", ", made_.inner_,
                                         " within layers and ", made_.heads_, " heads"));
    }
    return ok();
  }

  Result<Bert::Table> table(const std::string& name) {
    MYNAH_LET(const auto stored, file_.table(name));
    Bert::Table made;
    made.width = made_.hidden_;
    made.rows = stored.values.size() / made_.hidden_;
    if (made.rows == 0 || made.rows > kRowsMax || stored.values.size() % made_.hidden_ != 0)
      return detail::damaged_weights(cat("table ", name, " has another width"));
    if (!is_bytes(stored.values)) {
      MYNAH_LET(made.floats, floats_of(stored.values, stored.values.size()));
      if (!all_finite(made.floats)) return detail::damaged_weights(cat("table ", name));
      return made;
    }
    MYNAH_LET(const auto scale, spread(stored.scale, 1, 1));
    MYNAH_LET(const auto zero, spread(stored.zero_point, 1, 0));
    // Signed bytes are kept as unsigned ones.
    const int shift = stored.values.type == ElementType::s8 ? 128 : 0;
    made.scale = scale.front();
    made.zero = zero.front() + static_cast<float>(shift);
    made.bytes.resize(stored.values.size());
    for (std::size_t i = 0; i < made.bytes.size(); ++i)
      made.bytes[i] = static_cast<std::uint8_t>(signed_byte(stored.values, i) + 128);
    if (!all_finite(scale)) return detail::damaged_weights(cat("table ", name));
    return made;
  }

  Result<Bert::Norm> norm(const std::string& name) {
    Bert::Norm made;
    MYNAH_LET(made.scale, floats(name + ".weight", made_.hidden_));
    MYNAH_LET(made.shift, floats(name + ".bias", made_.hidden_));
    return made;
  }

  Result<std::vector<float>> floats(const std::string& name, std::size_t size) {
    MYNAH_LET(const auto tensor, file_.tensor(name));
    MYNAH_LET(auto numbers, floats_of(tensor, size));
    if (!all_finite(numbers)) return detail::damaged_weights(cat("tensor ", name));
    return numbers;
  }

  Result<Bert::Layer> read_layer(const std::string& at) {
    const Shape square = {made_.hidden_, made_.hidden_};
    const std::string self = at + "attention.self.";
    Bert::Layer made;
    MYNAH_LET(made.queries_keys_values,
              linear({self + "query", self + "key", self + "value"}, square));
    MYNAH_LET(made.attended, linear({at + "attention.output.dense"}, square));
    MYNAH_LET(made.attended_norm, norm(at + "attention.output.LayerNorm"));
    MYNAH_LET(made.inner, linear({at + "intermediate.dense"}, {made_.hidden_, made_.inner_}));
    MYNAH_LET(made.outer, linear({at + "output.dense"}, {made_.inner_, made_.hidden_}));
    MYNAH_LET(made.norm, norm(at + "output.LayerNorm"));
    return made;
  }

  // Layers that take the same numbers become one, side by side.
  Result<Bert::Linear> linear(const std::vector<std::string>& names, Shape shape) {
    std::vector<Source> sources;
    bool as_bytes = true;
    for (const std::string& name : names) {
      MYNAH_LET(auto source, source_of(name, shape));
      as_bytes = as_bytes && multiplies_as_bytes(source);
      sources.push_back(std::move(source));
    }
    if (as_bytes) return Bert::Linear(byte_layer(sources, shape));
    return float_layer(sources, shape);
  }

  Result<Source> source_of(const std::string& name, Shape shape) {
    Source made;
    MYNAH_LET(made.matrix, file_.linear(name));
    if (made.matrix.values.size() != shape.inputs * shape.outputs)
      return detail::damaged_weights(cat("layer ", name, " has another size"));
    MYNAH_LET(made.bias, floats(name + ".bias", shape.outputs));
    MYNAH_LET(made.scales, spread(made.matrix.scale, shape.outputs, 1));
    MYNAH_LET(made.zeros, spread(made.matrix.zero_point, shape.outputs, 0));
    if (!all_finite(made.scales)) return detail::damaged_weights(cat("the scales of ", name));
    return made;
  }

  // Bytes around zero. Others are rare, and multiplied as the floats that they stand for.
  static bool multiplies_as_bytes(const Source& source) {
    if (!is_bytes(source.matrix.values) || !source.matrix.scale) return false;
    const float middle = source.matrix.values.type == ElementType::s8 ? 0 : 128;
    return std::ranges::all_of(source.zeros, [&](float zero) { return zero == middle; });
  }

  static ByteLayer byte_layer(const std::vector<Source>& sources, Shape shape) {
    ByteLayer made;
    made.inputs = padded(shape.inputs, kDepth);
    made.outputs = padded(shape.outputs * sources.size(), kColumns);
    made.weights = AlignedArray<std::int8_t>(made.inputs * made.outputs);
    made.scales = AlignedArray<float>(made.outputs);
    made.sums = AlignedArray<std::int32_t>(made.outputs);
    made.bias = AlignedArray<float>(made.outputs);
    made.narrow = true;
    std::size_t column = 0;
    for (const Source& source : sources) {
      for (std::size_t output = 0; output < shape.outputs; ++output, ++column) {
        made.bias[column] = source.bias[output];
        made.scales[column] = source.scales[output];
        for (std::size_t input = 0; input < shape.inputs; ++input) {
          const int weight =
              signed_byte(source.matrix.values, source.place_of(input, output, shape));
          made.weights[made.place_of(input, column)] = static_cast<std::int8_t>(weight);
          made.sums[column] += weight;
          made.narrow = made.narrow && std::abs(weight) <= kNarrowMax;
        }
      }
    }
    return made;
  }

  Result<Bert::Linear> float_layer(const std::vector<Source>& sources, Shape shape) {
    FloatLayer made;
    made.inputs = shape.inputs;
    made.outputs = padded(shape.outputs * sources.size(), kColumns);
    made.weights = AlignedArray<float>(made.inputs * made.outputs);
    made.bias = AlignedArray<float>(made.outputs);
    std::size_t first = 0;
    for (const Source& source : sources) {
      MYNAH_LET(const auto values, floats_of(source.matrix.values, shape.inputs * shape.outputs));
      if (!all_finite(values)) return detail::damaged_weights("a layer has numbers beyond floats");
      for (std::size_t output = 0; output < shape.outputs; ++output) {
        made.bias[first + output] = source.bias[output];
        for (std::size_t input = 0; input < shape.inputs; ++input) {
          made.weights[made.place_of(input, first + output)] =
              (values[source.place_of(input, output, shape)] - source.zeros[output]) *
              source.scales[output];
        }
      }
      first += shape.outputs;
    }
    return Bert::Linear(std::move(made));
  }

  const WeightFile& file_;
  const BertSettings& settings_;
  Bert made_;
  std::size_t layers_ = 0;
};

Result<Bert> Bert::read(const WeightFile& file, const BertSettings& settings) {
  return BertReader(file, settings).read();
}

}  // namespace mynah::embed
