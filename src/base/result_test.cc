// SPDX-License-Identifier: Apache-2.0
// Goal: a Result holds one of two things, and the passing-on forms leave at the first error.
#include "base/result.h"

#include <memory>

#include <gtest/gtest.h>

namespace mynah {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return Error{Errc::invalid_argument, "odd"};
  return number / 2;
}

Result<int> quarter(int number) {
  MYNAH_LET(const int once, half(number));
  MYNAH_LET(const int twice, half(once));
  return twice;
}

Status both_even(int a, int b) {
  MYNAH_OK(half(a));
  MYNAH_OK(half(b));
  return ok();
}

TEST(Result, HoldsAValue) {
  const Result<int> result = 4;

  EXPECT_TRUE(result.ok());
  EXPECT_EQ(*result, 4);
}

TEST(Result, PassesAnErrorOnFromTheMiddleOfAFunction) {
  EXPECT_EQ(*quarter(8), 2);
  EXPECT_EQ(quarter(6).error().what, "odd");
  EXPECT_TRUE(both_even(2, 4));
  EXPECT_FALSE(both_even(2, 3));
}

TEST(Result, CarriesAValueThatCanOnlyBeMoved) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(7);

  const std::unique_ptr<int> taken = *std::move(result);

  EXPECT_EQ(*taken, 7);
}

TEST(Result, FallsBackWhenThereIsNoValue) {
  EXPECT_EQ(half(3).value_or(-1), -1);
  EXPECT_EQ(half(4).value_or(-1), 2);
}

TEST(Result, AnErrorTellsWhatWasBeingDone) {
  const Error error = Error{Errc::not_found, "no such file"}.within("load a.wasm");

  EXPECT_EQ(error.what, "load a.wasm: no such file");
  EXPECT_EQ(name_of(error.code), "not-found");
}

TEST(ResultDeathTest, ReadingTheValueOfAnErrorEndsTheProcess) {
  const Result<int> result = Error{Errc::internal, "none"};

  EXPECT_DEATH((void)*result, "broken invariant");
}

}  // namespace
}  // namespace mynah
