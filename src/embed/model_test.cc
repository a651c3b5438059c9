// SPDX-License-Identifier: Apache-2.0
// Whole models against the vectors of other implementations, every kind of processor that this
// machine can stand for against the plain one, and folders that make no model.
#include "embed/model.h"

#include <gtest/gtest.h>

#include "aio/testing.h"
#include "base/text.h"
#include "embed/embed_testing.h"

namespace mynah::embed {
namespace {

constexpr const char* kTiny = "tests/golden/embed/tiny";

std::unique_ptr<const Model> model_of(const std::string& folder) {
  auto made = Model::read(folder);
  if (!made) ADD_FAILURE() << made.error().what;
  MYNAH_CHECK(made.ok());
  return *std::move(made);
}

std::vector<float> vector_of(const Model& model, std::string_view text, const Kernels& kernels) {
  const Tokens tokens = model.tokens_of(text);
  const TokenSpan one(tokens.ids);
  Bert::Workspace workspace;
  return model.bert().run({&one, 1}, workspace, kernels);
}

const Kernels& best_kernels() { return *kernels_of_this_machine().back(); }

void expect_vectors(const Model& model, const std::string& name, const Kernels& kernels,
                    double cosine_min) {
  for (const ReferenceCase& each : reference_cases(name)) {
    // Long texts are for the best variant: the plain one takes its time.
    if (each.vector.empty() || (&kernels != &best_kernels() && each.ids.size() > 24)) continue;
    EXPECT_GE(cosine(vector_of(model, each.text, kernels), each.vector), cosine_min)
        << kernels.name << " " << each.text.substr(0, 60);
  }
}

TEST(Model, TheEnglishModelYieldsTheVectorsOfTheReferenceOnEveryKindOfProcessor) {
  const auto model = model_of(kEnglish);

  EXPECT_EQ(model->width(), 384U);
  for (const Kernels* kernels : kernels_of_this_machine())
    expect_vectors(*model, "bge-small-en-v1.5", *kernels, 0.995);
}

TEST(Model, TheChineseModelYieldsTheVectorsOfTheReferenceOnEveryKindOfProcessor) {
  const auto model = model_of(kChinese);

  EXPECT_EQ(model->width(), 512U);
  for (const Kernels* kernels : kernels_of_this_machine())
    expect_vectors(*model, "bge-small-zh-v1.5", *kernels, 0.995);
}

TEST(Model, AModelOfFloatsYieldsTheVectorsOfTheReferenceOnEveryKindOfProcessor) {
  const auto model = model_of(kTiny);

  for (const Kernels* kernels : kernels_of_this_machine())
    expect_vectors(*model, "tiny", *kernels, 0.999999);
}

TEST(Model, BothFormatsOfWeightsMakeTheSameModel) {
  TempFolder folder;
  const std::string config = file_text(std::string(kTiny) + "/config.json");
  for (const char* name : {"tokenizer.json", "config.json", "model.safetensors"}) {
    ASSERT_TRUE(write_file_atomically(folder.file(name), file_text(cat(kTiny, "/", name))).ok());
  }

  const auto model = model_of(folder.path().string());

  expect_vectors(*model, "tiny", best_kernels(), 0.999999);
}

TEST(Model, ATextsVectorDoesNotDependOnTheTextsBesideIt) {
  const auto model = model_of(kEnglish);
  const Tokens one = model->tokens_of("How do I reset my password?");
  const Tokens other = model->tokens_of("!!!!! ##### an entirely different and longer text");
  const TokenSpan texts[] = {other.ids, one.ids, other.ids};
  Bert::Workspace workspace;

  const auto together = model->bert().run(texts, workspace, best_kernels());
  const auto alone = model->bert().run({&texts[1], 1}, workspace, best_kernels());

  const std::span<const float> second(together.data() + 384, 384);
  EXPECT_TRUE(std::ranges::equal(second, alone));
}

TEST(Model, VectorsHaveTheLengthOne) {
  const auto model = model_of(kChinese);

  const auto vector = vector_of(*model, "你好", best_kernels());

  EXPECT_NEAR(cosine(vector, vector), 1, 1e-6);
  double square = 0;
  for (const float x : vector) square += double{x} * double{x};
  EXPECT_NEAR(square, 1, 1e-5);
}

TEST(Model, ALongTextIsCutAtTheModelsPositions) {
  const auto model = model_of(kTiny);
  std::string text;
  for (int i = 0; i < 100; ++i) text += "a ";

  const Tokens tokens = model->tokens_of(text);

  EXPECT_EQ(tokens.ids.size(), 24U);
  EXPECT_TRUE(tokens.truncated);
}

TEST(Model, ThePoolingOfTheFolderIsFollowed) {
  TempFolder folder;
  for (const char* name : {"tokenizer.json", "config.json", "model.safetensors"}) {
    ASSERT_TRUE(write_file_atomically(folder.file(name), file_text(cat(kTiny, "/", name))).ok());
  }
  std::filesystem::create_directory(folder.path() / "1_Pooling");
  ASSERT_TRUE(write_file_atomically(folder.file("1_Pooling/config.json"),
                                    R"({"pooling_mode_cls_token": false,
                                        "pooling_mode_mean_tokens": true})")
                  .ok());

  const auto mean = vector_of(*model_of(folder.path().string()), "mynah", best_kernels());
  const auto first = vector_of(*model_of(kTiny), "mynah", best_kernels());

  EXPECT_LT(cosine(mean, first), 0.99);
}

TEST(Model, AFolderThatIsNotThereIsSaidByName) {
  const auto made = Model::read("/nowhere/model");

  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().code, Errc::not_found);
  EXPECT_NE(made.error().what.find("/nowhere/model"), std::string::npos);
}

TEST(Model, DamagedWeightsAreRefused) {
  TempFolder folder;
  ASSERT_TRUE(
      write_file_atomically(folder.file("tokenizer.json"), file_text(cat(kTiny, "/tokenizer.json")))
          .ok());
  const std::string weights = file_text(cat(kTiny, "/model.onnx"));
  ASSERT_TRUE(
      write_file_atomically(folder.file("model.onnx"), weights.substr(0, weights.size() / 2)).ok());

  const auto made = Model::read(folder.path().string());

  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().code, Errc::invalid_argument);
}

TEST(Model, AModelOfAnotherKindIsRefused) {
  TempFolder folder;
  for (const char* name : {"tokenizer.json", "model.onnx"}) {
    ASSERT_TRUE(write_file_atomically(folder.file(name), file_text(cat(kTiny, "/", name))).ok());
  }
  ASSERT_TRUE(
      write_file_atomically(folder.file("config.json"), R"({"model_type": "roberta"})").ok());

  const auto made = Model::read(folder.path().string());

  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().code, Errc::unsupported);
}

}  // namespace
}  // namespace mynah::embed
