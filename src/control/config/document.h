// SPDX-License-Identifier: Apache-2.0
// The YAML of a configuration file as a tree that keeps the place of everything. Aliases are
// expanded, values from the environment are in, and what a hostile file could do (nesting without
// end, aliases of aliases, gigabytes) is refused while it is read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "control/config/problems.h"

namespace mynah::control {

// Values for ${NAME}. The caller decides which variables there are.
using Environment = std::map<std::string, std::string, std::less<>>;

struct Entry;

struct Node {
  enum class Kind : std::uint8_t { null, scalar, list, map };

  Kind kind = Kind::null;
  // A scalar written without quotation marks: its text may be a number, true, false.
  bool plain = true;
  std::string text;
  Mark mark;
  std::vector<Node> items;
  std::vector<Entry> entries;  // In the order of the file; keys are unique.

  [[nodiscard]] const Entry* find(std::string_view key) const;
};

struct Entry {
  std::string key;
  Mark mark;
  Node value;
};

// What a file may be.
struct DocumentLimits {
  std::size_t bytes = 4 << 20;
  std::size_t depth = 40;
  std::size_t nodes = 200'000;  // After aliases are expanded.
};

// The documents of the text, without those that are empty. Mistakes go to `problems`; what is
// returned then is what could be read.
std::vector<Node> parse_documents(std::string_view text, const Environment& environment,
                                  Problems& problems, const DocumentLimits& limits = {});

}  // namespace mynah::control
