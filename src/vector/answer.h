// SPDX-License-Identifier: Apache-2.0
// Answer<T>: a value, or the reason why there is none, with the number by which DashVector's
// documentation calls that reason. The numbers are a part of the interface that plug-ins speak, and
// tell apart what Errc does not: a missing collection from a missing partition.
#pragma once

#include <expected>
#include <string>
#include <utility>

#include "base/result.h"

namespace mynah::vector {

enum class Reason : int {
  success = 0,
  unknown = -999,
  empty_documents = -2005,
  invalid_query = -2009,
  invalid_write = -2010,
  invalid_vector_format = -2011,
  invalid_data_type = -2012,
  invalid_vector = -2014,
  invalid_filter = -2015,
  invalid_id = -2016,
  invalid_field = -2017,
  mismatched_dimension = -2019,
  mismatched_data_type = -2020,
  no_collection = -2021,
  no_partition = -2022,
  no_document = -2024,
  duplicate_collection = -2025,
  duplicate_partition = -2026,
  duplicate_document = -2027,
  unsupported = -2031,
  too_often = -2034,
  invalid_batch = -2036,
  invalid_dimension = -2037,
  invalid_count = -2041,
  invalid_collection_name = -2042,
  invalid_partition_name = -2043,
  invalid_json = -2047,
  too_large = -2970,
  vector_and_id = -2973,
  invalid_argument = -2999,
};

struct Refusal {
  Reason reason = Reason::unknown;
  std::string what;
};

template <class T>
using Answer = std::expected<T, Refusal>;

inline std::unexpected<Refusal> refuse(Reason reason, std::string what) {
  return std::unexpected(Refusal{reason, std::move(what)});
}

}  // namespace mynah::vector
