// SPDX-License-Identifier: Apache-2.0
// Whatever the file and the text: tokens are of the vocabulary, no more than there is room for, and
// those of a smaller room are the beginning of those of a larger one.
//
//   input = [file] NUL text      without a file: one that stands below
#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/text.h"
#include "embed/tokenizer.h"

namespace {

using mynah::embed::Tokenizer;
using mynah::embed::Tokens;

constexpr const char* kFile = R"({
  "normalizer": {"type": "BertNormalizer"}, "pre_tokenizer": {"type": "BertPreTokenizer"},
  "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 2], "cls": ["[CLS]", 1]},
  "model": {"type": "WordPiece", "vocab": {"[UNK]": 0, "[CLS]": 1, "[SEP]": 2, "a": 3, "##a": 4,
            "ab": 5, "##ba": 6, ".": 7, "\u4f60": 8, "e": 9, "#": 10, "##": 11, "\u1112": 12}}})";

void require(bool condition) {
  if (!condition) std::abort();
}

void check(const Tokenizer& tokenizer, std::string_view text) {
  const Tokens all = tokenizer.encode(text, 512);
  const std::size_t special = all.ids.size() - all.of_text;
  require(all.ids.size() <= std::max<std::size_t>(512, special));
  require(all.meaningless <= all.of_text);
  for (const auto id : all.ids) require(id < tokenizer.size());
  const Tokens some = tokenizer.encode(text, special + 3);
  require(some.of_text == std::min<std::size_t>(3, all.of_text));
  require(some.truncated == (all.of_text > 3));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto fallback = Tokenizer::parse(kFile);
  require(fallback.ok());
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto [file, text, has_file] = mynah::cut(input, std::string_view("\0", 1));
  check(*fallback, has_file ? text : input);
  if (has_file && !file.empty()) {
    if (const auto tokenizer = Tokenizer::parse(std::string(file))) check(*tokenizer, text);
  }
  return 0;
}
