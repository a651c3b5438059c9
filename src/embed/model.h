// SPDX-License-Identifier: Apache-2.0
// A model of sentence embeddings, read from a folder:
//
//   tokenizer.json                          how text is cut (embed/tokenizer.h)
//   model.safetensors or model.onnx         the weights (embed/weights.h); also in a folder onnx/
//   config.json                             heads and epsilon; may be missing beside model.onnx
//   1_Pooling/config.json                   how states become a vector; without it, the first
//                                           token's state is the vector
//
// Immutable once it is read, and used by any number of threads.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "embed/bert.h"
#include "embed/tokenizer.h"

namespace mynah::embed {

class Model final {
 public:
  // Reads some tens of megabytes: blocks for a tenth of a second or so.
  static Result<std::unique_ptr<const Model>> read(const std::string& folder);
  // Of parts that fit together.
  Model(Tokenizer tokenizer, Bert bert)
      : tokenizer_(std::move(tokenizer)), bert_(std::move(bert)) {}

  // At most as many tokens as the model has positions for; what is beyond is cut off, as the cards
  // of such models say.
  [[nodiscard]] Tokens tokens_of(std::string_view text) const {
    return tokenizer_.encode(text, bert_.positions());
  }
  [[nodiscard]] const Bert& bert() const { return bert_; }
  [[nodiscard]] std::size_t width() const { return bert_.width(); }

 private:
  Tokenizer tokenizer_;
  Bert bert_;
};

}  // namespace mynah::embed
