// SPDX-License-Identifier: Apache-2.0
// Reading `tokenizer.json`, as far as tokenizers of BERT models use it. What is read must be what
// the file means: a part of another type is refused, not skipped.
#include <algorithm>
#include <optional>
#include <ranges>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "embed/tokenizer.h"

namespace mynah::embed {
namespace {

constexpr std::size_t kFileBytesMax = 64U << 20U;
constexpr std::size_t kVocabularyMax = 1U << 20U;
constexpr std::size_t kPieceBytesMax = 256;
constexpr std::size_t kSpecialMax = 8;  // special tokens at either end of a text
constexpr std::int64_t kWordCharactersMax = 1000;

Error damaged(std::string_view what) {
  return {Errc::invalid_argument, cat("the tokenizer's file is damaged: ", what)};
}

Error unsupported(std::string_view part, JsonView type) {
  const std::string_view name = type.is_string() ? type.text() : "nothing";
  return {Errc::unsupported, cat("the tokenizer's ", part, " is ", name.substr(0, 40),
                                 ", and only those of BERT models are supported")};
}

// A flag that may be absent or null.
std::optional<bool> flag_of(JsonView value) {
  return value.is_boolean() ? std::optional(value.flag()) : std::nullopt;
}

bool has_capital(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

// Special tokens, which are spelled "[SEP]" or "<S>", say nothing about how text is spelled.
bool is_special(std::string_view piece) {
  return piece.size() > 2 && ((piece.front() == '[' && piece.back() == ']') ||
                              (piece.front() == '<' && piece.back() == '>'));
}

}  // namespace

class TokenizerFile final {
 public:
  explicit TokenizerFile(const Json& file) : root_(file.root()) {}

  Result<Tokenizer> read() {
    MYNAH_OK(read_model(root_["model"]));
    MYNAH_OK(read_normalizer(root_["normalizer"]));
    const JsonView splitter = root_["pre_tokenizer"]["type"];
    if (splitter.text() != "BertPreTokenizer") return unsupported("splitter", splitter);
    MYNAH_OK(read_template(root_["post_processor"]));
    return std::move(made_);
  }

 private:
  Status read_model(JsonView model) {
    // Files of old versions name no type.
    const JsonView type = model["type"];
    if (type && type.text() != "WordPiece") return unsupported("model", type);
    const JsonView vocabulary = model["vocab"];
    if (!vocabulary.is_object() || vocabulary.size() == 0) return damaged("it has no vocabulary");
    if (vocabulary.size() > kVocabularyMax) return damaged("its vocabulary is too large");
    made_.vocabulary_.reserve(vocabulary.size());
    for (const auto& [piece, number] : vocabulary.members()) {
      const auto id = number.unsigned_integer();
      if (!id || *id >= kVocabularyMax) return damaged("a token's number makes no sense");
      if (piece.size() > kPieceBytesMax) return damaged("a token is too long");
      made_.vocabulary_.insert_or_assign(std::string(piece), static_cast<std::uint32_t>(*id));
      made_.size_ = std::max<std::size_t>(made_.size_, *id + 1);
      made_.piece_bytes_max_ = std::max(made_.piece_bytes_max_, piece.size());
      cased_ = cased_ || (has_capital(piece) && !is_special(piece));
    }
    const JsonView mark = model["continuing_subword_prefix"];
    made_.continuation_ = mark.is_string() ? mark.text() : "##";
    if (made_.continuation_.size() > kPieceBytesMax) return damaged("its prefix is too long");
    const std::int64_t longest = model["max_input_chars_per_word"].integer().value_or(100);
    made_.word_characters_max_ =
        static_cast<std::size_t>(std::clamp<std::int64_t>(longest, 1, kWordCharactersMax));
    const JsonView unknown = model["unk_token"];
    MYNAH_LET(made_.unknown_, id_of(unknown.is_string() ? unknown.text() : "[UNK]"));
    return ok();
  }

  Status read_normalizer(JsonView normalizer) {
    if (normalizer["type"].text() != "BertNormalizer")
      return unsupported("normalizer", normalizer["type"]);
    made_.clean_ = flag_of(normalizer["clean_text"]).value_or(true);
    made_.split_ideographs_ = flag_of(normalizer["handle_chinese_chars"]).value_or(true);
    made_.lower_ = flag_of(normalizer["lowercase"]).value_or(true) || !cased_;
    made_.strip_marks_ = flag_of(normalizer["strip_accents"]).value_or(made_.lower_);
    return ok();
  }

  // What is put around a single text.
  Status read_template(JsonView processor) {
    const std::string_view type = processor["type"].text();
    if (type == "BertProcessing") {
      MYNAH_OK(add_special(made_.before_, processor["cls"].at(0).text()));
      return add_special(made_.after_, processor["sep"].at(0).text());
    }
    if (type != "TemplateProcessing") return unsupported("template", processor["type"]);
    bool text_seen = false;
    for (const JsonView part : processor["single"].items()) {
      if (part["Sequence"]) {
        text_seen = true;
      } else {
        MYNAH_OK(add_special(text_seen ? made_.after_ : made_.before_,
                             part["SpecialToken"]["id"].text()));
      }
    }
    if (!text_seen) return damaged("its template has no place for the text");
    return ok();
  }

  Status add_special(std::vector<std::uint32_t>& to, std::string_view name) {
    if (to.size() == kSpecialMax) return damaged("its template is too long");
    MYNAH_LET(const std::uint32_t id, id_of(name));
    to.push_back(id);
    return ok();
  }

  Result<std::uint32_t> id_of(std::string_view name) {
    const auto found = made_.vocabulary_.find(name);
    if (found != made_.vocabulary_.end()) return found->second;
    return damaged(cat("its vocabulary lacks \"", name.substr(0, 40), "\""));
  }

  JsonView root_;
  Tokenizer made_;
  bool cased_ = false;
};

Result<Tokenizer> Tokenizer::parse(std::string json) {
  auto file = Json::parse(std::move(json), {.bytes_max = kFileBytesMax, .depth_max = 32});
  if (!file) return damaged(file.error().what);
  return TokenizerFile(*file).read();
}

}  // namespace mynah::embed
