// SPDX-License-Identifier: Apache-2.0
// What tests of this layer share: the models that come with Mynah, and what other implementations
// make of some texts (tools/make_embedding_reference.py).
#pragma once

#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "aio/files.h"
#include "base/check.h"
#include "base/json.h"

namespace mynah::embed {

inline constexpr const char* kEnglish = MYNAH_MODELS "/bge-small-en-v1.5-q";
inline constexpr const char* kChinese = MYNAH_MODELS "/bge-small-zh-v1.5-q";
inline constexpr const char* kReference = "tests/golden/embed/";

struct ReferenceCase {
  std::string text;
  std::vector<std::uint32_t> ids;
  std::vector<float> vector;  // of some
};

inline std::string file_text(const std::string& path) {
  auto text = read_file(path, 64U << 20U);
  MYNAH_CHECK(text.ok());  // a missing model is installed by ./dev test
  return *std::move(text);
}

inline std::vector<ReferenceCase> reference_cases(const std::string& name) {
  const auto json = Json::parse(file_text(kReference + name + ".json"));
  std::vector<ReferenceCase> cases;
  for (const JsonView each : json->root().items()) {
    ReferenceCase& made = cases.emplace_back();
    made.text = each["text"].text();
    for (const JsonView id : each["ids"].items())
      made.ids.push_back(static_cast<std::uint32_t>(*id.unsigned_integer()));
    for (const JsonView x : each["vector"].items())
      made.vector.push_back(static_cast<float>(*x.number()));
  }
  return cases;
}

inline double cosine(std::span<const float> a, std::span<const float> b) {
  MYNAH_CHECK(a.size() == b.size());
  double ab = 0;
  double aa = 0;
  double bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += double{a[i]} * double{b[i]};
    aa += double{a[i]} * double{a[i]};
    bb += double{b[i]} * double{b[i]};
  }
  return ab / std::sqrt(aa * bb);
}

}  // namespace mynah::embed
