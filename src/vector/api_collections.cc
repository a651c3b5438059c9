// SPDX-License-Identifier: Apache-2.0
// The calls on collections and partitions.
#include <algorithm>
#include <utility>

#include "base/text.h"
#include "vector/api_parts.h"

namespace mynah::vector {
namespace {

constexpr std::string_view kServing = "SERVING";

Answer<Schema> read_schema(JsonView view) {
  Schema schema;
  if (!view || view.is_null()) return schema;
  if (!view.is_object()) return refuse(Reason::invalid_argument, "fields_schema is no object");
  if (view.size() > kFieldsMax)
    return refuse(Reason::invalid_field, cat("more than ", kFieldsMax, " fields"));
  for (const auto& [name, value] : view.members()) {
    if (!is_field_name(name)) {
      return refuse(Reason::invalid_field,
                    cat("\"", utf8_prefix(name, 40),
                        "\" is no name of a field: 1 to 32 letters, digits, _ or -"));
    }
    // The documentation's own example has a number for a type.
    const auto type =
        value.is_number() ? std::optional(FieldType::long_integer) : parse_field_type(value.text());
    if (!type) {
      return refuse(Reason::invalid_data_type,
                    cat("field ", name, ": the type is none of STRING, INT, LONG, FLOAT, BOOL"));
    }
    schema.emplace(name, *type);
  }
  return schema;
}

void write_count(std::size_t count, JsonWriter& json) {
  // A text, as DashVector writes numbers of 64 bits.
  json.member("total_doc_count", cat(count));
}

// Whether the partition is there, or would be with its first document.
Answer<PartitionStats> find_partition(Call& call) {
  const auto stats = call.database.stats(call.collection);
  if (!stats) return std::unexpected(stats.error());
  const auto found = std::ranges::find(stats->partitions, call.partition, &PartitionStats::name);
  if (found != stats->partitions.end()) return *found;
  if (call.partition == kDefaultPartition) return PartitionStats{call.partition, 0};
  return refuse(Reason::no_partition, cat("collection ", call.collection, " has no partition ",
                                          utf8_prefix(call.partition, 64)));
}

}  // namespace

CallResult create_collection(Call& call) {
  CollectionInfo info;
  auto name = text_member(call.body, "name");
  if (!name) return std::unexpected(name.error());
  info.name = *std::move(name);
  const JsonView named = call.body["vectors_schema"];
  if (named.size() > 1 || call.body["sparse_vectors_schema"].size() != 0)
    return refuse(Reason::unsupported, "documents here have one dense vector each");
  // Newer clients describe the only vector under a name.
  const JsonView shape = named.size() == 1 ? (*named.members().begin()).value : call.body;
  const auto dimension = shape["dimension"].integer();
  if (!dimension || *dimension < 1)
    return refuse(Reason::invalid_dimension, "dimension is no whole number above 0");
  info.dimension = static_cast<std::size_t>(*dimension);
  auto metric = text_member(shape, "metric");
  if (!metric) return std::unexpected(metric.error());
  const auto known = parse_metric(metric->empty() ? "cosine" : *metric);
  if (!known)
    return refuse(Reason::invalid_argument, "metric is none of cosine, dotproduct, euclidean");
  info.metric = *known;
  auto element = text_member(shape, "dtype");
  if (!element) return std::unexpected(element.error());
  if (iequals(*element, "INT")) {
    info.element = ElementType::integer;
  } else if (!element->empty() && !iequals(*element, "FLOAT")) {
    return refuse(Reason::invalid_data_type, "dtype is neither FLOAT nor INT");
  }
  auto schema = read_schema(call.body["fields_schema"]);
  if (!schema) return std::unexpected(schema.error());
  info.schema = *std::move(schema);
  if (const auto created = call.database.create(std::move(info)); !created)
    return std::unexpected(created.error());
  return nothing();
}

CallResult list_collections(Call& call) {
  return Output([names = call.database.collections()](JsonWriter& json) {
    json.begin_array();
    for (const std::string& name : names) json.value(name);
    json.end_array();
  });
}

void write_shape(JsonWriter& json, const CollectionInfo& info) {
  json.member("dimension", info.dimension);
  json.member("dtype", info.element == ElementType::integer ? "INT" : "FLOAT");
  json.member("metric", name_of(info.metric));
}

CallResult describe_collection(Call& call) {
  auto info = call.database.describe(call.collection);
  if (!info) return std::unexpected(info.error());
  auto partitions = call.database.partitions(call.collection);
  if (!partitions) return std::unexpected(partitions.error());
  return Output([info = *std::move(info), partitions = *std::move(partitions)](JsonWriter& json) {
    json.begin_object().member("name", info.name);
    write_shape(json, info);
    // By this name the official client knows that documents have one vector, without a name.
    json.key("vectors_schema").begin_object().key("proxima_vector").begin_object();
    write_shape(json, info);
    json.member("quantize_type", "").end_object().end_object();
    json.key("fields_schema").begin_object();
    for (const auto& [name, type] : info.schema) json.member(name, name_of(type));
    json.end_object();
    json.member("status", kServing);
    json.key("partitions").begin_object();
    for (const std::string& name : partitions) json.member(name, kServing);
    json.end_object().end_object();
  });
}

CallResult collection_stats(Call& call) {
  auto stats = call.database.stats(call.collection);
  if (!stats) return std::unexpected(stats.error());
  if (stats->partitions.empty()) stats->partitions.push_back({std::string(kDefaultPartition), 0});
  return Output([stats = *std::move(stats)](JsonWriter& json) {
    json.begin_object();
    write_count(stats.documents, json);
    json.member("index_completeness", stats.completeness);
    json.key("partitions").begin_object();
    for (const PartitionStats& partition : stats.partitions) {
      json.key(partition.name).begin_object();
      write_count(partition.documents, json);
      json.end_object();
    }
    json.end_object().end_object();
  });
}

CallResult delete_collection(Call& call) {
  if (const auto dropped = call.database.drop(call.collection); !dropped)
    return std::unexpected(dropped.error());
  return nothing();
}

CallResult create_partition(Call& call) {
  const auto name = text_member(call.body, "name");
  if (!name) return std::unexpected(name.error());
  if (const auto created = call.database.create_partition(call.collection, *name); !created)
    return std::unexpected(created.error());
  return nothing();
}

CallResult list_partitions(Call& call) {
  auto names = call.database.partitions(call.collection);
  if (!names) return std::unexpected(names.error());
  return Output([names = *std::move(names)](JsonWriter& json) {
    json.begin_array();
    for (const std::string& name : names) json.value(name);
    json.end_array();
  });
}

CallResult describe_partition(Call& call) {
  if (const auto found = find_partition(call); !found) return std::unexpected(found.error());
  return Output([](JsonWriter& json) { json.value(kServing); });
}

CallResult partition_stats(Call& call) {
  const auto found = find_partition(call);
  if (!found) return std::unexpected(found.error());
  return Output([count = found->documents](JsonWriter& json) {
    json.begin_object();
    write_count(count, json);
    json.end_object();
  });
}

CallResult delete_partition(Call& call) {
  const auto dropped = call.database.drop_partition(call.collection, call.partition);
  if (!dropped) return std::unexpected(dropped.error());
  return nothing();
}

}  // namespace mynah::vector
