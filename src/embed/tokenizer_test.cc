// SPDX-License-Identifier: Apache-2.0
// The tokens of a reference implementation, token for token, and what damaged files are answered.
#include "embed/tokenizer.h"

#include <gtest/gtest.h>

#include "embed/embed_testing.h"

namespace mynah::embed {
namespace {

constexpr std::size_t kRoom = 512;

Tokenizer tokenizer_of(const std::string& folder) {
  auto made = Tokenizer::parse(file_text(folder + "/tokenizer.json"));
  MYNAH_CHECK(made.ok());
  return *std::move(made);
}

std::string small_file(const std::string& vocabulary,
                       const std::string& normalizer = R"("type": "BertNormalizer")") {
  return R"({"normalizer": {)" + normalizer +
         R"(}, "pre_tokenizer": {"type": "BertPreTokenizer"},
            "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 2], "cls": ["[CLS]", 1]},
            "model": {"type": "WordPiece", "vocab": {)" +
         vocabulary + "}}}";
}

const std::string kLetters = R"("[UNK]": 0, "[CLS]": 1, "[SEP]": 2, "a": 3, "##b": 4, "ab": 5)";

TEST(Tokenizer, EnglishTextBecomesTheTokensOfTheReference) {
  const Tokenizer tokenizer = tokenizer_of(kEnglish);

  for (const ReferenceCase& each : reference_cases("bge-small-en-v1.5"))
    EXPECT_EQ(tokenizer.encode(each.text, kRoom).ids, each.ids) << each.text;
}

TEST(Tokenizer, ChineseTextBecomesTheTokensOfTheReference) {
  const Tokenizer tokenizer = tokenizer_of(kChinese);

  for (const ReferenceCase& each : reference_cases("bge-small-zh-v1.5"))
    EXPECT_EQ(tokenizer.encode(each.text, kRoom).ids, each.ids) << each.text;
}

TEST(Tokenizer, CapitalsAreNoUnknownWordsToAVocabularyOfSmallLetters) {
  const Tokenizer tokenizer = tokenizer_of(kChinese);

  EXPECT_EQ(tokenizer.encode("SQL", kRoom).ids, tokenizer.encode("sql", kRoom).ids);
  EXPECT_EQ(tokenizer.encode("SQL", kRoom).meaningless, 0U);
}

TEST(Tokenizer, CapitalsStayWhereTheVocabularyHasThem) {
  auto tokenizer = Tokenizer::parse(
      small_file(kLetters + R"(, "A": 6)", R"("type": "BertNormalizer", "lowercase": false)"));

  EXPECT_EQ(tokenizer->encode("A a", kRoom).ids, (std::vector<std::uint32_t>{1, 6, 3, 2}));
}

TEST(Tokenizer, SpecialTokensInATextArePlainText) {
  const Tokenizer tokenizer = tokenizer_of(kEnglish);

  const Tokens tokens = tokenizer.encode("[SEP]", kRoom);

  EXPECT_EQ(tokens.of_text, 3U);  // "[", "sep", "]"
}

TEST(Tokenizer, ALongTextIsCutAtTheRoomThatThereIs) {
  const auto tokenizer = Tokenizer::parse(small_file(kLetters));

  const Tokens tokens = tokenizer->encode("a a a a", 5);

  EXPECT_EQ(tokens.ids, (std::vector<std::uint32_t>{1, 3, 3, 3, 2}));
  EXPECT_TRUE(tokens.truncated);
  EXPECT_FALSE(tokenizer->encode("a a a", 5).truncated);
}

TEST(Tokenizer, WordsThatTheVocabularyLacksAreMeaningless) {
  const auto tokenizer = Tokenizer::parse(small_file(kLetters));

  const Tokens tokens = tokenizer->encode("ab ac ab", kRoom);

  EXPECT_EQ(tokens.ids, (std::vector<std::uint32_t>{1, 5, 0, 5, 2}));
  EXPECT_EQ(tokens.of_text, 3U);
  EXPECT_EQ(tokens.meaningless, 1U);
}

TEST(Tokenizer, ScriptsThatTheVocabularySpellsLetterByLetterAreMeaningless) {
  const Tokenizer tokenizer = tokenizer_of(kEnglish);

  const Tokens tokens = tokenizer.encode("здравствуйте", kRoom);

  EXPECT_EQ(tokens.of_text, 12U);
  EXPECT_EQ(tokens.meaningless, 12U);
}

TEST(Tokenizer, BytesThatAreNotUtf8AreLeftOut) {
  const auto tokenizer = Tokenizer::parse(small_file(kLetters));

  EXPECT_EQ(tokenizer->encode("a\xff\xfe b\x80", kRoom).ids,
            (std::vector<std::uint32_t>{1, 3, 0, 2}));
}

TEST(Tokenizer, AFileOfAnotherKindIsRefusedWithItsKind) {
  const auto made = Tokenizer::parse(R"({"model": {"type": "Unigram", "vocab": []}})");

  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().code, Errc::unsupported);
  EXPECT_NE(made.error().what.find("Unigram"), std::string::npos);
}

TEST(Tokenizer, DamagedFilesAreRefused) {
  EXPECT_FALSE(Tokenizer::parse("").ok());
  EXPECT_FALSE(Tokenizer::parse("{}").ok());
  EXPECT_FALSE(Tokenizer::parse(small_file("")).ok());
  EXPECT_FALSE(Tokenizer::parse(small_file(R"("a": 1)")).ok());
  EXPECT_FALSE(Tokenizer::parse(small_file(R"("[UNK]": -1)")).ok());
  EXPECT_FALSE(Tokenizer::parse(small_file(R"("[UNK]": 4000000000)")).ok());
  EXPECT_FALSE(Tokenizer::parse(small_file(R"("[UNK]": 0, "[CLS]": 1)")).ok());
}

}  // namespace
}  // namespace mynah::embed
