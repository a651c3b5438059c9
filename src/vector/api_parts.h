// SPDX-License-Identifier: Apache-2.0
// What the calls of the interface share: the request taken apart, and answers.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/json_writer.h"
#include "vector/api.h"
#include "vector/database.h"

namespace mynah::vector {

// A request for one of the calls: its names, its query, its body as JSON.
struct Call {
  Database& database;
  std::string collection;
  std::string partition;  // of the path
  std::string query;
  JsonView body;
};

// Writes the value of "output"; nothing when the call has none.
using Output = std::move_only_function<void(JsonWriter&)>;

// An answer's output, or the reason for its code.
using CallResult = Answer<Output>;

inline CallResult nothing() { return Output(); }

// Calls on documents.
CallResult insert_documents(Call& call);
CallResult update_documents(Call& call);
CallResult upsert_documents(Call& call);
CallResult delete_documents(Call& call);
CallResult fetch_documents(Call& call);
CallResult query_documents(Call& call);

// Calls on collections and partitions.
CallResult create_collection(Call& call);
CallResult list_collections(Call& call);
CallResult describe_collection(Call& call);
CallResult collection_stats(Call& call);
CallResult delete_collection(Call& call);
CallResult create_partition(Call& call);
CallResult list_partitions(Call& call);
CallResult describe_partition(Call& call);
CallResult partition_stats(Call& call);
CallResult delete_partition(Call& call);

// A member that is a text if it is there at all.
Answer<std::string> text_member(JsonView object, std::string_view name);
// The value of a name in a query, percent-decoded; empty when it is not there.
std::string query_value(std::string_view query, std::string_view name);

}  // namespace mynah::vector
