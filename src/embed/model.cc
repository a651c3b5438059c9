// SPDX-License-Identifier: Apache-2.0
// The files of a model's folder. Whatever is wrong with them is said with the folder's name.
#include "embed/model.h"

#include <optional>
#include <utility>

#include "aio/files.h"
#include "base/json.h"
#include "base/text.h"

namespace mynah::embed {
namespace {

constexpr std::size_t kTokenizerBytesMax = 64U << 20U;
constexpr std::size_t kConfigBytesMax = 1U << 20U;

Error refuse(std::string what) { return {Errc::unsupported, std::move(what)}; }

// A file that may be missing.
Result<std::optional<Json>> read_config(const std::string& path) {
  auto text = read_file(path, kConfigBytesMax);
  if (!text && text.error().code == Errc::not_found) return std::optional<Json>();
  if (!text) return std::move(text).error();
  auto json = Json::parse(*std::move(text));
  if (!json) return std::move(json).error().within(path);
  return std::optional(*std::move(json));
}

Status apply_config(const Json& config, BertSettings& settings) {
  const std::string type = config.text("model_type");
  if (!type.empty() && type != "bert")
    return refuse(cat("config.json is of a ", type, " model, and only BERT is supported"));
  const std::string activation = config.text("hidden_act");
  if (!activation.empty() && activation != "gelu")
    return refuse(cat("config.json asks for ", activation, ", and only gelu is supported"));
  const std::string places = config.text("position_embedding_type");
  if (!places.empty() && places != "absolute")
    return refuse(cat("config.json asks for positions that are ", places));
  settings.heads = config["num_attention_heads"].unsigned_integer();
  settings.epsilon =
      static_cast<float>(config["layer_norm_eps"].number().value_or(double{settings.epsilon}));
  return ok();
}

Status apply_pooling(const Json& pooling, BertSettings& settings) {
  const bool first = pooling["pooling_mode_cls_token"].flag();
  const bool mean = pooling["pooling_mode_mean_tokens"].flag();
  if (first == mean)
    return refuse("1_Pooling/config.json asks for neither the first token nor the mean");
  settings.pooling = first ? Pooling::first : Pooling::mean;
  return ok();
}

Result<BertSettings> read_settings(const std::string& folder) {
  BertSettings settings;
  MYNAH_LET(const auto config, read_config(folder + "/config.json"));
  if (config) MYNAH_OK(apply_config(*config, settings));
  MYNAH_LET(const auto pooling, read_config(folder + "/1_Pooling/config.json"));
  if (pooling) MYNAH_OK(apply_pooling(*pooling, settings));
  return settings;
}

Result<std::unique_ptr<WeightFile>> open_weights(const std::string& folder) {
  for (const char* name : {"/model.onnx", "/onnx/model.onnx", "/model.safetensors"}) {
    auto opened = WeightFile::open(folder + name);
    if (opened || opened.error().code != Errc::not_found) return opened;
  }
  return Error{Errc::not_found, "there is neither a model.onnx nor a model.safetensors"};
}

}  // namespace

Result<std::unique_ptr<const Model>> Model::read(const std::string& folder) {
  const auto read_all = [&]() -> Result<std::unique_ptr<const Model>> {
    MYNAH_LET(std::string json, read_file(folder + "/tokenizer.json", kTokenizerBytesMax));
    MYNAH_LET(auto tokenizer, Tokenizer::parse(std::move(json)));
    MYNAH_LET(const auto settings, read_settings(folder));
    MYNAH_LET(const auto weights, open_weights(folder));
    MYNAH_LET(auto bert, Bert::read(*weights, settings));
    if (tokenizer.size() > bert.vocabulary())
      return refuse("the tokenizer has more tokens than the weights");
    if (tokenizer.encode("", bert.positions()).ids.empty() || bert.positions() < 3)
      return refuse("the tokenizer puts nothing around a text, or the weights have no positions");
    return std::make_unique<const Model>(std::move(tokenizer), std::move(bert));
  };
  auto made = read_all();
  if (!made) return std::move(made).error().within(cat("embedding model ", folder));
  return made;
}

}  // namespace mynah::embed
