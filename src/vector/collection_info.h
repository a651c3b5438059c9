// SPDX-License-Identifier: Apache-2.0
// What is known of a collection, but for its documents.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "vector/code.h"
#include "vector/fields.h"

namespace mynah::vector {

enum class ElementType : std::uint8_t { real, integer };
// Whether it came into being with its first document, or was asked for.
enum class Origin : std::uint8_t { first_document, request };

struct CollectionInfo {
  std::string name;
  std::size_t dimension = 0;  // 0: that of the first vector to come
  ElementType element = ElementType::real;
  Metric metric = Metric::cosine;
  Schema schema;
  Origin origin = Origin::request;
};

}  // namespace mynah::vector
