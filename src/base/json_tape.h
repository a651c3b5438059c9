// SPDX-License-Identifier: Apache-2.0
// The inside of a JSON document; included by the sources of json.h only.
//
// The tape lists all values in the order of the text, a member's name right before its value. Each
// node knows where its value begins and ends in the text, and an array or object knows which node
// comes after all that it holds, so that walking over it costs one step, whatever its size.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace mynah::detail {

struct JsonNode {
  std::uint32_t begin;  // of the value's text, quotes and brackets included
  std::uint32_t end;
  std::uint32_t link;  // array, object: index of the node behind it; string with escapes: where it
                       // stands in `resolved`
  std::uint32_t kind : 3;
  std::uint32_t escaped : 1;
  std::uint32_t count
      : 28;  // array, object: elements or members; string with escapes: its length in `resolved`
};

struct JsonTape {
  std::string text;
  std::string resolved;  // strings that held escapes, without them
  std::vector<JsonNode> nodes;
  JsonLimits limits;

  [[nodiscard]] JsonKind kind(std::uint32_t index) const {
    return static_cast<JsonKind>(nodes[index].kind);
  }
  // The node behind the value, its contents left out.
  [[nodiscard]] std::uint32_t next(std::uint32_t index) const {
    return kind(index) >= JsonKind::array ? nodes[index].link : index + 1;
  }
  [[nodiscard]] std::string_view raw(std::uint32_t index) const {
    const JsonNode& node = nodes[index];
    return std::string_view(text).substr(node.begin, node.end - node.begin);
  }
  [[nodiscard]] std::string_view string(std::uint32_t index) const {
    const JsonNode& node = nodes[index];
    if (node.escaped != 0) return std::string_view(resolved).substr(node.link, node.count);
    return std::string_view(text).substr(node.begin + 1, node.end - node.begin - 2);
  }
};

// Fills `nodes` and `resolved` from `text`.
Status read_json(JsonTape& tape);

}  // namespace mynah::detail
