// SPDX-License-Identifier: Apache-2.0
// Goal: the schema and the reference page in the repository are what the sections say, and they say
// something about every field. UPDATE=1 in the environment writes the files instead.
#include "control/config/describe.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "control/config/sections.h"

namespace mynah::control {
namespace {

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void expect_fresh(const std::string& path, const std::string& text) {
  if (std::getenv("UPDATE") != nullptr) std::ofstream(path, std::ios::binary) << text;
  EXPECT_TRUE(contents(path) == text) << path << " is stale: run this test with UPDATE=1";
}

TEST(DescribeConfig, TheSchemaInTheRepositoryIsFresh) {
  expect_fresh("schema/config.schema.json", config_schema());
}

TEST(DescribeConfig, TheReferencePageInTheRepositoryIsFresh) {
  expect_fresh("docs/reference/configuration.md", config_reference());
}

// Every section's name is unique, as the schema's definitions need it, and all is documented.
void expect_documented(const SectionInfo& section, std::set<const SectionInfo*>& seen,
                       std::set<std::string>& names) {
  if (!seen.insert(&section).second) return;
  EXPECT_TRUE(names.insert(section.name).second) << section.name << " is the name of two sections";
  EXPECT_FALSE(section.doc.empty()) << section.name;
  for (const FieldInfo& field : section.fields) {
    EXPECT_TRUE(field.doc.ends_with('.')) << section.name << "." << field.name;
    EXPECT_FALSE(field.kind.word.empty()) << section.name << "." << field.name;
    if (field.kind.parts != nullptr) expect_documented(*field.kind.parts, seen, names);
  }
}

TEST(DescribeConfig, EveryFieldIsDocumentedInASentence) {
  std::set<const SectionInfo*> seen;
  std::set<std::string> names;

  expect_documented(config_section().info(), seen, names);

  EXPECT_GT(names.size(), 20U);
}

}  // namespace
}  // namespace mynah::control
