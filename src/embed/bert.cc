// SPDX-License-Identifier: Apache-2.0
// The way of a batch through the layers. All texts of a batch lie in one row of tokens, without
// padding between them, so that a matrix is read once for all; attention looks at one text at a
// time.
#include "embed/bert.h"

#include <algorithm>
#include <cmath>

namespace mynah::embed {

void Bert::Table::add_row(std::size_t row, float* to) const {
  if (!floats.empty()) {
    for (std::size_t i = 0; i < width; ++i) to[i] += floats[row * width + i];
    return;
  }
  for (std::size_t i = 0; i < width; ++i)
    to[i] += (static_cast<float>(bytes[row * width + i]) - zero) * scale;
}

class Bert::Pass final {
 public:
  Pass(const Bert& model, std::span<const TokenSpan> texts, Workspace& workspace,
       const Kernels& kernels)
      : model_(model), kernels_(kernels), workspace_(workspace) {
    for (const TokenSpan text : texts) lengths_.push_back(text.size());
    for (const std::size_t length : lengths_) rows_ += length;
    stride_ = padded(model.hidden_, kColumns);
    const std::size_t inner = padded(model.inner_, kColumns);
    const std::size_t three = padded(3 * model.hidden_, kColumns);
    const std::size_t deepest = padded(std::max(model.hidden_, model.inner_), kDepth);
    states_ = Workspace::ensure(workspace.states_, rows_ * stride_);
    wide_ = Workspace::ensure(workspace.wide_, rows_ * std::max(inner, three));
    attended_ = Workspace::ensure(workspace.attended_, rows_ * stride_);
    changes_ = Workspace::ensure(workspace.changes_, rows_ * stride_);
    bytes_ = Workspace::ensure(workspace.bytes_, rows_ * deepest);
    scales_ = Workspace::ensure(workspace.scales_, rows_);
    zeros_ = Workspace::ensure(workspace.zeros_, rows_);
  }

  std::vector<float> run(std::span<const TokenSpan> texts) {
    look_up(texts);
    for (const Layer& layer : model_.layers_) {
      attend(layer);
      // Of the last layer, only what the vectors are made of is wanted.
      if (&layer == &model_.layers_.back() && model_.pooling_ == Pooling::first) keep_first_rows();
      multiply(layer.attended, attended_, stride_, changes_);
      settle(layer.attended_norm);
      multiply(layer.inner, states_, stride_, wide_);
      const std::size_t inner = padded(model_.inner_, kColumns);
      kernels_.gelu(wide_, rows_ * inner);
      multiply(layer.outer, wide_, inner, changes_);
      settle(layer.norm);
    }
    return pooled();
  }

 private:
  void look_up(std::span<const TokenSpan> texts) {
    float* row = states_;
    std::fill_n(states_, rows_ * stride_, 0.0F);
    std::fill_n(changes_, rows_ * stride_, 0.0F);
    for (const TokenSpan text : texts) {
      for (std::size_t place = 0; place < text.size(); ++place, row += stride_) {
        model_.words_.add_row(text[place], row);
        model_.kinds_.add_row(0, row);
        model_.places_.add_row(place, row);
      }
    }
    settle(model_.norm_);
  }

  void attend(const Layer& layer) {
    const std::size_t stride = padded(3 * model_.hidden_, kColumns);
    multiply(layer.queries_keys_values, states_, stride_, wide_);
    const std::size_t longest = *std::ranges::max_element(lengths_);
    const std::size_t head_width = model_.hidden_ / model_.heads_;
    float* room = Workspace::ensure(workspace_.attention_, attention_room(longest, head_width));
    std::size_t row = 0;
    for (const std::size_t length : lengths_) {
      kernels_.attend({.queries_keys_values = wide_ + row * stride,
                       .stride = stride,
                       .length = length,
                       .heads = model_.heads_,
                       .head_width = head_width,
                       .room = room,
                       .out = attended_ + row * stride_,
                       .out_stride = stride_});
      row += length;
    }
  }

  // out = in * weights + bias
  void multiply(const Linear& linear, const float* in, std::size_t in_stride, float* out) {
    if (const auto* floats = std::get_if<FloatLayer>(&linear))
      return kernels_.multiply_floats(in, in_stride, rows_, *floats, out);
    const auto& layer = std::get<ByteLayer>(linear);
    std::size_t row = 0;
    for (const std::size_t length : lengths_) {
      const std::size_t width = std::min(in_stride, layer.inputs);
      const Quantum quantum = kernels_.quantize(in + row * in_stride, in_stride, length, width,
                                                bytes_ + row * layer.inputs, layer.inputs);
      std::fill_n(scales_ + row, length, quantum.scale);
      std::fill_n(zeros_ + row, length, quantum.zero);
      row += length;
    }
    kernels_.multiply_bytes({.bytes = bytes_,
                             .stride = layer.inputs,
                             .rows = rows_,
                             .scales = scales_,
                             .zeros = zeros_},
                            layer, out);
  }

  // Adds the changes to the states and brings each state back to its size.
  void settle(const Norm& norm) {
    for (std::size_t row = 0; row < rows_; ++row) {
      kernels_.add_and_normalize(states_ + row * stride_, changes_ + row * stride_, model_.hidden_,
                                 norm.scale.data(), norm.shift.data(), model_.epsilon_);
    }
  }

  void keep_first_rows() {
    std::size_t from = 0;
    for (std::size_t text = 0; text < lengths_.size(); ++text) {
      std::copy_n(states_ + from * stride_, stride_, states_ + text * stride_);
      std::copy_n(attended_ + from * stride_, stride_, attended_ + text * stride_);
      from += lengths_[text];
    }
    rows_ = lengths_.size();
    std::ranges::fill(lengths_, 1);
  }

  [[nodiscard]] std::vector<float> pooled() const {
    std::vector<float> vectors(lengths_.size() * model_.hidden_);
    float* to = vectors.data();
    const float* row = states_;
    for (const std::size_t length : lengths_) {
      for (std::size_t token = 0; token < length; ++token, row += stride_) {
        for (std::size_t i = 0; i < model_.hidden_; ++i) to[i] += row[i];
      }
      float square = 0;
      for (std::size_t i = 0; i < model_.hidden_; ++i) square += to[i] * to[i];
      const float factor = square > 0 ? 1 / std::sqrt(square) : 0;
      for (std::size_t i = 0; i < model_.hidden_; ++i) to[i] *= factor;
      to += model_.hidden_;
    }
    return vectors;
  }

  const Bert& model_;
  const Kernels& kernels_;
  Workspace& workspace_;
  std::vector<std::size_t> lengths_;
  std::size_t rows_ = 0;
  std::size_t stride_ = 0;
  float* states_ = nullptr;
  float* wide_ = nullptr;
  float* attended_ = nullptr;
  float* changes_ = nullptr;
  std::uint8_t* bytes_ = nullptr;
  float* scales_ = nullptr;
  std::int32_t* zeros_ = nullptr;
};

std::vector<float> Bert::run(std::span<const TokenSpan> texts, Workspace& workspace,
                             const Kernels& kernels) const {
  if (texts.empty()) return {};
  return Pass(*this, texts, workspace, kernels).run(texts);
}

}  // namespace mynah::embed
