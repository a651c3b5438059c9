// SPDX-License-Identifier: Apache-2.0
// Which words exist, what their base forms are, and which are misspellings.
#include "words.h"

#include <gtest/gtest.h>

namespace gate {
namespace {

TEST(Words, WordsOfTheListAndTheirFormsAreKnown) {
  EXPECT_TRUE(is_known("photosynthesis"));
  EXPECT_TRUE(is_known("walking"));
  EXPECT_TRUE(is_known("insulin"));
  EXPECT_TRUE(is_known("inulin"));
  EXPECT_FALSE(is_known("photosynthisis"));
  EXPECT_FALSE(is_known("Straße"));
  EXPECT_FALSE(is_known(""));
}

TEST(Words, RegularFormsHaveTheirBase) {
  EXPECT_EQ(base_of("making").word, "make");
  EXPECT_EQ(base_of("running").word, "run");
  EXPECT_EQ(base_of("falling").word, "fall");
  EXPECT_EQ(base_of("walked").word, "walk");
  EXPECT_EQ(base_of("hoped").word, "hope");
  EXPECT_EQ(base_of("boxes").word, "box");
  EXPECT_EQ(base_of("movies").word, "movie");
  EXPECT_EQ(base_of("parties").word, "party");
  EXPECT_EQ(base_of("string").word, "string");
  EXPECT_EQ(base_of("glass").word, "glass");
  EXPECT_EQ(base_of("virus").word, "virus");
}

TEST(Words, FormsTellWhichOneTheyAre) {
  EXPECT_EQ(base_of("ended").inflection, Inflection::past);
  EXPECT_EQ(base_of("ending").inflection, Inflection::ing);
  EXPECT_EQ(base_of("ends").inflection, Inflection::none);
}

TEST(Words, AMisspellingIsNearAWordAndNoWord) {
  EXPECT_TRUE(is_misspelling("definately", "definitely"));
  EXPECT_TRUE(is_misspelling("conect", "connect"));
  EXPECT_TRUE(is_misspelling("from", "frmo"));
}

TEST(Words, TwoWordsAreNoMisspellings) {
  EXPECT_FALSE(is_misspelling("slovakia", "slovenia"));
  EXPECT_FALSE(is_misspelling("insulin", "inulin"));
  EXPECT_FALSE(is_misspelling("affect", "effect"));
  EXPECT_FALSE(is_misspelling("cat", "cta"));
}

TEST(Words, ExchangedNeighboursAreOneSlip) {
  EXPECT_EQ(slips_between(U"abcd", U"abdc", 2), 1);
  EXPECT_EQ(slips_between(U"abcd", U"abcd", 2), 0);
  EXPECT_EQ(slips_between(U"abcd", U"wxyz", 2), 3);
}

}  // namespace
}  // namespace gate
