// SPDX-License-Identifier: Apache-2.0
// Goal: every kind of mistake in a configuration gets an error that names its place and its remedy.
// Method: tests/golden/config/*.yaml are loaded; what comes out must be the .out beside each, "ok"
// or the errors. UPDATE=1 in the environment writes the .out files instead; review the diff.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "control/config/load.h"

namespace mynah::control {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFolder = "tests/golden/config";

std::string contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> cases() {
  std::vector<std::string> names;
  if (!fs::is_directory(kFolder)) return names;
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
  }
  std::ranges::sort(names);
  return names;
}

std::string outcome_of(const std::string& name) {
  const Environment environment = {{"KEY", "secret"}, {"PORT", "9000"}, {"EMPTY", ""}};
  const std::string text = contents(fs::path(kFolder) / (name + ".yaml"));
  const auto loaded = parse_config(text, name + ".yaml", kFolder, environment);
  return (loaded ? "ok" : loaded.error().what) + "\n";
}

class GoldenConfig : public testing::TestWithParam<std::string> {};

TEST_P(GoldenConfig, GivesTheExpectedErrors) {
  const fs::path expected = fs::path(kFolder) / (GetParam() + ".out");

  const std::string outcome = outcome_of(GetParam());

  if (std::getenv("UPDATE") != nullptr) std::ofstream(expected, std::ios::binary) << outcome;
  EXPECT_EQ(outcome, contents(expected));
}

INSTANTIATE_TEST_SUITE_P(Files, GoldenConfig, testing::ValuesIn(cases()), [](const auto& info) {
  std::string name = info.param;
  std::ranges::replace_if(name, [](char c) { return c == '-' || c == '.'; }, '_');
  return name;
});

}  // namespace
}  // namespace mynah::control
