// SPDX-License-Identifier: Apache-2.0
// How texts of a file look in messages.
#include "control/config/problems.h"

#include <string>

#include <gtest/gtest.h>

namespace mynah::control {
namespace {

TEST(Problems, quote_texts_with_control_characters_replaced) {
  EXPECT_EQ(in_quotes("a\nb\x7f"), "\"a?b?\"");
}

TEST(Problems, quote_the_beginning_of_a_long_text) {
  EXPECT_EQ(in_quotes(std::string(100, 'a')), "\"" + std::string(80, 'a') + "…\"");
}

TEST(Problems, quote_the_end_of_a_long_path_which_names_the_file) {
  const std::string path = "/" + std::string(100, 'a') + "/none.pem";

  EXPECT_EQ(path_in_quotes(path), "\"…" + std::string(71, 'a') + "/none.pem\"");
}

TEST(Problems, cut_no_character_in_two) {
  const std::string name = "é" + std::string(79, 'a');

  EXPECT_EQ(path_in_quotes(name), "\"…" + std::string(79, 'a') + "\"");
}

}  // namespace
}  // namespace mynah::control
